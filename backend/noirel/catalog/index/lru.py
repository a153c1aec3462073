"""What was found by the last questions, as many of them as fit."""

import threading
from collections import OrderedDict
from typing import Generic, Protocol, TypeVar


class _Sized(Protocol):
    @property
    def nbytes(self) -> int: ...


Value = TypeVar("Value", bound=_Sized)
MAX_BYTES = 16 * 1024 * 1024
# Of what is around an answer, however little it has found: without it a million questions for nothing would be free.
_OVERHEAD_BYTES = 800


class LRUCache(Generic[Value]):
    def __init__(self, limit: int = MAX_BYTES) -> None:
        self._limit, self._size = limit, 0
        self._entries: OrderedDict[str, Value] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> Value | None:
        with self._lock:
            if (found := self._entries.get(key)) is not None:
                self._entries.move_to_end(key)
            return found

    def put(self, key: str, held: Value) -> None:
        with self._lock:
            if (before := self._entries.pop(key, None)) is not None:
                self._size -= _size(key, before)
            self._entries[key] = held
            self._size += _size(key, held)
            while self._size > self._limit and len(self._entries) > 1:
                old, dropped = self._entries.popitem(last=False)
                self._size -= _size(old, dropped)


def _size(key: str, held: _Sized) -> int:
    return held.nbytes + len(key) + _OVERHEAD_BYTES
