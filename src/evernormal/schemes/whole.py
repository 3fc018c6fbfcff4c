"""What no single rule can show: the forms that must be there, and that they agree."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from enum import Enum
from typing import Any

from evernormal.domain.policy import (
    Cap,
    CapacitySupport,
    CostWindow,
    DesignatedClasses,
    EligibleCost,
    IdleRecall,
    MinimumSpend,
    NetOfTax,
    PayeeRule,
    Pot,
    Rate,
    ReserveFund,
    RoundingRule,
    Rule,
    Settlement,
    ShortageRule,
    StackingCap,
    TieredRate,
    Tranches,
    Unit,
    Unknown,
    VoucherExtension,
    VoucherTerm,
)
from evernormal.schemes.forms import FORMS
from evernormal.schemes.kinds import unknown_word
from evernormal.schemes.problems import Place


class Status(Enum):
    """Whether a person compared every value with the official original."""

    ILLUSTRATIVE = "illustrative"
    VERIFIED = "verified"


SETTLEMENT = "settlement"
"""What an [[unknown]] names when the source does not say how support reaches its payee."""

_RATES = (Rate.name, TieredRate.name, CapacitySupport.name)
_STATED_OR_UNKNOWN = (
    EligibleCost.name,
    RoundingRule.name,
    PayeeRule.name,
    ShortageRule.name,
    Cap.name,
    Pot.name,
)
"""What every scheme says, or says that its source does not."""

_RUNS_ON = (EligibleCost.name, RoundingRule.name, PayeeRule.name, ShortageRule.name)
"""Forms without which amounts cannot be decided, from the first day of the rate on."""


_OF_VOUCHERS = (VoucherTerm.name, VoucherExtension.name)
_OF_DEDUCTION = (Tranches.name, IdleRecall.name, DesignatedClasses.name, ReserveFund.name)
_OF_WHOLE_COST = (CostWindow.name, StackingCap.name)
_OF_COST = (*_OF_WHOLE_COST, MinimumSpend.name, NetOfTax.name)


def check_whole(
    found: Mapping[str, Any],
    rules: Mapping[int, Rule],
    place: Place,
    *,
    declared: Mapping[str, int],
) -> None:
    """Check a scheme as a whole; what is wrong is told to the place.

    found     the file's head, by key
    rules     the rules that could be read, by their number in the file
    declared  the number of the rule by form, also of rules that could not be read
    """
    unknown: tuple[Unknown, ...] = found.get("unknown", ())
    not_stated = {u.form for u in unknown if u.form}
    _check_unknown(unknown, rules, place.at("unknown"))
    _check_needed(found["settlement"], declared, place.at("rule"), not_stated=not_stated)
    _check_belonging(found["settlement"], place.at("rule"), rules=rules)
    _check_one_rate(declared, place.at("rule"), rules=rules)
    _check_payee(rules, place.at("rule"), settlement=found["settlement"])
    _check_unit(found["unit"], place.at("unit"), settlement=found["settlement"])
    _check_first_days(rules, place.at("rule"))
    unread = [r.id for r in rules.values() if not all(v.source.verified for v in r.versions)]
    if found["status"] is Status.VERIFIED and unread:
        place.at("status").refuse(
            f"Rules not verified: {', '.join(unread)}. Write illustrative, or compare them with "
            "the official original and set verified = true."
        )


def _check_unknown(unknown: Sequence[Unknown], rules: Mapping[int, Rule], place: Place) -> None:
    """An unknown names a form that exists; every rule of that form is then an assumption."""
    for number, entry in enumerate(unknown):
        if not entry.form or entry.form == SETTLEMENT:
            continue
        at = place.at(number).at("form")
        if entry.form not in FORMS:
            at.refuse(unknown_word(entry.form, "form", FORMS))
        for rule in rules.values():
            is_stated = not all(version.source.is_assumed for version in rule.versions)
            if is_stated and rule.versions[0].form.name == entry.form:
                at.refuse(
                    f"Rule {rule.id} states it. Take one of the two out, or mark the rule's source "
                    "assumed = true."
                )


def _check_needed(
    settlement: Settlement, declared: Mapping[str, int], place: Place, *, not_stated: Iterable[str]
) -> None:
    stated = {*declared, *not_stated}
    if not stated.intersection(_RATES):
        place.refuse(_missing(" or ".join(_RATES), first=Rate.name))
    for form in _STATED_OR_UNKNOWN:
        by_capacity = form == EligibleCost.name and CapacitySupport.name in declared
        if form not in stated and not by_capacity:
            place.refuse(_missing(form, first=form))
    if settlement.traits.has_voucher and VoucherTerm.name not in stated:
        place.refuse(_missing(VoucherTerm.name, first=VoucherTerm.name))


def _missing(forms: str, *, first: str) -> str:
    return (
        f'No rule has the form {forms}. Add one: form = "{first}". When the source does not '
        f'state it, write [[unknown]] with form = "{first}".'
    )


def _check_belonging(settlement: Settlement, place: Place, *, rules: Mapping[int, Rule]) -> None:
    """Refuse rules about what the mode of settlement does not have: they would never act."""
    traits = settlement.traits
    for number, rule in rules.items():
        form = rule.versions[0].form.name
        if form in _OF_VOUCHERS and not traits.has_voucher:
            lacks = "has no voucher"
        elif form in _OF_DEDUCTION and not traits.is_deducted:
            lacks = "deducts nothing as cards are used"
        elif form in _OF_WHOLE_COST and traits.is_deducted:
            lacks = "deducts as cards are used, before the whole cost is known"
        elif form == NetOfTax.name and not traits.pays_money:
            lacks = "has no invoice and so no tax"
        else:
            continue
        place.at(number, name=rule.id).refuse(
            f"Settlement {settlement.value} {lacks}. Take this rule out."
        )


def _check_one_rate(
    declared: Mapping[str, int], place: Place, *, rules: Mapping[int, Rule]
) -> None:
    """Refuse a second form that makes support, which would be applied on top, and idle ones."""
    if CapacitySupport.name in declared:
        for form in _OF_COST:
            if form in declared:
                number = declared[form]
                place.at(number, name=rules[number].id if number in rules else None).refuse(
                    f"It limits cost, but {CapacitySupport.name} supports capacity. "
                    "Take this rule out."
                )
    numbers = sorted(declared[name] for name in _RATES if name in declared)
    for number in numbers[1:]:
        place.at(number, name=rules[number].id if number in rules else None).refuse(
            "Another rule turns cost into support already. Keep one of them."
        )


def _check_payee(rules: Mapping[int, Rule], place: Place, *, settlement: Settlement) -> None:
    allowed = settlement.traits.payees
    for number, rule in rules.items():
        for version in rule.versions:
            if isinstance(version.form, PayeeRule) and version.form.payee not in allowed:
                payees = " or ".join(payee.value for payee in allowed)
                place.at(number, name=rule.id).refuse(
                    f"Settlement {settlement.value} pays the {payees}. "
                    "Change the payee or the settlement."
                )


def _check_unit(unit: Unit, place: Place, *, settlement: Settlement) -> None:
    if unit.is_money and not settlement.traits.pays_money:
        kinds = "CARD_HOUR or CREDIT"
        place.refuse(f"Settlement {settlement.value} pays no money. Write {kinds}.")
    if not unit.is_money and settlement.traits.pays_money:
        place.refuse(f"Settlement {settlement.value} pays money. Write a currency.")


def _check_first_days(rules: Mapping[int, Rule], place: Place) -> None:
    """From the first day of the rate on, every form that is needed must have a value."""
    first = {rule.versions[0].form.name: rule.versions[0].starts_on for rule in rules.values()}
    since = min((first[name] for name in _RATES if name in first), default=date.max)
    for number, rule in rules.items():
        version = rule.versions[0]
        if version.form.name in (*_RUNS_ON, VoucherTerm.name) and version.starts_on > since:
            place.at(number, name=rule.id).refuse(
                f"It starts on {version.starts_on}, after the rate, which starts on {since}. "
                "Give it an earlier dated value."
            )
