"""Device classes: what they can do, by which names they go, and how P and card-hours convert."""

from dataclasses import replace
from fractions import Fraction

import pytest

from evernormal.domain.device import (
    AmbiguousDevice,
    CardHours,
    Catalogue,
    ExportRules,
    ImplausibleFigure,
    MfuBand,
    MixedClasses,
    MixedPrecisions,
    NoSuchRate,
    Performance,
    PerformanceHours,
    Precision,
    SparseFigure,
    SparseRate,
    UnknownDevice,
    figure_text,
    performance_of,
    refuse_implausible,
    refuse_sparse,
    to_card_hours,
    to_performance_hours,
)
from tests.domain.device.sample import CARD, GAME, KNOWN, OWN, READ

CATALOGUE = Catalogue((CARD, GAME, OWN), ExportRules(()))


def test_a_rate_is_of_a_precision_that_the_class_has() -> None:
    assert CARD.rate(Precision.FP16) == 312
    with pytest.raises(NoSuchRate) as refused:
        CARD.rate(Precision.FP8)
    assert refused.value.known == "FP16, INT8"
    with pytest.raises(NoSuchRate, match="Use one of: -"):
        replace(CARD, dense={}).rate(Precision.FP16)
    assert [precision.bits for precision in Precision] == [32, 16, 16, 8, 8, 4, 4]


def test_each_figure_has_its_own_evidence() -> None:
    assert CARD.evidence_of("die_area_mm2") is KNOWN
    assert CARD.evidence_of("tdp_w") is READ
    assert (READ.is_read, KNOWN.is_read) == (True, False)
    assert (CARD.is_datacentre, GAME.is_datacentre) == (True, False)
    assert (CARD.is_domestic_in("CN"), OWN.is_domestic_in("CN")) == (False, True)


@pytest.mark.parametrize("band", [("0", "1/2", "1"), ("1/2", "1/4", "1"), ("1/2", "1/2", "2")])
def test_an_mfu_band_rises_to_at_most_all(band: tuple[str, str, str]) -> None:
    low, mid, high = map(Fraction, band)
    with pytest.raises(ValueError, match="band rises"):
        MfuBand(low, mid, high, basis="none")
    assert MfuBand(Fraction(1, 4), Fraction(1, 2), Fraction(1), basis="none").high == 1


def test_a_class_is_found_by_any_of_its_names() -> None:
    assert [CATALOGUE.get(name).id for name in ("card", "CARD-80g", "卡80G", "c_80", "Own")] == [
        "card",
        "card",
        "card",
        "card",
        "own",
    ]
    with pytest.raises(AmbiguousDevice) as ambiguous:
        CATALOGUE.get("twin")
    assert ambiguous.value.classes == "card, game"
    with pytest.raises(UnknownDevice) as unknown:
        CATALOGUE.get("card-80k")
    assert unknown.value.nearest == "card"
    with pytest.raises(UnknownDevice, match="Nearest: -"):
        CATALOGUE.get("zzzzzz")


def test_a_sparse_figure_is_refused_and_the_dense_one_told() -> None:
    listed = SparseRate("card", Precision.INT8, Fraction(2500), Fraction(624))

    with pytest.raises(SparseFigure) as doubled:
        refuse_sparse(CARD, Precision.FP16, Fraction(6245, 10))
    assert (doubled.value.quoted, doubled.value.dense) == ("624.5", "312")
    with pytest.raises(SparseFigure) as known:
        refuse_sparse(CARD, Precision.INT8, Fraction(2500), known=[listed])
    assert known.value.dense == "624"
    refuse_sparse(CARD, Precision.FP16, Fraction(312), known=[listed])
    refuse_sparse(CARD, Precision.INT8, Fraction(624), known=[listed])


@pytest.mark.parametrize(
    ("device", "what"),
    [
        (replace(CARD, dense={Precision.INT8: Fraction(3958)}), "INT8 rate times bits"),
        (replace(CARD, bandwidth_gb_s=Fraction(18000)), "GB/s for each GB"),
        (replace(CARD, fp16_measured=Fraction(313)), "The measured 16-bit rate"),
    ],
)
def test_what_cannot_be_is_refused(device: object, what: str) -> None:
    assert isinstance(device, type(CARD))
    with pytest.raises(ImplausibleFigure, match=what):
        refuse_implausible(device)


def test_what_can_be_or_is_not_known_is_let_through() -> None:
    refuse_implausible(replace(CARD, fp16_measured=Fraction(300)))
    refuse_implausible(replace(CARD, die_area_mm2=None, bandwidth_gb_s=None, dense={}))
    refuse_implausible(replace(CARD, memory_gb=None))


def test_figures_are_written_short() -> None:
    figures = (Fraction(36000), Fraction(9894, 10), Fraction(10**6, 3), Fraction(1, 400))

    assert [figure_text(one) for one in figures] == ["36,000", "989.4", "333,333.33", "0"]


def test_p_and_card_hours_convert_by_a_rate_that_the_class_has() -> None:
    used = CardHours("card", Fraction(1000))

    work = to_performance_hours(used, device=CARD, precision=Precision.FP16)

    assert work == PerformanceHours(Fraction(312), Precision.FP16)
    assert to_card_hours(work, device=CARD) == used
    assert performance_of(CARD, cards=100, precision=Precision.INT8).pflops == Fraction(624, 10)
    with pytest.raises(MixedClasses):
        to_performance_hours(used, device=OWN, precision=Precision.FP16)
    with pytest.raises(NoSuchRate):
        to_performance_hours(used, device=CARD, precision=Precision.FP8)
    with pytest.raises(NoSuchRate):
        to_card_hours(PerformanceHours(Fraction(1), Precision.FP8), device=CARD)


def test_only_what_is_alike_is_added() -> None:
    p, hours = Performance(Fraction(1, 2), Precision.FP16), CardHours("card", Fraction(1, 2))
    p_hours = PerformanceHours(Fraction(3), Precision.INT8)

    assert str(p + p) == "1 P (FP16, dense)"
    assert (hours + hours).hours == 1
    assert (p_hours + p_hours).pflops_hours == 6
    with pytest.raises(MixedPrecisions):
        _ = p + Performance(Fraction(1), Precision.INT8)
    with pytest.raises(MixedPrecisions):
        _ = p_hours + PerformanceHours(Fraction(1), Precision.FP16)
    with pytest.raises(MixedClasses):
        _ = hours + CardHours("own", Fraction(1))
