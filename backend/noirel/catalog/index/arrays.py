"""PostgreSQL's arrays as numpy's, without an object per element."""

from typing import Any

import numpy as np
import numpy.typing as npt

from noirel.core.db import prepared

Ints = npt.NDArray[np.int64]
Int32s = npt.NDArray[np.int32]  # in other arrays
Bools = npt.NDArray[np.bool_]
# In the binary format: how many dimensions, two words more, and for each of them its length and its first index; then every
# element behind its own length (PostgreSQL, src/backend/utils/adt/arrayfuncs.c, array_send). Ours hold no nulls.
_HEAD = 20
_LEAST, _MOST = np.iinfo(np.int32).min, np.iinfo(np.int32).max
_ELEMENT = np.dtype([("length", ">i4"), ("value", ">i8")])


def binary_rows(statement: str, values: dict[str, Any]) -> list[list[bytes | None]]:
    """The rows of a statement, each value as PostgreSQL sends it in binary."""
    return prepared.execute_raw(statement, values, is_binary=True)


def to_text(value: bytes | None) -> str:
    return (value or b"").decode()


def to_ints(value: bytes | None) -> Ints:
    """A bigint[], or an array of instants as microseconds of PostgreSQL's clock; null is an empty one."""
    if value is None or len(value) <= _HEAD:
        return np.empty(0, np.int64)
    return np.frombuffer(value, _ELEMENT, offset=_HEAD)["value"].astype(np.int64)


def narrow(numbers: Ints) -> Ints:
    """The same in half the memory, where they fit (dtype int32 then)."""
    fit = not len(numbers) or (numbers.min() >= _LEAST and numbers.max() <= _MOST)
    return numbers.astype(np.int32) if fit else numbers
