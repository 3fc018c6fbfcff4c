"""Whichever byte of the books is changed, the checks by hash alone name its file and line."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evernormal.formats.books.checking import (
    DoesNotHold,
    changed_outputs,
    check_inputs,
    check_log,
)
from tests.cli.forging import sign
from tests.life.shelf import CHECKPOINT, LOG, SCHEME, YEARS, Books, Shelf


def first_place(files: dict[str, bytes]) -> list[str]:
    """What the checks name, in the order in which `verify` makes them; nothing: all holds."""
    try:
        log = check_log(files)
        check_inputs(files, log)
        return changed_outputs(files, log)
    except DoesNotHold as refusal:
        return [refusal.place]


def expected(path: str, data: bytes, at: int) -> tuple[str, int, int] | tuple[str]:
    """The file, and the lines that must be in what is named, where lines are named at all."""
    line = data.count(b"\n", 0, at) + 1
    if path == LOG and at < len(data) - 1:
        return (path, line, line)
    if path == SCHEME or path.startswith("inputs/"):
        return (path, line, line)
    return (path,)


def agrees(place: str, wanted: tuple[str, int, int] | tuple[str]) -> bool:
    if len(wanted) == 1:
        return place == wanted[0]
    path, line, _ = wanted
    found = re.fullmatch(rf"{re.escape(path)}:(\d+)(?:-(\d+))?", place)
    return found is not None and int(found[1]) <= line <= int(found[2] or found[1])


@pytest.fixture(scope="module", params=YEARS)
def books(request: pytest.FixtureRequest, shelf: Shelf) -> Books:
    return shelf.of(request.param)


def test_untouched_books_hold(books: Books) -> None:
    assert first_place(dict(books.files)) == []


@given(data=st.data())
def test_any_changed_byte_is_named_by_its_file_and_line(books: Books, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(sorted(books.files)))
    before = books.files[path]
    at = data.draw(st.integers(0, len(before) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != before[at]))
    changed = before[:at] + bytes([byte]) + before[at + 1 :]

    places = first_place({**books.files, path: changed})

    assert len(places) == 1
    assert agrees(places[0], expected(path, before, at)), (places, path, at)


@given(data=st.data())
def test_any_missing_added_or_cut_file_is_named(books: Books, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(sorted(books.files)))
    before = books.files[path]
    cut = before[: data.draw(st.integers(0, len(before) - 1))]
    longer = before + data.draw(st.binary(min_size=1, max_size=3))
    without = {other: content for other, content in books.files.items() if other != path}

    for files in (without, {**books.files, path: cut}, {**books.files, path: longer}):
        places = first_place(files)
        assert [place.split(":")[0] for place in places] == [path]
    assert first_place({**books.files, f"{path}.bak": before}) == [f"{path}.bak"]


@given(data=st.data())
def test_a_log_with_lines_removed_swapped_or_repeated_is_named_where_it_breaks(
    books: Books, data: st.DataObject
) -> None:
    lines = books.files[LOG].split(b"\n")[:-1]
    first = data.draw(st.integers(0, len(lines) - 2))
    second = data.draw(st.integers(first + 1, len(lines) - 1))
    swapped = list(lines)
    swapped[first], swapped[second] = swapped[second], swapped[first]
    removed = lines[:first] + lines[first + 1 :]
    repeated = lines[: first + 1] + lines[first:]

    def place_of(changed: list[bytes]) -> list[str]:
        return first_place({**books.files, LOG: b"".join(line + b"\n" for line in changed)})

    assert place_of(swapped) == [f"{LOG}:{first + 1}"]
    assert place_of(removed) == [f"{LOG}:{first + 1}"]
    assert place_of(repeated) == [f"{LOG}:{first + 2}"]
    assert place_of(lines[:-1]) == [f"{LOG}:{len(lines)}"]


def test_an_older_checkpoint_of_the_same_log_does_not_hold_for_it(books: Books) -> None:
    head = books.files[CHECKPOINT].replace(b"size ", b"size 1", 1)

    assert first_place({**books.files, CHECKPOINT: head}) == [CHECKPOINT]


@pytest.mark.parametrize("size", ["many", "-1", "", "99999"])
def test_a_signed_checkpoint_of_nonsense_is_refused_and_nothing_crashes(
    size: str, books: Books
) -> None:
    log_id = books.files[CHECKPOINT].decode().splitlines()[1].removeprefix("log ")
    forged = sign(log_id, size=size, head=books.acts[-1].hash)
    (place,) = first_place({**books.files, CHECKPOINT: forged})

    assert place.split(":")[0] in (CHECKPOINT, LOG)


def test_a_checkpoint_for_another_log_with_the_same_head_is_refused(books: Books) -> None:
    forged = sign("another-2099", size=len(books.acts), head=books.acts[-1].hash)

    (place,) = first_place({**books.files, CHECKPOINT: forged})

    assert place.split(":")[0] in (CHECKPOINT, LOG)
