"""Transfers posted in batches, equal to `domain.ledger.Books.post` set by set."""

from evernormal.engines.posting.batch import (
    NOTHING_KNOWN,
    Counters,
    Known,
    Posted,
    add_up,
    post_batch,
    posted_alone,
    set_starts,
)
from evernormal.engines.posting.books import BatchBooks
from evernormal.engines.posting.columns import (
    AMOUNT_MAX,
    CODE_NUMBERS,
    CODES,
    PHASE_NUMBERS,
    PHASES,
    TRANSFER,
    Outcome,
    Transfers,
)
from evernormal.engines.posting.gathering import (
    AmountBeyondBooks,
    Names,
    counters_of,
    records_of,
    refusal_of,
)
from evernormal.engines.posting.lookup import Keys, KeySpans, records_with, spans_of

__all__ = [
    "AMOUNT_MAX",
    "CODES",
    "CODE_NUMBERS",
    "NOTHING_KNOWN",
    "PHASES",
    "PHASE_NUMBERS",
    "TRANSFER",
    "AmountBeyondBooks",
    "BatchBooks",
    "Counters",
    "KeySpans",
    "Keys",
    "Known",
    "Names",
    "Outcome",
    "Posted",
    "Transfers",
    "add_up",
    "counters_of",
    "post_batch",
    "posted_alone",
    "records_of",
    "records_with",
    "refusal_of",
    "set_starts",
    "spans_of",
]
