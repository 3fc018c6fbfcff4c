"""Charges of bands, minimums and other currencies in words."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

from evernormal.domain.audit.facts import of_charge
from evernormal.domain.metering import Charge
from evernormal.domain.values import Fen
from evernormal.formats.explanation import view_of
from evernormal.formats.explanation.acts import tell_charge
from evernormal.formats.explanation.findings import Teller
from evernormal.locale import Lang, words
from tests.formats.sample_scheme import SCHEME

PLAIN = Charge("O1", "910B", date(2026, 3, 2), 5_400, Fen(1_600), Fen(2_400))


def told(charge: Charge, lang: Lang = "en") -> list[str]:
    teller = Teller(words=words(lang), scheme=view_of(SCHEME), day=charge.day)
    line = tell_charge(of_charge(charge, voucher_fen=400), teller)
    return [line.text, *(child.text for child in line.children)]


def test_a_charge_of_a_band_names_its_hours() -> None:
    plain = (
        "2026-03-02: 1.50 card-hours × 16.00 = 24.00 yuan; "
        "the voucher pays 4.00 yuan, the user 20.00 yuan."
    )

    assert told(PLAIN) == [plain]
    assert told(replace(PLAIN, band="peak")) == [plain, "In the hours of peak."]


def test_a_charge_in_another_currency_names_the_rate_as_it_was_written() -> None:
    foreign = replace(PLAIN, currency="USD", exchange=Fraction("7.1234"))

    (text,) = told(foreign)

    assert "1.50 card-hours × 16.00 USD × 7.1234 = " in text


def test_a_minimum_is_no_correction() -> None:
    lift = replace(PLAIN, used_seconds=0, band="minimum")

    (text,) = told(lift)
    (back,) = told(replace(lift, amount=Fen(-2_400)))

    assert "up to the day's minimum" in text
    assert "up to the day's minimum" in back
    assert "最低收费" in told(lift, "zh_Hans")[0]
