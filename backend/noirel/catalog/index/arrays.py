"""Decodes PostgreSQL arrays into NumPy arrays without creating a Python object per element."""

from typing import Any

import numpy as np
import numpy.typing as npt

from noirel.core.db import prepared

Ints = npt.NDArray[np.int64]
Int32s = npt.NDArray[np.int32]  # used to index other arrays
Bools = npt.NDArray[np.bool_]
# The binary format (PostgreSQL, src/backend/utils/adt/arrayfuncs.c, array_send): the number of dimensions, a null flag and the
# element type; for each dimension its length and lower bound; then every element, preceded by its length. Ours are
# one-dimensional and contain no nulls.
_HEADER_BYTES = 20
_INT32_MIN, _INT32_MAX = np.iinfo(np.int32).min, np.iinfo(np.int32).max
_ELEMENT = np.dtype([("length", ">i4"), ("value", ">i8")])


def binary_rows(statement: str, values: dict[str, Any]) -> list[list[bytes | None]]:
    """Execute a statement and return its rows with every value in PostgreSQL's binary format."""
    return prepared.execute_raw(statement, values, is_binary=True)


def to_text(value: bytes | None) -> str:
    return (value or b"").decode()


def to_ints(value: bytes | None) -> Ints:
    """Decode a bigint[], or a timestamptz[] as microseconds since 2000 (PostgreSQL's epoch). NULL becomes an empty array."""
    if value is None or len(value) <= _HEADER_BYTES:
        return np.empty(0, np.int64)
    return np.frombuffer(value, _ELEMENT, offset=_HEADER_BYTES)["value"].astype(np.int64)


def narrow(numbers: Ints) -> Ints:
    """Convert to int32, which takes half the memory, if all numbers fit; otherwise return the array unchanged."""
    fits = not len(numbers) or (numbers.min() >= _INT32_MIN and numbers.max() <= _INT32_MAX)
    return numbers.astype(np.int32) if fits else numbers
