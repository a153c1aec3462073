"""An LRU cache with a size limit in bytes."""

import threading
from collections import OrderedDict
from typing import Generic, Protocol, TypeVar


class _Sized(Protocol):
    @property
    def nbytes(self) -> int: ...


Value = TypeVar("Value", bound=_Sized)
MAX_BYTES = 16 * 1024 * 1024
# The overhead of an entry. Without it, millions of empty results would count as nothing and exhaust the memory.
_OVERHEAD_BYTES = 800


class LRUCache(Generic[Value]):
    """Evicts the least recently used entries beyond `limit` bytes. Thread-safe."""

    def __init__(self, limit: int = MAX_BYTES) -> None:
        self._limit, self._size = limit, 0
        self._entries: OrderedDict[str, Value] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> Value | None:
        with self._lock:
            if (value := self._entries.get(key)) is not None:
                self._entries.move_to_end(key)
            return value

    def put(self, key: str, value: Value) -> None:
        with self._lock:
            if (replaced := self._entries.pop(key, None)) is not None:
                self._size -= _size(key, replaced)
            self._entries[key] = value
            self._size += _size(key, value)
            while self._size > self._limit and len(self._entries) > 1:
                evicted_key, evicted = self._entries.popitem(last=False)
                self._size -= _size(evicted_key, evicted)


def _size(key: str, value: _Sized) -> int:
    return value.nbytes + len(key) + _OVERHEAD_BYTES
