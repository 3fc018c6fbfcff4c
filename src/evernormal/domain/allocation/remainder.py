"""What a round leaves over goes to requests that still miss something."""

from dataclasses import replace
from fractions import Fraction

from evernormal.domain.allocation.openings import fill, openings_of
from evernormal.domain.allocation.outcome import Outcome, in_order
from evernormal.domain.allocation.request import Round
from evernormal.domain.allocation.tally import cost_of, money_of, work_of


def give_remainder(round_: Round, outcome: Outcome) -> Outcome:
    """Give cards that whole gangs and whole blocks left free to requests that miss work.

    Who has the least part of its work goes first, then who came first. Each takes what it can pay
    at posted prices, on as many pools as it likes; nobody loses anything.

    outcome  one that keeps to every limit of the round
    returns  the same with more grants
    source   docs/rules/clearing.md
    """
    openings = openings_of(round_)
    group_of = {request.id: request.group for request in round_.requests}
    for grant in outcome.grants:
        openings[grant.pool_id].book(grant, group_of[grant.request_id])
    held = {request.id: outcome.of(request.id) for request in round_.requests}
    met = {r.id: Fraction(work_of(r, held[r.id]), r.work) for r in round_.requests}
    grants = list(outcome.grants)
    for request in sorted(round_.requests, key=lambda r: (met[r.id], r.number)):
        left = money_of(request, outcome.mechanism) - cost_of(round_, held[request.id])
        grants += fill(request, round_, openings, money=left, held=held[request.id])
    return replace(outcome, grants=in_order(grants))
