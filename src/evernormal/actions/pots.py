"""The pot: how much of the year's money can be awarded now."""

from datetime import date

from evernormal.actions.desk import Desk
from evernormal.domain.ledger import posting
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
    opens_on = desk.year.programme.opens_on
    held_back = pot.amount - found[1].released_on(on, pot=pot, opens_on=opens_on).amount
    return Fen(max(left - held_back, 0))


def unreleased(programme: Programme, award_id: str) -> Fen:
    """What no report has released of an award; nothing where all of it became voucher value."""
    return Fen(ledger.account(programme, posting.encumbered(award_id)).free)
