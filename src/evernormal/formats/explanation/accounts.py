"""An account's balance as the transfers that make it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from evernormal.formats.explanation.reading import ActRecord, Facts, each_of, text_of, whole_of
from evernormal.formats.explanation.tree import Line, Mark
from evernormal.locale import Words

_VOUCHER = "VOUCHER:"


@dataclass(slots=True)
class _Counters:
    """Posted fen on the account's own side, and fen pending out of it and into it."""

    balance: int = 0
    pending_out: int = 0
    pending_in: int = 0

    def move(self, transfer: Facts, *, sign: int, pending: int) -> int:
        """Apply a transfer; sign 1 into the account, -1 out of it. Returns what was posted."""
        phase, amount = text_of(transfer, "phase"), whole_of(transfer, "amount_fen")
        change = amount if phase == "PENDING" else -pending
        if sign > 0:
            self.pending_in += change
        else:
            self.pending_out += change
        posted = sign * amount if phase in ("SINGLE", "POST") else 0
        self.balance += posted
        return posted


def tell_account(account_id: str, acts: Iterable[ActRecord], words: Words) -> Iterator[Line]:
    """Every transfer of an account in order, then its balance.

    acts   the acts that moved it, in the order of the log
    """
    kind = account_id.split(":", maxsplit=1)[0]
    own_side = -1 if kind == "TREASURY" else 1
    counters, pendings = _Counters(), dict[str, int]()
    lines = []
    for act in acts:
        for transfer in each_of(act.facts, "transfers"):
            if account_id not in (transfer.get("debit"), transfer.get("credit")):
                continue
            pendings[text_of(transfer, "id")] = whole_of(transfer, "amount_fen")
            pending = pendings.get(str(transfer.get("pending")), 0)
            sign = own_side if transfer.get("credit") == account_id else -own_side
            counters.move(transfer, sign=sign, pending=pending)
            lines.append(_movement(act, transfer, sign=sign, balance=counters.balance, words=words))
    yield Line(
        words.say(
            "explain.balance",
            kind=kind,
            balance_fen=counters.balance,
            out_fen=counters.pending_out,
            in_fen=counters.pending_in,
        ),
        Mark.RESULT,
        children=tuple(lines),
    )
    if account_id.startswith(_VOUCHER):
        yield _voucher_state(account_id, acts, counters, words)


def _movement(act: ActRecord, transfer: Facts, *, sign: int, balance: int, words: Words) -> Line:
    names = ("id", "code", "phase")
    return Line(
        words.say(
            "explain.movement",
            on=act.at.date(),
            amount_fen=sign * whole_of(transfer, "amount_fen"),
            balance_fen=balance,
            **{name: transfer.get(name) for name in names},
        ),
        Mark.STEP,
    )


def _voucher_state(
    account_id: str, acts: Iterable[ActRecord], counters: _Counters, words: Words
) -> Line:
    """Law 1: face = available + held + captured + lapsed, from the account's transfers."""
    sums = {"face_fen": 0, "lapsed_fen": 0}
    for act in acts:
        for transfer in each_of(act.facts, "transfers"):
            code, amount = transfer.get("code"), whole_of(transfer, "amount_fen")
            if code == "ISSUE" and transfer.get("credit") == account_id:
                sums["face_fen"] += amount
            if code in ("LAPSE", "RECALL") and transfer.get("debit") == account_id:
                sums["lapsed_fen"] += amount
    captured = sums["face_fen"] - sums["lapsed_fen"] - counters.balance
    return Line(
        words.say(
            "explain.voucher_state",
            available_fen=counters.balance - counters.pending_out,
            held_fen=counters.pending_out,
            captured_fen=captured,
            **sums,
        ),
        Mark.RESULT,
    )
