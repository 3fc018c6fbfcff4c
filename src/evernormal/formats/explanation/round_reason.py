"""A clearing round's reason in words: what a request got, what bound it, what would have helped."""

from fractions import Fraction

from evernormal.domain.allocation import Change, Grant, Reason, WantedPool
from evernormal.domain.values import Rounding, RoundingMode
from evernormal.locale import Words

_TO_FEN = Rounding(RoundingMode.HALF_UP)


def reason_lines(reason: Reason, words: Words) -> list[str]:
    """Say why a request got what it got, a line a fact.

    words    of the language, and of the unit that the round pays in
    returns  what it got and missed, what bound, its grants, each pool it can run on, each smallest
             change
    source   docs/rules/clearing.md
    """
    facts = {
        "request_id": reason.request_id,
        "card_hours": reason.card_hours,
        "work": reason.work,
        "asked": reason.work + reason.missed,
        "missed": reason.missed,
        "cost": reason.cost,
    }
    bound = reason.bound
    lines = [words.say("outcome_reason.got", **facts)]
    if reason.missed:
        lines.append(words.say("outcome_reason.missed", **facts))
    key = f"bound.{bound.kind.value}"
    lines.append(words.say(key, pool_id=bound.pool_id, place=bound.place, before=bound.before))
    lines += [_grant_line(grant, words) for grant in reason.grants]
    lines += [_pool_line(pool, words) for pool in reason.pools]
    return lines + [_change_line(change, reason, words) for change in reason.changes]


def _grant_line(grant: Grant, words: Words) -> str:
    facts = {"cards": grant.cards, "pool_id": grant.pool_id}
    return words.say("outcome_reason.grant", starts=grant.starts, ends=grant.ends, **facts)


def _pool_line(pool: WantedPool, words: Words) -> str:
    facts = {
        "pool_id": pool.pool_id,
        "device_class": pool.device_class,
        # To the thousandth, cut: nobody reads 1733/1792.
        "used": Fraction(int(pool.used * 1000), 1000),
        "posted": pool.posted,
    }
    if pool.shadow is None:
        return words.say("outcome_reason.pool", **facts)
    shadow = _TO_FEN.to_fen(pool.shadow)
    return words.say("outcome_reason.pool_priced", shadow=shadow, **facts)


def _change_line(change: Change, reason: Reason, words: Words) -> str:
    facts = {"pool_id": change.pool_id, "amount": change.amount, "tried": change.tried}
    if change.amount is None:
        text = words.say(f"no_change.{change.kind.value}", **facts)
        return words.say("outcome_reason.change_none", change=text)
    text = words.say(f"change.{change.kind.value}", **facts)
    key = "outcome_reason.change_all" if reason.grants else "outcome_reason.change_some"
    return words.say(key, change=text)
