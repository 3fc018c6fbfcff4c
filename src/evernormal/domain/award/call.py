"""Calls: until when an application can wait for the others, and on which day it is decided."""

from datetime import date

from evernormal.domain.policy import AppliedWithin, Scheme, Shortage, ShortageRule


def call_ends_on(scheme: Scheme, day: date, *, closes_on: date) -> date:
    """The last day of the call in force on a day; where no call ends earlier, of the year.

    closes_on  last day of the programme year
    """
    call = scheme.find(AppliedWithin, day)
    return closes_on if call is None else min(call[1].last, closes_on)


def decided_on(rule: ShortageRule, *, applied_on: date, ends_on: date) -> date:
    """The day of the decision.

    First come, first served: the day of application. Shared, ranked or drawn: the end of the
    call; for who comes later, the day of application.
    """
    return applied_on if rule.shortage is Shortage.FIRST_COME else max(applied_on, ends_on)
