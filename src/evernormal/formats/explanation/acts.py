"""The other acts in words: voucher, hold, usage, charge, payment, and the year itself."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal

from evernormal.domain.market import MINIMUM
from evernormal.formats.explanation.decisions import tell_assessment, tell_award, tell_claim
from evernormal.formats.explanation.findings import Teller
from evernormal.formats.explanation.reading import (
    ActRecord,
    Facts,
    draws_of,
    each_of,
    facts_of,
    standings_of,
    text_of,
    whole_of,
)
from evernormal.formats.explanation.tree import Line, Mark

Tell = Callable[[ActRecord, Teller], Iterator[Line]]


def tell_act(act: ActRecord, teller: Teller) -> Iterator[Line]:
    """What an act decided and rests on, without its transfers."""
    return _TELLERS[act.act](act, teller)


def tell_record(act: ActRecord, teller: Teller) -> Line:
    """Where the act stands in the audit log."""
    return Line(
        teller.words.say(
            "explain.act", number=act.number, act=act.act, actor=act.actor, at=act.at.date()
        ),
        Mark.RECORD,
    )


def tell_transfers(act: ActRecord, teller: Teller) -> Iterator[Line]:
    """The act's lines of the journal, under one heading; nothing when there are none."""
    lines = tuple(transfer_line(t, teller) for t in each_of(act.facts, "transfers"))
    if lines:
        yield Line(teller.words.say("explain.transfers"), Mark.RECORD, children=lines)


def transfer_line(transfer: Facts, teller: Teller) -> Line:
    """One transfer: how much from where to where, and why."""
    return Line(teller.words.say("explain.transfer", **transfer), Mark.RECORD)


def tell_charge(charge: Facts, teller: Teller) -> Line:
    """One day's charge of an order, or how a later reading changed it."""
    amount, voucher = whole_of(charge, "amount_fen"), whole_of(charge, "voucher_fen")
    used = whole_of(charge, "used_seconds")
    band, exchange = str(charge.get("band", "")), str(charge.get("exchange_rate", ""))
    key = "charge_foreign" if exchange else "charge"
    if band == MINIMUM:
        key = "charge_minimum"
    elif amount < 0 or used <= 0:
        key = "charge_corrected"
    told = teller.words.say(
        f"explain.{key}",
        hours=used,
        copay_fen=amount - voucher,
        exchange=_decimal(exchange),
        **charge,
    )
    in_band = Line(teller.words.say("explain.charge_band", band=band), Mark.RECORD)
    is_of_band = band not in {"", MINIMUM}
    label = str(charge.get("charge", ""))
    return Line(told, Mark.STEP, label=label, children=(in_band,) if is_of_band else ())


def _decimal(ratio: str) -> str:
    """An exchange rate as the office wrote it: decimals give ratios that end again."""
    whole, _, parts = ratio.partition("/")
    return str(Decimal(whole) / Decimal(parts)) if ratio else ""


def _voucher(act: ActRecord, teller: Teller) -> Iterator[Line]:
    yield Line(teller.words.say("explain.issued", **act.facts), Mark.RESULT)


def _holds(act: ActRecord, teller: Teller) -> Iterator[Line]:
    for facts in draws_of(act):
        yield _hold(facts, teller)


def _hold(facts: Facts, teller: Teller) -> Line:
    words = teller.words
    key = "explain.hold" if facts.get("amount_fen") else "explain.hold_none"
    if facts.get("order") == facts.get("contract"):
        key = "explain.hold_contract"
    children = []
    quote, allocation = facts_of(facts, "quote"), facts_of(facts, "allocation")
    if facts.get("answer") in {"MODIFIED", "DECLINED"}:
        answered = words.say(f"explain.answered_{facts['answer']}".lower(), **facts)
        children.append(Line(answered, Mark.STEP))
    if facts.get("not_designated"):
        label = teller.label_of(text_of(facts, "not_designated"))
        children.append(Line(words.say("explain.not_designated"), Mark.BOUND, label=label))
    if quote:
        children.append(Line(words.say("explain.quote", **quote), Mark.STEP))
    if allocation:
        limb = teller.limb(str(allocation.get("limb")))
        sentence = words.say("explain.allocation", cards=allocation.get("cards"), limb=limb)
        children.append(Line(sentence, Mark.STEP))
    return Line(words.say(key, **facts), Mark.RESULT, children=tuple(children))


def _usage(act: ActRecord, teller: Teller) -> Iterator[Line]:
    words, facts = teller.words, act.facts
    others = facts_of(facts, "others")
    children = [Line(words.say("explain.usage_hash", sha256=facts.get("sha256")))]
    children += [
        Line(words.say("explain.usage_other", account=account, count=count))
        for account, count in sorted(others.items())
    ]
    yield Line(words.say("explain.usage", **facts), Mark.RESULT, children=tuple(children))


