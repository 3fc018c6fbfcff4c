"""The buyer's side: what a site may take, by who pays for it."""

from dataclasses import dataclass
from datetime import date
from enum import Enum
from fractions import Fraction

from evernormal.domain.device.device_class import DeviceClass
from evernormal.domain.device.export_rule import ExportRules, PurchaseRule, is_in_force


class PurchaseOutcome(Enum):
    """What a rule says to capacity that a site wants to add."""

    OPEN = "OPEN"
    DOMESTIC_ONLY = "DOMESTIC_ONLY"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class SiteFunding:
    """What is known of a site: None is not declared.

    completed   share of the site that was complete when the rule came, 0 to 1; 0 is a new site
    """

    country: str
    is_state_funded: bool | None = None
    completed: Fraction | None = None


@dataclass(frozen=True, slots=True)
class PurchaseFinding:
    """What one rule says. OPEN also stands for a device of the country's own vendors."""

    rule: PurchaseRule
    outcome: PurchaseOutcome


def review_purchase(
    device: DeviceClass, *, site: SiteFunding, rules: ExportRules, on: date
) -> tuple[PurchaseFinding, ...]:
    """Ask the purchase rules of a day about capacity that a site wants to add.

    returns  one finding for each rule of the site's country in force, in their order; UNKNOWN where
             the site has not declared what the rule turns on
    source   docs/rules/export-control.md
    """
    return tuple(
        PurchaseFinding(rule, _outcome(rule, device, site))
        for rule in rules.purchase
        if rule.jurisdiction == site.country and is_in_force(rule.starts_on, rule.ends_on, on)
    )


def _outcome(rule: PurchaseRule, device: DeviceClass, site: SiteFunding) -> PurchaseOutcome:
    if not rule.domestic_only or device.is_domestic_in(rule.jurisdiction):
        return PurchaseOutcome.OPEN
    funded, completed = site.is_state_funded, site.completed
    is_other = funded is not None and funded is not rule.is_state_funded
    if is_other or (completed is not None and completed >= rule.completed_below):
        return PurchaseOutcome.OPEN
    if funded is None or completed is None:
        return PurchaseOutcome.UNKNOWN
    return PurchaseOutcome.DOMESTIC_ONLY
