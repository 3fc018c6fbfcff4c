"""The spend curve is drawn the same each time, whatever years and pots it shows."""

import re
from datetime import date

from evernormal.domain.policy import Text
from evernormal.formats.spend_plot import SpendPlot, SpendPoint, draw_spend
from evernormal.locale import words

TITLE = Text(
    "Sample City, computing vouchers for small firms that rent card-hours, 2026 to 2027",
    "样例市面向租用算力的中小企业发放算力券实施办法（2026—2027年）",
)


def plot(*points: tuple[date, int, int, int | None], on: tuple[date, ...] = ()) -> SpendPlot:
    return draw_spend([SpendPoint(*point) for point in points], title=TITLE, exhausted_on=on)


def svg(drawn: SpendPlot) -> str:
    return drawn.svg(words("en")).decode("utf-8")


def shown(drawn: SpendPlot) -> list[str]:
    """The words on a drawing."""
    return re.findall(r">([^<>]+)</text>", svg(drawn))


ONE = (date(2026, 3, 1), 1_000_000, 900_000, 800_000_000)
NEXT = (date(2027, 3, 1), 500, 400, None)


def test_a_plot_is_the_same_each_time_also_after_a_picture_of_it() -> None:
    drawn = plot(ONE)
    before = svg(drawn)

    assert drawn.png(words("en")) == plot(ONE).png(words("en"))
    assert svg(drawn) == before == svg(plot(ONE))


def test_what_stands_on_a_plot() -> None:
    found = shown(plot(ONE, on=(date(2026, 3, 1),)))

    assert "pot empty on 2026-03-01" in found
    assert {"asked so far", "granted so far", "pot released", "0", "8 million"} <= set(found)
    assert {TITLE.en[:54].rsplit(" ", 1)[0], "Applications of 2026", "yuan"} <= set(found)
    assert {"Jan", "Nov"} <= set(found)


def test_title_year_and_unit_stand_on_it_in_chinese_too() -> None:
    drawn = plot(ONE, NEXT).svg(words("zh_Hans", "CARD_HOUR")).decode("utf-8")
    found = re.findall(r">([^<>]+)</text>", drawn)

    assert TITLE.zh in "".join(found)
    assert {"2026–2027年申请", "单位：卡时", "累计申请额"} <= set(found)


def test_on_a_telephone_its_letters_can_be_read() -> None:
    text = svg(plot(ONE, on=(date(2026, 3, 1), date(2026, 10, 1))))
    width = float(re.findall(r'viewBox="0 0 ([0-9.]+) ', text)[0])
    sizes = [float(size) for size in re.findall(r"font-size: ([0-9.]+)px", text)]

    assert len(sizes) > 10
    assert min(sizes) * 375 / width >= 10


def test_what_is_said_of_an_empty_pot_stays_on_the_plot() -> None:
    early, late = (svg(plot(ONE, on=(day,))) for day in (date(2026, 1, 2), date(2026, 12, 30)))

    assert "text-anchor: end" not in early.split("pot empty on")[0].rsplit("<text", 1)[1]
    assert "text-anchor: end" in late.split("pot empty on")[0].rsplit("<text", 1)[1]


def test_without_a_pot_none_is_drawn() -> None:
    assert "pot released" not in shown(plot(NEXT))


def test_sums_begin_anew_each_year() -> None:
    found = svg(plot(ONE, NEXT))

    # The granted area falls to the floor where the second year begins, half across the plot.
    floor, turn = "405", "279"
    assert re.search(rf"L {turn} [0-9.]+ L {turn} {floor} ", found)
    assert shown(plot(ONE, NEXT)).count("Jan") == 2


def test_of_many_years_only_januaries_are_named() -> None:
    years = [(date(year, 3, 1), 100, 100, 100) for year in (2025, 2026, 2027)]

    assert {"Jan"} == {word for word in shown(plot(*years)) if re.fullmatch("[A-Z][a-z]{2}", word)}


def test_nothing_at_all_can_be_drawn() -> None:
    assert "asked so far" in shown(plot((date(2026, 1, 1), 0, 0, 0)))
