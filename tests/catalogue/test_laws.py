"""What holds for any figures: unknown covers what is possible, and conversions lose nothing."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evernormal.catalogue import library_catalogue
from evernormal.domain.device import (
    AmbiguousDevice,
    CardHours,
    ExportOutcome,
    ImplausibleFigure,
    MixedClasses,
    MixedPrecisions,
    NoDevicePolicy,
    NoSuchRate,
    Precision,
    Sale,
    SparseFigure,
    UnknownDevice,
    classify,
    to_card_hours,
    to_performance_hours,
)
from evernormal.domain.errors import DomainError
from evernormal.domain.market import ReservedBeyondCapacity
from evernormal.locale import LANGS, words

pytestmark = pytest.mark.one_database

KNOWN = library_catalogue()
FIGURES = st.fractions(Fraction(1), Fraction(40_000), max_denominator=10)
DAYS = st.dates(date(2022, 1, 1), date(2026, 12, 31))
MISSING = ("die_area_mm2", "interconnect_gb_s", "bandwidth_gb_s")


@given(st.data(), FIGURES, st.sampled_from(Sale), DAYS)
def test_whatever_turns_up_was_possible_before(
    data: st.DataObject, rate: Fraction, sale: Sale, on: date
) -> None:
    device = replace(KNOWN.get("h100_pcie"), sale=sale, dense={Precision.FP8: rate})
    lacking: set[str] = data.draw(st.sets(st.sampled_from(MISSING), min_size=1))
    nothing: dict[str, Any] = dict.fromkeys(lacking)
    before = classify(replace(device, **nothing), rules=KNOWN.rules, on=on)
    filled: dict[str, Any] = {name: data.draw(FIGURES) for name in sorted(lacking)}

    after = classify(replace(device, **filled), rules=KNOWN.rules, on=on)

    assert after.outcome is not ExportOutcome.UNKNOWN
    if before.outcome is ExportOutcome.UNKNOWN:
        assert after.control in before.possible
    else:
        assert (before.outcome, before.decided_by) == (after.outcome, after.decided_by)
        assert before.review in {None, after.review}


@given(FIGURES, st.sampled_from(KNOWN.devices), st.data())
def test_card_hours_come_back_from_p_hours_exactly(
    hours: Fraction, device: object, data: st.DataObject
) -> None:
    assert isinstance(device, type(KNOWN.devices[0]))
    precision = data.draw(st.sampled_from(sorted(device.dense, key=lambda one: one.value)))
    used = CardHours(device.id, hours)

    work = to_performance_hours(used, device=device, precision=precision)

    assert to_card_hours(work, device=device) == used


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(
    ("refusal", "told"),
    [
        (AmbiguousDevice(name="910B", classes=["a", "b"]), "a, b"),
        (UnknownDevice(name="H1000", nearest=["h100_sxm"]), "h100_sxm"),
        (NoSuchRate(device_class="t4", precision="FP8", known="FP16"), "FP16"),
        (MixedClasses(first="t4", second="l4"), "l4"),
        (MixedPrecisions(first=Precision.FP16, second=Precision.FP8), "FP8"),
        (NoDevicePolicy(day=date(2026, 1, 2)), "2026"),
        (
            SparseFigure(
                device_class="l40s",
                precision=Precision.FP8,
                quoted=Fraction(1466),
                dense=Fraction(733),
            ),
            "733",
        ),
        (
            ImplausibleFigure(
                device_class="t4", what="GB/s", figure=Fraction(300), limit=Fraction(100)
            ),
            "300",
        ),
        (ReservedBeyondCapacity(reserved="11", capacity="10"), "11"),
    ],
    ids=lambda value: value.code if isinstance(value, DomainError) else "",
)
def test_each_refusal_says_what_to_do_in_each_language(
    refusal: DomainError, told: str, lang: str
) -> None:
    said = words("en" if lang == "en" else "zh_Hans").refusal(refusal)

    assert told in said
    assert said == str(refusal).replace("'", "") or lang != "en"
