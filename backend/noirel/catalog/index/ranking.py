"""Rankings: products in the order of a key, and the first n of a subset."""

from functools import cached_property

import numpy as np

from noirel.catalog.index.arrays import Int32s, Ints
from noirel.catalog.index.bitset import Bitset

# Sorting takes milliseconds, so it is done only for rankings that are used this often before the next snapshot.
SORT_AFTER_USES = 40
# If the subset is large, its first members are near the beginning of the sorted order and a scan finds them. A small subset is
# faster to sort.
_SCAN_FACTOR = 1
# The length of the first chunk of a scan; each further chunk is four times as long.
_FIRST_CHUNK = 256


class Ranking:
    """Products ordered by a key; ties are ordered by id, in the same direction.

    keys: the keys of the products at `slots`.
    slots: ascending; None for all products.
    """

    def __init__(self, keys: Ints, slots: Ints | None = None, *, descending: bool) -> None:
        self._keys, self._slots, self._descending = keys, slots, descending
        self._uses = 0

    def top(self, products: Bitset, limit: int, *, after: tuple[int, float] | None = None) -> tuple[Ints, Ints]:
        """Return the slots and keys of the first `limit` of these products.

        after: a key and a slot; return only what comes after them in the order. The slot may lie between two slots.
        """
        self._uses += 1
        if self._uses > SORT_AFTER_USES and products.count**2 > _SCAN_FACTOR * limit * len(self._keys):
            slots, keys = self._scan(products, limit, after)
        else:
            slots, keys = self._select(products, limit, after)
        return slots, ~keys if self._descending else keys

    def _ascending(self, slots: Ints, keys: Ints) -> tuple[Ints, Ints]:
        """Reverse a descending ranking, so that keys and, for equal keys, slots are ascending. (Unlike -, ~ can't overflow.)"""
        return (slots[::-1], ~keys[::-1]) if self._descending else (slots, keys)

    def _select(self, products: Bitset, limit: int, after: tuple[int, float] | None) -> tuple[Ints, Ints]:
        if self._slots is None:
            slots, keys = self._ascending(products.slots, self._keys.take(products.slots))
        else:
            is_included = products.as_bools.take(self._slots)
            slots, keys = self._ascending(self._slots[is_included], self._keys[is_included])
        if after is not None:
            key, slot = after
            if self._descending:
                is_after = (keys > ~key) | ((keys == ~key) & (slots < slot))
            else:
                is_after = (keys > key) | ((keys == key) & (slots > slot))
            slots, keys = slots[is_after], keys[is_after]
        if len(slots) > limit:
            last = np.partition(keys, limit - 1)[limit - 1]
            before, ties = np.flatnonzero(keys < last), np.flatnonzero(keys == last)
            selected = np.concatenate([before, ties[: limit - len(before)]])
            slots, keys = slots[selected], keys[selected]
        order = np.argsort(keys, kind="stable")
        return slots[order], keys[order]

    @cached_property
    def _sorted(self) -> tuple[Int32s, Ints]:
        slots = np.arange(len(self._keys)) if self._slots is None else self._slots
        slots, keys = self._ascending(slots, self._keys)
        order = np.argsort(keys, kind="stable")
        return slots[order].astype(np.int32), keys[order]

    def _scan(self, products: Bitset, limit: int, after: tuple[int, float] | None) -> tuple[Ints, Ints]:
        slots, keys = self._sorted
        start = 0 if after is None else self._position_after(*after)
        chunks, missing, length = [np.empty(0, np.int64)], limit, _FIRST_CHUNK
        while start < len(slots) and missing > 0:
            chunks.append(np.flatnonzero(products.as_bools.take(slots[start : start + length]))[:missing] + start)
            missing -= len(chunks[-1])
            start, length = start + length, length * 4
        positions = np.concatenate(chunks)
        return slots[positions].astype(np.int64), keys[positions]

    def _position_after(self, key: int, slot: float) -> int:
        """The first position in the sorted order that comes after this key and slot."""
        slots, keys = self._sorted
        key = ~key if self._descending else key
        begin, end = (int(np.searchsorted(keys, key, side=side)) for side in ("left", "right"))
        ties = slots[begin:end]
        if self._descending:
            return begin + int(np.count_nonzero(ties >= slot))
        return begin + int(np.count_nonzero(ties <= slot))
