"""A programme year while it runs: acts as they come due, usage and orders as they are sent.

What happens here is what a run over the whole folder does later: what is sent is first kept in the
folder of the year, and then worked on by the same acts, at the instant it came in.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from django.db import Error as DatabaseFault
from django.db import connection

from evernormal.actions.desk import Desk
from evernormal.actions.live_orders import LiveOrders, SentOrder, TakenOrder
from evernormal.actions.year import came_in, take, work_until
from evernormal.connectors.received import ReceivedFolder
from evernormal.domain.audit import Checkpoint
from evernormal.domain.errors import DomainError
from evernormal.formats.intake.assembly import usage_file_of
from evernormal.formats.intake.readings import Readings, known_of
from evernormal.formats.intake.received import meter_of
from evernormal.formats.intake.register import (
    BATCHES,
    ORDERS,
    Receipt,
    find_sender,
    is_received,
)
from evernormal.formats.intake.year_input import Agent, Buyer, UsageFile
from evernormal.formats.signed_request import NotSigned, Question, verify_request
from evernormal.formats.usage_answer import BatchProblem, BatchProblems
from evernormal.formats.usage_batch import UsageBatch, decode, verify
from evernormal.store.queries.receipts import (
    TakenBatch,
    count_programmes,
    find_taken,
    is_closed,
    last_act_at,
    list_taken,
    log_head,
)

_TICK: Final = timedelta(microseconds=1)


class BatchReused(DomainError):
    """A batch has the id of an earlier one, and says something else."""

    code = "batch.reused"

    def __init__(self, *, batch: str) -> None:
        self.batch = batch
        super().__init__(
            f"Batch {batch} was received before with other bytes. Send these under a new id."
        )


class NotOpenYet(DomainError):
    """The programme year has not begun."""

    code = "programme.not_open_yet"

    def __init__(self, *, programme: str, opens_on: date) -> None:
        self.programme, self.opens_on = programme, opens_on
        super().__init__(f"{programme} opens on {opens_on}. Send it again then.")


class ReceivedLost(DomainError):
    """The books hold batches that the folder of the year does not."""

    code = "received.lost"

    def __init__(self, *, path: str, count: int) -> None:
        self.path, self.count = path, count
        super().__init__(
            f"The books hold {count} accepted batches that usage/received.csv does not name, as "
            f"{path}. Put the register and the batches back from a backup; batches without a "
            "line lie in .set-aside. Nothing was received."
        )


class WorkStuck(DomainError):
    """What is due cannot be done now: the database, the lake or an act refuses."""

    code = "live.stuck"

    def __init__(self) -> None:
        super().__init__("The service cannot work at the moment. What was sent is sent again.")


@dataclass(frozen=True, slots=True)
class Sent:
    """A batch that a registered key signed, not yet compared with anything."""

    batch: UsageBatch
    body: bytes
    agent: Agent
    signature: str


@dataclass(frozen=True, slots=True)
class Taken:
    """A batch that was taken in. `is_new`: now, and not by an earlier request."""

    batch: UsageBatch
    is_new: bool
    outcome: TakenBatch


class LiveYear:
    """One programme year that runs. Of one thread: acts of a programme have one order."""

    def __init__(self, desk: Desk, received: ReceivedFolder) -> None:
        """Take over a year as its folder tells it; nothing is done yet.

        raises   ReceivedLost
        """
        year = desk.year
        self._received = received
        self._sha256 = {file.path: file.sha256 for file in year.usage if is_received(file.path)}
        lost = [
            path
            for path in list_taken(desk.programme_id)
            if is_received(path) and path not in self._sha256
        ]
        if lost:
            raise ReceivedLost(path=lost[0], count=len(lost))
        self._orders = LiveOrders(desk)
        self._readings = Readings(known_of(year, prices=desk.prices))
        for file in year.usage:
            self._readings.count(file)
        self._readings.keep()
        # What came in is on the disk and in the lake; in memory it would only grow.
        files = {path: data for path, data in year.files.items() if not is_received(path)}
        self._desk = replace(desk, year=replace(year, usage=(), files=files))
        self._waiting = list(year.usage)
        self._early: list[UsageFile] = []
        self._worked_until: datetime | None = None
        # Where an earlier service or run came to, also if the clock was ahead then.
        self._since = last_act_at(desk.programme_id)

    @property
    def worked_until(self) -> datetime | None:
        """The instant up to which everything due was done; None before the first time."""
        return self._worked_until

    @property
    def desk(self) -> Desk:
        """The year as its office put it in; without usage."""
        return self._desk

    def agent_of(self, key: str, *, now: datetime) -> Agent:
        """The provider's agent that a key belongs to.

        raises   NotSigned
        """
        day = now.astimezone(self._desk.zone).date()
        agent = find_sender(self._desk.year.agents, key=key, on=day)
        if agent is None:
            raise NotSigned
        return agent

    def buyer_of(self, key: str, *, now: datetime) -> Buyer:
        """The applicant's key of a fingerprint.

        raises   NotSigned
        """
        day = now.astimezone(self._desk.zone).date()
        buyer = find_sender(self._desk.year.buyers, key=key, on=day)
        if buyer is None:
            raise NotSigned
        return buyer

    def asker_of(self, question: Question, *, headers: dict[str, str], now: datetime) -> Agent:
        """The agent that signed a question.

        headers  by names in lower case
        raises   NotSigned
        """
        agent = self.agent_of(headers.get("evernormal-key", ""), now=now)
        verify_request(question, headers=headers, public_key=agent.public_key, now=now)
        return agent

    def head(self) -> Checkpoint:
        """The head of the log.

        raises   NotOpenYet
        """
        with _worked():
            head = log_head(self._desk.programme_id)
        if head is None:
            raise self._not_open_yet()
        return head

    def catch_up(self, now: datetime) -> None:
        """Do everything that is due by now.

        raises   WorkStuck; what was done before stays done, and the next call goes on
        """
        with _worked():
            self._work(self._instant(now))

    def read(self, body: bytes, *, key: str, signature: str, now: datetime) -> Sent:
        """Read what was sent, and find out who sent it. Of any thread: it changes nothing.

        body       as it came over the wire
        key        fingerprint that the sender named; `signature` in base64
        raises     NotSigned; BatchProblems
        """
        agent = self.agent_of(key, now=now)
        verify(body, signature=signature, public_key=agent.public_key)
        batch = decode(body)
        if batch.provider_id != agent.provider_id:
            # Whose key it is says who sends: the provider that is named did not sign it.
            raise NotSigned
        return Sent(batch, body, agent, signature)

    def receive(self, sent: Sent, *, now: datetime) -> Taken:
        """Take a batch in: durable, accepted and charged when this returns.

        now        the present instant
        raises     BatchProblems; BatchReused; NotOpenYet; the refusals of ReceivedFolder.keep;
                   WorkStuck, after which the same bytes may be sent again
        """
        path = BATCHES.path_of(sent.batch.provider_id, sent.batch.id)
        sha256 = hashlib.sha256(sent.body).hexdigest()
        if self._sha256.get(path, sha256) != sha256:
            raise BatchReused(batch=sent.batch.id)
        is_new = path not in self._sha256
        with _worked():
            at = self._instant(now)
            self._work(at)
            if is_new:
                # After all that was done, so that a run of the year does it in the same order.
                at += _TICK
                self._demand_open(at)
                self._keep(sent, path=path, at=at)
                self._work(at)
            outcome = find_taken(self._desk.programme_id, path)
        if outcome is None:
            raise AssertionError(f"{path} was registered and not accepted")
        return Taken(sent.batch, is_new, outcome)

    def receive_order(self, sent: SentOrder, *, now: datetime) -> TakenOrder:
        """Take an order in: durable and placed when this returns.

        now        the present instant
        raises     as `receive`, and OrderReused
        """
        is_new = self._orders.is_new(sent)
        with _worked():
            at = self._instant(now)
            self._work(at)
            if is_new:
                at += _TICK
                self._demand_open(at)
                self._keep_order(sent, at=at)
                self._work(at)
            outcome = self._orders.outcome_of(sent)
        return TakenOrder(sent.request, is_new, outcome)

    def _keep_order(self, sent: SentOrder, *, at: datetime) -> None:
        """Compare an order with all that is known, and make it last."""
        received = self._orders.demand_sound(sent, at=at)
        receipt = Receipt(
            received.path, sent.buyer.applicant_id, at, sent.buyer.key, sent.signature
        )
        self._received.keep(receipt, sent.body, register=ORDERS)
        # From here on the order is promised to whoever reads the folder: its work is owed.
        self._orders.add(received)
        self._readings.ask(received.order)
        year = self._desk.year
        orders = (*year.orders, received.order)
        came = (*year.received_orders, received)
        self._desk = replace(self._desk, year=replace(year, orders=orders, received_orders=came))

    def _keep(self, sent: Sent, *, path: str, at: datetime) -> None:
        """Compare a batch with all that is known, and make it last."""
        batch, agent = sent.batch, sent.agent
        receipt = Receipt(path, batch.provider_id, at, agent.key, sent.signature)
        meter = meter_of(batch, body=sent.body, receipt=receipt, agent=agent)
        trial = self._readings.trial()
        problems = [*trial.add(meter), *trial.overlaps()]
        if problems:
            raise BatchProblems(
                BatchProblem(
                    place=str(p.column or "") if p.file == meter.path else "",
                    code=p.code,
                    message=p.message,
                    todo=p.todo,
                )
                for p in problems
            )
        self._received.keep(receipt, sent.body)
        # From here on the batch is promised to whoever reads the folder: its work is owed.
        trial.keep()
        self._sha256[meter.path] = meter.sha256
        self._waiting.append(usage_file_of(meter))

    def _demand_open(self, at: datetime) -> None:
        programme = self._desk.year.programme
        if at < self._desk.at(programme.opens_on):
            raise self._not_open_yet()
        is_over = self._day_of(at) > programme.closes_on
        if is_over or is_closed(programme.id):
            message = f"{programme.id} closed on {programme.closes_on}."
            todo = "Usage that comes later belongs to the next year's books."
            raise BatchProblems([BatchProblem("", "programme.closed", message, todo)])

    def _not_open_yet(self) -> NotOpenYet:
        programme = self._desk.year.programme
        return NotOpenYet(programme=programme.id, opens_on=programme.opens_on)

    # --- Acts in the order of time ---------------------------------------------------------------

    def _instant(self, now: datetime) -> datetime:
        """Now, or where the work has come to: the computer's clock may be set back."""
        return max(now, self._worked_until or now, self._since or now)

    def _work(self, until: datetime) -> None:
        """Do what is due; no act has a later instant than `until` then.

        raises   WorkStuck where an act refuses what was found to be sound
        """
        if until < self._desk.at(self._desk.year.programme.opens_on):
            return
        try:
            self._do_acts(until)
        except DomainError as refusal:
            raise WorkStuck from refusal
        for file in self._due(until):
            if until < self._desk.at(self._day_of(file.received_at)):
                # The office has not opened on that day: what it does then may rest on the file.
                self._early.append(replace(file, records=(), lines=()))
        self._waiting = [file for file in self._waiting if file.received_at > until]
        self._worked_until = until

    def _do_acts(self, until: datetime) -> None:
        if self._is_office_due(until):
            year = replace(self._desk.year, usage=(*self._early, *self._waiting))
            work_until(replace(self._desk, year=year), until=until, progress=lambda _day: None)
            self._early.clear()
        else:
            since = self._worked_until
            year = replace(self._desk.year, usage=tuple(self._waiting))
            desk = replace(self._desk, year=year)
            for each in came_in(desk, since=since, until=until):
                take(desk, each)

    def _due(self, until: datetime) -> list[UsageFile]:
        return [file for file in self._waiting if file.received_at <= until]

    def _is_office_due(self, until: datetime) -> bool:
        """Whether the office opens on some day between the work done and an instant."""
        if self._worked_until is None:
            return True
        since, day = self._worked_until, self._day_of(until)
        return self._day_of(since) < day - timedelta(days=1) or any(
            since < self._desk.at(each) <= until for each in (day - timedelta(days=1), day)
        )

    def _day_of(self, instant: datetime) -> date:
        return instant.astimezone(self._desk.zone).date()


def demand_database() -> None:
    """Ask the database something.

    raises   WorkStuck
    """
    with _worked():
        count_programmes()


@contextmanager
def _worked() -> Iterator[None]:
    """Tell faults of the database and the disk apart from refusals of what was sent."""
    try:
        yield
    except DatabaseFault as error:
        # Whatever broke it, the next request begins with a new connection.
        if not connection.in_atomic_block:
            connection.close()
        raise WorkStuck from error
    except OSError as error:
        raise WorkStuck from error
