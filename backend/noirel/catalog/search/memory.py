"""What was found by the last questions, as many of them as fit."""

import threading
from collections import OrderedDict
from typing import Generic, Protocol, TypeVar


class _Sized(Protocol):
    @property
    def nbytes(self) -> int: ...


Held = TypeVar("Held", bound=_Sized)
MOST_BYTES = 16 * 1024 * 1024
# Of what is around an answer, however little it has found: without it a million questions for nothing would be free.
_AROUND = 800


class Memory(Generic[Held]):
    def __init__(self, limit: int = MOST_BYTES) -> None:
        self._limit, self._size = limit, 0
        self._held: OrderedDict[str, Held] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> Held | None:
        with self._lock:
            if (found := self._held.get(key)) is not None:
                self._held.move_to_end(key)
            return found

    def put(self, key: str, held: Held) -> None:
        with self._lock:
            if (before := self._held.pop(key, None)) is not None:
                self._size -= _size(key, before)
            self._held[key] = held
            self._size += _size(key, held)
            while self._size > self._limit and len(self._held) > 1:
                old, dropped = self._held.popitem(last=False)
                self._size -= _size(old, dropped)


def _size(key: str, held: _Sized) -> int:
    return held.nbytes + len(key) + _AROUND
