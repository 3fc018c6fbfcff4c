"""From an identifier to its explanation: which acts tell it, and in which order."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from evernormal.domain.market import MINIMUM
from evernormal.formats.explanation.accounts import tell_account
from evernormal.formats.explanation.acts import (
    charged_lines,
    tell_act,
    tell_charge,
    tell_record,
    tell_transfers,
    transfer_line,
)
from evernormal.formats.explanation.clauses import SchemeView
from evernormal.formats.explanation.decisions import applied_on
from evernormal.formats.explanation.findings import Teller
from evernormal.formats.explanation.reading import ActRecord, draws_of, each_of, text_of
from evernormal.formats.explanation.trail import Trail
from evernormal.formats.explanation.tree import Explanation, Line, Mark, sources_of
from evernormal.locale import Words


@dataclass(frozen=True, slots=True)
class Explainer:
    """Explains identifiers of one year's books in one language."""

    trail: Trail
    scheme: SchemeView
    words: Words

    def explain(self, identifier: str) -> Explanation:
        """Say how a number came about.

        raises   UnknownIdentifier with the nearest ones
        """
        kind = self.trail.kind_of(identifier)
        lines = tuple(self._lines(kind, identifier))
        return Explanation(
            identifier=identifier,
            title=self.words.say(f"explain.title_{kind}", id=identifier),
            lines=lines,
            sources=tuple(dict.fromkeys(sources_of(lines))),
        )

    def teller_for(self, act: ActRecord) -> Teller:
        """The words and the clauses in force for an act: those of the day of application."""
        return Teller(words=self.words, scheme=self.scheme, day=self._day_of(act))

    def _lines(self, kind: str, identifier: str) -> Iterator[Line]:
        tellers: dict[str, Callable[[str], Iterator[Line]]] = {
            "contract": self._decision,
            "decision": self._decision,
            "award": self._award,
            "voucher": self._voucher,
            "hold": self._hold,
            "account": self._account,
            "transfer": self._transfer,
            "charge": self._charge,
            "instruction": self._instruction,
            "claim": self._claim,
        }
        return tellers.get(kind, self._told)(identifier)

    def _decision(self, identifier: str) -> Iterator[Line]:
        yield from self._told(identifier)
        yield from self._told(f"V-{identifier.removeprefix('D-')}", act="ISSUE_VOUCHER")

    def _award(self, award_id: str) -> Iterator[Line]:
        yield from self._told(award_id)
        yield from self._told(f"D-{award_id.removeprefix('A-')}", act="ASSESS")

    def _voucher(self, voucher_id: str) -> Iterator[Line]:
        yield from self._told(voucher_id, with_record=False)
        yield from self._account(f"VOUCHER:{voucher_id}")

    def _hold(self, hold_id: str) -> Iterator[Line]:
        yield from self._told(hold_id)
        yield from self._charged(hold_id)

    def _claim(self, claim_id: str) -> Iterator[Line]:
        yield from self._told(claim_id)
        yield from self._paid(f"P-{claim_id}")

    def _told(
        self, identifier: str, *, act: str | None = None, with_record: bool = True
    ) -> Iterator[Line]:
        """Each act of an identifier: what it decided, its transfers, its place in the log."""
        for found in self.trail.acts_of(identifier, act=act):
            teller = self.teller_for(found)
            yield from tell_act(found, teller)
            if with_record:
                yield from tell_transfers(found, teller)
                yield tell_record(found, teller)

    def _account(self, account_id: str) -> Iterator[Line]:
        return tell_account(account_id, self.trail.acts_of(account_id), self.words)

    def _transfer(self, transfer_id: str) -> Iterator[Line]:
        for act in self.trail.acts_of(transfer_id):
            teller = self.teller_for(act)
            for transfer in each_of(act.facts, "transfers"):
                if transfer.get("id") == transfer_id:
                    yield transfer_line(transfer, teller)
            yield from tell_act(act, teller)
            yield tell_record(act, teller)

    def _charge(self, charge_id: str) -> Iterator[Line]:
        for act in self.trail.acts_of(charge_id):
            teller = self.teller_for(act)
            for charge in each_of(act.facts, "charges"):
                if charge.get("charge") == charge_id:
                    yield tell_charge(charge, teller)
                    if charge.get("band") != MINIMUM:
                        yield Line(self.words.say("explain.charge_rate", **charge), Mark.STEP)
            yield from self._paid_by(text_of(act.facts, "order"))
            yield from charged_lines(act, teller)
            yield tell_record(act, teller)
            yield from self._told(text_of(act.facts, "batch"))

    def _paid_by(self, order: str) -> Iterator[Line]:
        """Which voucher pays for an order, and the award under which it was issued."""
        for hold in self.trail.acts_of(order, act="PLACE_HOLD")[:1]:
            vouchers = [text_of(draw, "voucher") for draw in draws_of(hold)]
            for issued in (a for v in vouchers for a in self.trail.acts_of(v, act="ISSUE_VOUCHER")):
                told = self.words.say("explain.charge_paid_by", **issued.facts)
                yield Line(told, Mark.STEP)

    def _charged(self, hold_id: str) -> Iterator[Line]:
        """What was captured for the hold's order: a capture ends a hold and makes the next."""
        order = hold_id.removeprefix("H-").rpartition("-")[0]
        told = self.trail.acts_of(hold_id, act="CHARGE")
        for act in self.trail.acts_of(order, act="CHARGE"):
            if act not in told:
                yield from charged_lines(act, self.teller_for(act))

    def _instruction(self, instruction_id: str) -> Iterator[Line]:
        yield from self._paid(instruction_id)
        yield from self._told(instruction_id.removeprefix("P-"))

    def _paid(self, instruction_id: str) -> Iterator[Line]:
        """The one instruction of the batch that paid it."""
        for act in self.trail.acts_of(instruction_id, act="PAY_BATCH"):
            items = each_of(act.facts, "instructions")
            own = [item for item in items if item.get("instruction") == instruction_id]
            lines = tuple(
                Line(self.words.say("explain.instruction", **item), Mark.STEP) for item in own
            )
            sentence = self.words.say("explain.batch", count=len(items), **act.facts)
            yield Line(sentence, Mark.RESULT, children=lines)
            yield tell_record(act, self.teller_for(act))

    def _day_of(self, act: ActRecord) -> date:
        contract = act.facts.get("contract")
        for assessed in self.trail.acts_of(str(contract), act="ASSESS"):
            return applied_on(assessed)
        return act.at.date()
