"""Law 15: a batch is posted as its linked sets would be one by one, however a stream is cut."""

from collections.abc import Sequence

from hypothesis import example, given
from hypothesis.strategies import integers, lists

from evernormal.domain.errors import DomainError
from evernormal.domain.ledger import Books, Transfer
from evernormal.engines.posting import BatchBooks
from tests.laws.posting import empty_books, postings

Sets = Sequence[Sequence[Transfer]]


def said(refusal: DomainError) -> tuple[str, str]:
    return refusal.code, str(refusal)


def one_by_one(books: Books, sets: Sets) -> list[tuple[str, str]]:
    told = []
    for transfers in sets:
        try:
            books.post(transfers)
        except DomainError as refusal:
            told.append(said(refusal))
        else:
            told.append(("posted", ""))
    return told


def in_batches(books: BatchBooks, sets: Sets, cuts: Sequence[int]) -> list[tuple[str, str]]:
    told = []
    ends = [*sorted({cut for cut in cuts if cut < len(sets)}), len(sets)]
    for begin, end in zip([0, *ends], ends, strict=False):
        refusals = books.post(sets[begin:end])
        told += [
            said(refusals[number]) if number in refusals else ("posted", "")
            for number in range(end - begin)
        ]
    return told


def check(sets: Sets, cuts: Sequence[int]) -> None:
    plain = empty_books()
    batched = BatchBooks(plain.accounts, [], set())

    assert in_batches(batched, sets, cuts) == one_by_one(plain, sets)
    assert batched.accounts() == plain.accounts
    assert batched.transfers == list(plain.transfers.values())
    assert batched.resolved == plain._resolved


@given(sets=postings(size=30), cuts=lists(integers(0, 30), max_size=4))
def test_a_batch_is_posted_as_its_sets_one_by_one(sets: Sets, cuts: list[int]) -> None:
    check(sets, cuts)


@given(sets=postings(size=10), again=lists(integers(0, 9), max_size=10))
@example(sets=[], again=[])
def test_sets_that_come_again_in_one_batch_post_once(sets: Sets, again: list[int]) -> None:
    doubled = [*sets, *(sets[place] for place in again if place < len(sets))]

    check(doubled, [])