def _charges(act: ActRecord, teller: Teller) -> Iterator[Line]:
    words, facts = teller.words, act.facts
    charges = tuple(tell_charge(charge, teller) for charge in each_of(facts, "charges"))
    first, *others = standings_of(act)
    yield Line(words.say("explain.charged", **first), Mark.RESULT, children=charges)
    yield _captured(first, teller)
    for other in others:
        yield Line(words.say("explain.charged", **other), Mark.RESULT)
        yield _captured(other, teller)


def charged_lines(act: ActRecord, teller: Teller) -> Iterator[Line]:
    """What an order's charges add up to, and how much of them each voucher paid."""
    for standing in standings_of(act):
        yield Line(teller.words.say("explain.charged", **standing), Mark.RESULT)
        yield _captured(standing, teller)


def _captured(standing: Facts, teller: Teller) -> Line:
    is_ratio = "/" in str(standing.get("rate", ""))
    key = "explain.captured" if is_ratio else "explain.captured_plain"
    return Line(teller.words.say(key, **standing), Mark.STEP)


def _batch(act: ActRecord, teller: Teller) -> Iterator[Line]:
    words = teller.words
    instructions = each_of(act.facts, "instructions")
    children = tuple(
        Line(words.say("explain.instruction", **item), Mark.STEP) for item in instructions
    )
    children += tuple(
        Line(words.say("explain.funding", funder=funder, amount_fen=amount), Mark.STEP)
        for funder, amount in facts_of(act.facts, "funding").items()
    )
    sentence = words.say("explain.batch", count=len(instructions), **act.facts)
    yield Line(sentence, Mark.RESULT, children=children)


def _expiry(act: ActRecord, teller: Teller) -> Iterator[Line]:
    yield Line(teller.words.say("explain.expired", **act.facts), Mark.RESULT)


def _lapse(act: ActRecord, teller: Teller) -> Iterator[Line]:
    yield Line(teller.words.say("explain.lapsed", **act.facts), Mark.RESULT)
    yield from _unreleased(act, teller)


def _unreleased(act: ActRecord, teller: Teller) -> Iterator[Line]:
    """What no report had released of the award, and goes to the pot with the voucher's rest."""
    if act.facts.get("unreleased_fen"):
        yield Line(teller.words.say("explain.unreleased", **act.facts), Mark.RESULT)


def _tranche(act: ActRecord, teller: Teller) -> Iterator[Line]:
    key = "explain.released" if act.facts.get("amount_fen") else "explain.released_nothing"
    yield Line(teller.words.say(key, **act.facts), Mark.RESULT)


def _extension(act: ActRecord, teller: Teller) -> Iterator[Line]:
    key = "explain.extended" if act.facts.get("extended") is True else "explain.extended_not"
    label = teller.label_of(text_of(act.facts, "rule"))
    yield Line(teller.words.say(key, **act.facts), Mark.RESULT, label=label)


def _recall(act: ActRecord, teller: Teller) -> Iterator[Line]:
    yield Line(teller.words.say("explain.recalled", **act.facts), Mark.RESULT)
    yield from _unreleased(act, teller)


def _opening(act: ActRecord, teller: Teller) -> Iterator[Line]:
    words, facts = teller.words, act.facts
    inputs = facts_of(facts, "inputs")
    files = tuple(_files(inputs, teller))
    yield Line(words.say("explain.opened", **facts), Mark.RESULT)
    scheme_file = facts_of(facts, "scheme_file")
    yield Line(words.say("explain.opened_rules", sha256=scheme_file.get("sha256")))
    yield Line(words.say("explain.opened_inputs", count=len(inputs)), children=files)


def _closing(act: ActRecord, teller: Teller) -> Iterator[Line]:
    files = facts_of(act.facts, "files")
    sentence = teller.words.say("explain.closed", count=len(files))
    yield Line(sentence, Mark.RESULT, children=tuple(_files(files, teller)))


def _files(files: Facts, teller: Teller) -> Iterator[Line]:
    for path, digest in sorted(files.items()):
        sha256 = digest.get("sha256") if isinstance(digest, Mapping) else digest
        yield Line(teller.words.say("explain.file", path=path, sha256=sha256))


_TELLERS: Mapping[str, Tell] = {
    "OPEN_PROGRAMME": _opening,
    "ASSESS": tell_assessment,
    "AWARD": tell_award,
    "ISSUE_VOUCHER": _voucher,
    "RELEASE_TRANCHE": _tranche,
    "EXTEND_VOUCHER": _extension,
    "RECALL_VOUCHER": _recall,
    "PLACE_HOLD": _holds,
    "ACCEPT_USAGE": _usage,
    "CHARGE": _charges,
    "DECIDE_CLAIM": tell_claim,
    "PAY_BATCH": _batch,
    "EXPIRE_HOLD": _expiry,
    "LAPSE_VOUCHER": _lapse,
    "CLOSE_BOOKS": _closing,
}
