"""The pot: how much of the year's money can be awarded now."""

from datetime import date

from evernormal.actions.desk import Desk
from evernormal.domain.ledger import AccountKind, TransferCode, account_id, posting
from evernormal.domain.ledger.posting import Move
from evernormal.domain.policy import Pot
from evernormal.domain.values import Fen
from evernormal.store import ledger
from evernormal.store.models import Programme


def free_pot(desk: Desk, programme: Programme, *, on: date, given_back: int = 0) -> Fen:
    """What can be awarded on a day: what is left, within what the scheme has released by then.

    given_back  fen to count as not awarded yet
    """
    left = ledger.account(programme, posting.POT).free + given_back
    found = desk.scheme.find(Pot, on)
    if found is None:
        return Fen(left)
    pot = desk.year.programme.pot
    held_back = pot.amount - found[1].released_on(on, pot=pot).amount
    return Fen(max(left - held_back, 0))


def of_unreleased(programme: Programme, award_id: str, *, code: TransferCode) -> Move:
    """What no report has released of an award goes back to the pot when its voucher ends.

    code     why the voucher ends: it lapses, or is called back
    returns  a move of nothing when all of the award was released
    """
    held_back = account_id(AccountKind.AWARD, award_id)
    amount = Fen(ledger.account(programme, held_back).free)
    return Move(held_back, posting.POT, amount, code)
