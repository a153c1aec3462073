"""Products by a key, and the first of those that a list has chosen."""

from functools import cached_property

import numpy as np

from noirel.catalog.index.arrays import Int32s, Ints
from noirel.catalog.index.bitset import Bitset

# So often is a ranking asked before it is sorted: that takes milliseconds, and is not for each edition.
SORT_AFTER_USES = 40
# Of many that are met there are some among the first: they are found by walking along. Few are sorted sooner.
_SCAN_FACTOR = 1
# So many are looked at, one after the other, before it is looked at several times as many at once.
_FIRST_CHUNK = 256


class Ranking:
    """By a key; ties by id, in the same direction. keys: beside `slots`, which rise; without any, of all products."""

    def __init__(self, keys: Ints, slots: Ints | None = None, *, descending: bool) -> None:
        self._keys, self._slots, self._descending = keys, slots, descending
        self._uses = 0

    def top(self, met: Bitset, most: int, *, after: tuple[int, float] | None = None) -> tuple[Ints, Ints]:
        """Up to so many of those that are met, in their order: places and keys.

        after: only what comes after this key and, of those with the same, after this place (or one between two).
        """
        self._uses += 1
        if self._uses > SORT_AFTER_USES and met.count**2 > _SCAN_FACTOR * most * len(self._keys):
            slots, keys = self._scan(met, most, after)
        else:
            slots, keys = self._select(met, most, after)
        return slots, ~keys if self._descending else keys

    def _ascending(self, slots: Ints, keys: Ints) -> tuple[Ints, Ints]:
        """Turned round, so that keys and, within one, products rise. (~ turns round even the least number.)"""
        return (slots[::-1], ~keys[::-1]) if self._descending else (slots, keys)

    def _select(self, met: Bitset, most: int, after: tuple[int, float] | None) -> tuple[Ints, Ints]:
        if self._slots is None:
            slots, keys = self._ascending(met.slots, self._keys.take(met.slots))
        else:
            among = met.as_bools.take(self._slots)
            slots, keys = self._ascending(self._slots[among], self._keys[among])
        if after is not None:
            key, slot = after
            if self._descending:
                beyond = (keys > ~key) | ((keys == ~key) & (slots < slot))
            else:
                beyond = (keys > key) | ((keys == key) & (slots > slot))
            slots, keys = slots[beyond], keys[beyond]
        if len(slots) > most:
            last = np.partition(keys, most - 1)[most - 1]
            before, same = np.flatnonzero(keys < last), np.flatnonzero(keys == last)
            taken = np.concatenate([before, same[: most - len(before)]])
            slots, keys = slots[taken], keys[taken]
        order = np.argsort(keys, kind="stable")
        return slots[order], keys[order]

    @cached_property
    def _sorted(self) -> tuple[Int32s, Ints]:
        slots = np.arange(len(self._keys)) if self._slots is None else self._slots
        slots, keys = self._ascending(slots, self._keys)
        order = np.argsort(keys, kind="stable")
        return slots[order].astype(np.int32), keys[order]

    def _scan(self, met: Bitset, most: int, after: tuple[int, float] | None) -> tuple[Ints, Ints]:
        slots, keys = self._sorted
        at = 0 if after is None else self._position_after(*after)
        found, missing, steps = [np.empty(0, np.int64)], most, _FIRST_CHUNK
        while at < len(slots) and missing > 0:
            found.append(np.flatnonzero(met.as_bools.take(slots[at : at + steps]))[:missing] + at)
            missing -= len(found[-1])
            at, steps = at + steps, steps * 4
        places = np.concatenate(found)
        return slots[places].astype(np.int64), keys[places]

    def _position_after(self, key: int, slot: float) -> int:
        """Where what comes after these begins, in the sorted order."""
        slots, keys = self._sorted
        key = ~key if self._descending else key
        begin, end = (int(np.searchsorted(keys, key, side=side)) for side in ("left", "right"))
        same = slots[begin:end]
        if self._descending:
            return begin + int(np.count_nonzero(same >= slot))
        return begin + int(np.count_nonzero(same <= slot))
