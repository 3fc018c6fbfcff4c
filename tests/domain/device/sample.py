"""Device classes and rules for the tests of the stage."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

from evernormal.domain.device import (
    Confidence,
    DeviceClass,
    Evidence,
    ExportNote,
    ExportRule,
    ExportRules,
    ExportTest,
    LicenceReview,
    Limit,
    NoteKind,
    Precision,
    PurchaseRule,
    Quantity,
    RuleKind,
    Sale,
)

ON = date(2026, 3, 1)
READ = Evidence("A data sheet", Confidence.READ, date(2026, 1, 1), "a note")
KNOWN = Evidence("none read", Confidence.GENERAL_KNOWLEDGE, date(2026, 1, 1))

CARD = DeviceClass(
    id="card",
    name="Card 80G",
    name_zh="卡 80G",
    vendor="Maker",
    vendor_country="US",
    launch_year=2023,
    form_factor="PCIe",
    process_node="7 nm",
    sale=Sale.DATACENTRE,
    dense={Precision.FP16: Fraction(312), Precision.INT8: Fraction(624)},
    source=READ,
    die_area_mm2=Fraction(826),
    memory_gb=Fraction(80),
    bandwidth_gb_s=Fraction(2039),
    interconnect_gb_s=Fraction(600),
    aliases=("C-80", "Twin"),
    evidence={"die_area_mm2": KNOWN},
)
GAME = replace(CARD, id="game", name="Game", name_zh="", sale=Sale.CONSUMER, aliases=("Twin",))
OWN = replace(
    CARD, id="own", name="Own", name_zh="自研", vendor="Home", vendor_country="CN", aliases=()
)

RULE = ExportRule(
    id="rule",
    kind=RuleKind.CONTROL,
    jurisdiction="US",
    destinations=("CN",),
    instrument="A rule",
    clause="first",
    tests=(
        ExportTest(limits={Quantity.TPP: Limit(at_least=Fraction(4800))}),
        ExportTest(
            Sale.DATACENTRE,
            {
                Quantity.TPP: Limit(at_least=Fraction(1600)),
                Quantity.PD: Limit(at_least=Fraction(592, 100)),
            },
        ),
    ),
    announced_on=date(2023, 10, 17),
    starts_on=date(2023, 11, 17),
    source="The rule",
    confidence=Confidence.READ,
    control="A",
    review=LicenceReview.PRESUMPTION_OF_DENIAL,
)
REVIEW = replace(
    RULE,
    id="review",
    kind=RuleKind.REVIEW,
    control="",
    review=LicenceReview.CASE_BY_CASE,
    tests=(ExportTest(limits={Quantity.DRAM_GB_S: Limit(below=Fraction(6500))}),),
)
PURCHASE = PurchaseRule(
    id="purchase",
    jurisdiction="CN",
    instrument="A direction",
    starts_on=date(2025, 11, 5),
    is_state_funded=True,
    completed_below=Fraction(30, 100),
    domestic_only=True,
    text_en="Domestic only.",
    text_zh="只能采用国产。",
    source="The press",
    confidence=Confidence.READ,
)
NOTE = ExportNote(
    id="note",
    kind=NoteKind.LETTER,
    jurisdiction="US",
    starts_on=date(2025, 1, 1),
    text_en="A letter.",
    text_zh="函。",
    source="The press",
    confidence=Confidence.READ,
    vendors=("Maker",),
)
RULES = ExportRules(rules=(RULE, REVIEW), purchase=(PURCHASE,), notes=(NOTE,))
