"""Texts of a column as numbers, without making a Python text of each.

A column of texts in memory is 16 bytes a row, a view: a text of up to 12 bytes itself, or its
length, its first bytes and where the rest is. A Parquet file keeps each text of a column once for
many rows, and rows with the same text get the same view. So views are compared, and one text read
for each that is new. Where a file keeps its texts otherwise, equal texts have several views: that
is slower, and as right.
source  Arrow columnar format 1.4, variable-size binary view layout; Arrow C stream interface
"""

import ctypes
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import numpy as np
import polars as pl

from evernormal.engines.rating.kernels import Codes, Views, number_views

_VIEW_BYTES: Final = 16
_DISTINCT_AT_FIRST: Final = 1 << 14
_POINTERS_OF_CAPSULES: Final = ctypes.pythonapi.PyCapsule_GetPointer
_POINTERS_OF_CAPSULES.restype = ctypes.c_void_p
_POINTERS_OF_CAPSULES.argtypes = [ctypes.py_object, ctypes.c_char_p]


class _Array(ctypes.Structure):
    """struct ArrowArray."""


_Array._fields_ = [
    ("length", ctypes.c_int64),
    ("null_count", ctypes.c_int64),
    ("offset", ctypes.c_int64),
    ("n_buffers", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("buffers", ctypes.POINTER(ctypes.c_void_p)),
    ("children", ctypes.c_void_p),
    ("dictionary", ctypes.c_void_p),
    ("release", ctypes.CFUNCTYPE(None, ctypes.POINTER(_Array))),
    ("private_data", ctypes.c_void_p),
]


class _Schema(ctypes.Structure):
    """struct ArrowSchema."""


_Schema._fields_ = [
    ("format", ctypes.c_char_p),
    ("name", ctypes.c_char_p),
    ("metadata", ctypes.c_void_p),
    ("flags", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("children", ctypes.c_void_p),
    ("dictionary", ctypes.c_void_p),
    ("release", ctypes.CFUNCTYPE(None, ctypes.POINTER(_Schema))),
    ("private_data", ctypes.c_void_p),
]


class _Stream(ctypes.Structure):
    """struct ArrowArrayStream."""


_Stream._fields_ = [
    (
        "get_schema",
        ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(_Stream), ctypes.POINTER(_Schema)),
    ),
    ("get_next", ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(_Stream), ctypes.POINTER(_Array))),
    ("get_last_error", ctypes.c_void_p),
    ("release", ctypes.CFUNCTYPE(None, ctypes.POINTER(_Stream))),
    ("private_data", ctypes.c_void_p),
]


def numbers_of(column: pl.Series, known: Mapping[str, int], *, other: int) -> tuple[Codes, Codes]:
    """Which text each row of a column has, and what that text is known as.

    column   texts, none missing
    known    number by text
    other    number of every text that is not known
    returns  int32 [len(column)] and int32 [distinct]: row i's number is second[first[i]]
    """
    column = column.rechunk()
    with _views(column) as views:
        firsts, numbers = _distinct(views)
    texts = column.gather(firsts).to_list()
    meant = np.array([known.get(text, other) for text in texts], dtype=np.int32)
    return numbers, meant


def _distinct(views: Views) -> tuple[Any, Codes]:
    """The first row of each distinct view, and the number of each row's."""
    numbers = np.empty(len(views), dtype=np.int32)
    room = _DISTINCT_AT_FIRST
    while True:
        slots = np.full(2 * room, -1, dtype=np.int32)
        known, firsts = np.empty((room, 2), dtype=np.uint64), np.empty(room, dtype=np.int64)
        count = number_views(views, slots, known, firsts, numbers)
        if count >= 0:
            return firsts[:count], numbers
        room *= 8


@contextmanager
def _views(column: pl.Series) -> Iterator[Views]:
    """The views of a column in one chunk, uint64 [n, 2]; only valid inside the block."""
    capsule = column.__arrow_c_stream__()
    stream = _Stream.from_address(_POINTERS_OF_CAPSULES(capsule, b"arrow_array_stream"))
    schema, array = _Schema(), _Array()
    if stream.get_schema(ctypes.byref(stream), ctypes.byref(schema)):
        raise AssertionError("Polars does not say what its column is")
    try:
        if schema.format != b"vu":
            raise AssertionError(f"Polars gives texts as {schema.format!r}, not as views")
        if stream.get_next(ctypes.byref(stream), ctypes.byref(array)):
            raise AssertionError("Polars does not give its column")
        try:
            yield _as_numpy(array)
        finally:
            if array.release:
                array.release(ctypes.byref(array))
    finally:
        schema.release(ctypes.byref(schema))


def _as_numpy(array: _Array) -> Views:
    if not array.release or not array.length:
        return np.empty((0, 2), dtype=np.uint64)
    if array.null_count:
        raise AssertionError("a column of the lake has a text missing")
    address = array.buffers[1] + array.offset * _VIEW_BYTES
    words = (ctypes.c_uint64 * (2 * array.length)).from_address(address)
    return np.frombuffer(words, dtype=np.uint64).reshape(array.length, 2)
