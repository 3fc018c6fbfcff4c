"""What the plots and the summary show, added up from the year's books."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from evernormal.domain.metering import UsageKey, UsageRecord, day_slices
from evernormal.domain.policy import Text
from evernormal.domain.values import Period
from evernormal.formats.books.report.chart import Label
from evernormal.formats.books.report.flow import Flow, flow_of, voucher_days
from evernormal.formats.books.report.plots import (
    NARROW,
    WIDE,
    UsageClass,
    burn_down,
    literal,
    reasons,
    usage,
    waterfall,
    who_got_what,
)
from evernormal.formats.books.report.tables import Reader
from evernormal.formats.books.rows import DecisionRow, UsageRow, YearBooks
from evernormal.formats.intake.year_input import YearInput
from evernormal.locale import LANGS, Lang

APPLICANTS_DRAWN_MAX = 30
"""More bars than this no longer fit a page; the tables have every applicant."""

Drawings = Mapping[Lang, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Summary:
    """The year in sums, for the sentences and the tiles."""

    flow: Flow
    applications: int
    granted: int
    claims_paid: int
    batches: int

    @property
    def committed(self) -> int:
        """Fen that left the pot and were not paid."""
        return self.flow.pot - self.flow.free - self.flow.paid


def summary_of(books: YearBooks) -> Summary:
    """Count and add up the year."""
    return Summary(
        flow=flow_of(books),
        applications=len(books.decisions),
        granted=sum(row.awarded_fen > 0 for row in books.decisions),
        claims_paid=sum(bool(claim.batch_id) for claim in books.claims),
        batches=len(books.batches),
    )


def drawings(readers: Mapping[Lang, Reader]) -> dict[str, Drawings]:
    """Every plot that the year has something for, wide and narrow, in each language."""
    reader = readers[LANGS[0]]
    books, programme = reader.books, reader.year.programme
    first, last = programme.opens_on, programme.closes_on
    flow, days = flow_of(books), voucher_days(books.journal)
    who, why = _who(reader), _why(readers)
    classes = usage_classes(books.usage, reader.year)
    plots = {}
    for width in (WIDE, NARROW):
        plots["flow", width] = waterfall(flow, width=width, pays_money=reader.pays_money)
        if who:
            plots["who", width] = who_got_what(who, width=width)
        if why:
            plots["why", width] = reasons(why, applications=len(books.decisions), width=width)
        if days:
            plots["burn", width] = burn_down(days, first=first, last=last, width=width)
        if classes:
            plots["usage", width] = usage(classes, first=first, last=last, width=width)
    drawn = {key: (chart, chart.draw()) for key, chart in plots.items()}
    return {
        name: {
            lang: (
                drawn[name, WIDE][0].in_words(drawn[name, WIDE][1], readers[lang].words),
                drawn[name, NARROW][0].in_words(drawn[name, NARROW][1], readers[lang].words),
            )
            for lang in LANGS
        }
        for name, width in plots
        if width == WIDE
    }


def usage_classes(rows: Sequence[UsageRow], year: YearInput) -> list[UsageClass]:
    """Card-seconds on applicants' contracts by device class and local day."""
    ours = [row for row in rows if row.contract_id and row.ends_at > row.starts_at]
    if not ours:
        return []
    zone = ZoneInfo(year.programme.zone)
    first = min(row.starts_at for row in ours).astimezone(zone).date()
    last = max(row.ends_at for row in ours).astimezone(zone).date()
    seconds: dict[str, Counter[date]] = defaultdict(Counter)
    for row in ours:
        slices = day_slices(_record(row), within=Period(first, last + timedelta(days=1)), zone=zone)
        for day, used in slices:
            seconds[row.device_class][day] += used.count
    return [UsageClass(name, dict(by_day)) for name, by_day in sorted(seconds.items())]


def _record(row: UsageRow) -> UsageRecord:
    return UsageRecord(
        key=UsageKey(row.provider_id, row.cluster, row.job, row.device_class, row.starts_at),
        account=row.account,
        cards=row.cards,
        ends_at=row.ends_at,
        is_final=row.is_final,
        state=row.state,
    )


def _who(reader: Reader) -> list[tuple[str, int, int, int, Label]]:
    """The applicants with the largest entitlements."""
    by_applicant: dict[str, list[DecisionRow]] = defaultdict(list)
    for row in reader.books.decisions:
        by_applicant[row.applicant_id].append(row)
    rows = []
    for applicant_id, own in by_applicant.items():
        entitled = sum(row.entitled_fen for row in own)
        awarded = sum(row.awarded_fen for row in own)
        paid = sum(reader.settled_on_contract(row.contract_id) for row in own)
        value = Label("report.who.value", {"fen": awarded})
        if not awarded:
            value = Label(f"reason.{own[0].reason}", {})
        rows.append((reader.name(applicant_id), entitled, awarded, paid, value))
    return sorted(rows, key=lambda row: -row[1])[:APPLICANTS_DRAWN_MAX]


def _why(readers: Mapping[Lang, Reader]) -> list[tuple[Label, int]]:
    """What stood in the way, most often first."""
    counts: Counter[Text] = Counter()
    english, chinese = readers["en"], readers["zh_Hans"]
    for row in english.books.decisions:
        for in_english, in_chinese in zip(
            _obstacles(english, row), _obstacles(chinese, row), strict=True
        ):
            counts[Text(en=in_english, zh=in_chinese)] += 1
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0].en))
    return [(literal(text), count) for text, count in ordered]


def _obstacles(reader: Reader, row: DecisionRow) -> list[str]:
    """In one language: the clauses that refused an application, or why it got less."""
    words, teller = reader.words, reader.teller(row.contract_id)
    if row.failed_rules:
        return [
            words.say(
                "report.why.clause", label=teller.label_of(rule), clause=teller.clause_of(rule)
            )
            for rule in row.failed_rules
        ]
    if row.reason == "NOTHING_DUE":
        reason = words.word("reason", row.reason)
        return [words.say("report.why.limb", reason=reason, limb=teller.limb(row.limb))]
    return [] if row.awarded_fen == row.entitled_fen else [words.word("reason", row.reason)]
