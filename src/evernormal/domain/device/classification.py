"""Export classification: computed from a device's figures and the rules of a day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from fractions import Fraction

from evernormal.domain.device.device_class import Confidence, DeviceClass, Precision
from evernormal.domain.device.export_rule import (
    ExportNote,
    ExportRule,
    ExportRules,
    ExportTest,
    LicenceReview,
    Limit,
    Quantity,
    RuleKind,
    is_in_force,
)


class ExportOutcome(Enum):
    """What the rules of a day say of a device; UNKNOWN where a figure that matters is missing."""

    CONTROLLED = "CONTROLLED"
    NOT_CONTROLLED = "NOT_CONTROLLED"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class ProcessingPerformance:
    """Total processing performance: 10^12 operations per second times bits, and where it lies."""

    tpp: Fraction
    precision: Precision
    rate: Fraction


@dataclass(frozen=True, slots=True)
class Comparison:
    """A figure beside its limit; without the figure nobody can say whether it holds."""

    rule_id: str
    quantity: Quantity
    figure: Fraction | None
    limit: Limit

    @property
    def holds(self) -> bool | None:
        """Whether the figure lies within the limit; None: unknown."""
        return None if self.figure is None else self.limit.admits(self.figure)


@dataclass(frozen=True, slots=True)
class Classification:
    """What the rules of a day say of a device, and all that was compared.

    control      class of the control list, "" for none
    decided_by   the rule that decided: a control, or what exempts; None: no rule holds, or unknown
    review       how a licence for the rules' destination is decided on; None: none is asked for,
                 the vendor has its seat there, or a figure is missing
    possible     classes that it may fall under, where the outcome is unknown; "" is none
    compared     every comparison made, in the order of the rules
    missing      quantities that have to be known for an answer
    notes        letters, lists and guidance of the day that name the device or its vendor
    confidence   READ when every figure compared and every rule that compares was read in a source
    """

    device_class: str
    on: date
    outcome: ExportOutcome
    control: str
    decided_by: ExportRule | None
    review: LicenceReview | None
    possible: tuple[str, ...]
    compared: tuple[Comparison, ...]
    missing: tuple[Quantity, ...]
    performance: ProcessingPerformance | None
    notes: tuple[ExportNote, ...]
    confidence: Confidence


def processing_performance(device: DeviceClass) -> ProcessingPerformance | None:
    """The largest dense rate times its bits, over the precisions that are known.

    returns  None when no rate is known. Between equals, a rate that was read comes first, then the
             one of more bits
    source   docs/rules/export-control.md; definition in 3A090
    """
    found = [ProcessingPerformance(r * p.bits, p, r) for p, r in device.dense.items()]
    return max(
        found,
        key=lambda one: (
            one.tpp,
            device.evidence_of(f"dense.{one.precision.value}").is_read,
            one.precision.bits,
        ),
        default=None,
    )


def performance_density(device: DeviceClass) -> Fraction | None:
    """Processing performance for each mm2 of die; None when one of the two is not known."""
    performance = processing_performance(device)
    if performance is None or device.die_area_mm2 is None:
        return None
    return performance.tpp / device.die_area_mm2


def classify(device: DeviceClass, *, rules: ExportRules, on: date) -> Classification:
    """Ask the rules of a day about a device.

    rules    asked in their order: the first control or carve-out that holds decides
    returns  UNKNOWN when a rule that comes before the answer cannot be decided
    source   docs/rules/export-control.md, cases in tests/golden/export_classification.toml
    """
    performance = processing_performance(device)
    figures = _figures(device, performance)
    asked = [rule for rule in rules.in_force(on) if rule.kind is not RuleKind.REVIEW]
    outcome, decided, asked = _first_that_holds(asked, device, figures)
    undecided = outcome is ExportOutcome.UNKNOWN
    reviews = [rule for rule in rules.in_force(on) if rule.kind is RuleKind.REVIEW]
    review: LicenceReview | None = None
    reviewed: list[ExportRule] = []
    if outcome is ExportOutcome.CONTROLLED and decided is not None:
        review, reviewed = _review(decided, reviews, device, figures)
    compared = tuple(_comparisons([*asked, *reviewed], device, figures))
    return Classification(
        device_class=device.id,
        on=on,
        outcome=outcome,
        control=decided.control if decided else "",
        decided_by=decided,
        review=review,
        possible=_possible(asked, device, figures) if undecided else (),
        compared=compared,
        missing=_missing(compared) if undecided or (reviewed and review is None) else (),
        performance=performance,
        notes=tuple(note for note in rules.notes if _names(note, device, on)),
        confidence=_confidence(device, [*asked, *reviewed], compared, performance),
    )


Figures = dict[Quantity, Fraction | None]


def _figures(device: DeviceClass, performance: ProcessingPerformance | None) -> Figures:
    return {
        Quantity.TPP: performance.tpp if performance else None,
        Quantity.PD: performance_density(device),
        Quantity.IO_GB_S: device.interconnect_gb_s,
        Quantity.DRAM_GB_S: device.bandwidth_gb_s,
    }


def _first_that_holds(
    rules: Sequence[ExportRule], device: DeviceClass, figures: Figures
) -> tuple[ExportOutcome, ExportRule | None, list[ExportRule]]:
    """What the rules say, which of them decides, and which were asked for that.

    Past a rule that cannot be decided all are asked: what is possible has to be told.
    """
    for place, rule in enumerate(rules, start=1):
        holds = _holds(rule, device, figures)
        if holds is None:
            return ExportOutcome.UNKNOWN, None, list(rules)
        if holds:
            is_control = rule.kind is RuleKind.CONTROL
            found = ExportOutcome.CONTROLLED if is_control else ExportOutcome.NOT_CONTROLLED
            return found, rule, list(rules[:place])
    return ExportOutcome.NOT_CONTROLLED, None, list(rules)


def _holds(rule: ExportRule, device: DeviceClass, figures: Figures) -> bool | None:
    """One of its tests holds; None when that turns on a missing figure."""
    found = [_test_holds(test, device, figures) for test in rule.tests]
    if any(one is True for one in found):
        return True
    return None if None in found else False


def _test_holds(test: ExportTest, device: DeviceClass, figures: Figures) -> bool | None:
    """All comparisons hold. One that fails settles it, whatever else is missing."""
    if test.sale not in (None, device.sale):
        return False
    found = [
        None if (figure := figures[quantity]) is None else limit.admits(figure)
        for quantity, limit in test.limits.items()
    ]
    if any(one is False for one in found):
        return False
    return None if None in found else True


def _review(
    decided: ExportRule, reviews: Iterable[ExportRule], device: DeviceClass, figures: Figures
) -> tuple[LicenceReview | None, list[ExportRule]]:
    """How a licence is decided on, and the later rules that were asked about it."""
    if device.vendor_country in decided.destinations:
        return None, []
    asked: list[ExportRule] = []
    for rule in reviews:
        asked.append(rule)
        holds = _holds(rule, device, figures)
        if holds is not False:
            return rule.review if holds else None, asked
    return decided.review, asked


def _possible(
    rules: Iterable[ExportRule], device: DeviceClass, figures: Figures
) -> tuple[str, ...]:
    found = []
    for rule in rules:
        holds = _holds(rule, device, figures)
        if holds is not False:
            found.append(rule.control)
        if holds:
            return tuple(dict.fromkeys(found))
    return tuple(dict.fromkeys([*found, ""]))


def _comparisons(
    rules: Iterable[ExportRule], device: DeviceClass, figures: Figures
) -> Iterable[Comparison]:
    for rule in rules:
        seen = set()
        for test in rule.tests:
            if test.sale not in (None, device.sale):
                continue
            for quantity, limit in test.limits.items():
                if (quantity, limit) not in seen:
                    seen.add((quantity, limit))
                    yield Comparison(rule.id, quantity, figures[quantity], limit)


def _missing(compared: Iterable[Comparison]) -> tuple[Quantity, ...]:
    lacking = {one.quantity for one in compared if one.figure is None}
    return tuple(quantity for quantity in Quantity if quantity in lacking)


def _names(note: ExportNote, device: DeviceClass, on: date) -> bool:
    is_named = device.id in note.devices or device.vendor in note.vendors
    return is_named and is_in_force(note.starts_on, note.ends_on, on)


_FIELDS = {
    Quantity.PD: "die_area_mm2",
    Quantity.IO_GB_S: "interconnect_gb_s",
    Quantity.DRAM_GB_S: "bandwidth_gb_s",
}


def _confidence(
    device: DeviceClass,
    rules: Iterable[ExportRule],
    compared: Sequence[Comparison],
    performance: ProcessingPerformance | None,
) -> Confidence:
    """As weak as the weakest of all that was asked."""
    names = {_FIELDS[one.quantity] for one in compared if one.quantity in _FIELDS}
    if performance is not None:
        names.add(f"dense.{performance.precision.value}")
    is_read = all(device.evidence_of(name).is_read for name in names)
    # A rule that is for other cards compares nothing: what it says does not matter here.
    told = {one.rule_id for one in compared}
    if is_read and all(rule.confidence is Confidence.READ for rule in rules if rule.id in told):
        return Confidence.READ
    return Confidence.GENERAL_KNOWLEDGE
