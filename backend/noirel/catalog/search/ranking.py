"""Products by a key, and the first of those that a list has chosen."""

from functools import cached_property

import numpy as np

from noirel.catalog.search.arrays import Ints, Places
from noirel.catalog.search.met import Met

# So often is a ranking asked before it is sorted: that takes milliseconds, and is not for each edition.
WORTH_SORTING = 40
# Of many that are met there are some among the first: they are found by walking along. Few are sorted sooner.
_MANY = 1
# So many are looked at, one after the other, before it is looked at several times as many at once.
_AT_ONCE = 256


class Ranking:
    """By a key; ties by id, in the same direction. keys: beside `slots`, which rise; without any, of all products."""

    def __init__(self, keys: Ints, slots: Ints | None = None, *, descending: bool) -> None:
        self._keys, self._slots, self._descending = keys, slots, descending
        self._asked = 0

    def first(self, met: Met, most: int, *, after: tuple[int, float] | None = None) -> tuple[Ints, Ints]:
        """Up to so many of those that are met, in their order: places and keys.

        after: only what comes after this key and, of those with the same, after this place (or one between two).
        """
        self._asked += 1
        if self._asked > WORTH_SORTING and met.number**2 > _MANY * most * len(self._keys):
            slots, keys = self._walked(met, most, after)
        else:
            slots, keys = self._chosen(met, most, after)
        return slots, ~keys if self._descending else keys

    def _rising(self, slots: Ints, keys: Ints) -> tuple[Ints, Ints]:
        """Turned round, so that keys and, within one, products rise. (~ turns round even the least number.)"""
        return (slots[::-1], ~keys[::-1]) if self._descending else (slots, keys)

    def _chosen(self, met: Met, most: int, after: tuple[int, float] | None) -> tuple[Ints, Ints]:
        if self._slots is None:
            slots, keys = self._rising(met.slots, self._keys.take(met.slots))
        else:
            among = met.are.take(self._slots)
            slots, keys = self._rising(self._slots[among], self._keys[among])
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
    def _sorted(self) -> tuple[Places, Ints]:
        slots = np.arange(len(self._keys)) if self._slots is None else self._slots
        slots, keys = self._rising(slots, self._keys)
        order = np.argsort(keys, kind="stable")
        return slots[order].astype(np.int32), keys[order]

    def _walked(self, met: Met, most: int, after: tuple[int, float] | None) -> tuple[Ints, Ints]:
        slots, keys = self._sorted
        at = 0 if after is None else self._beyond(*after)
        found, missing, steps = [np.empty(0, np.int64)], most, _AT_ONCE
        while at < len(slots) and missing > 0:
            found.append(np.flatnonzero(met.are.take(slots[at : at + steps]))[:missing] + at)
            missing -= len(found[-1])
            at, steps = at + steps, steps * 4
        places = np.concatenate(found)
        return slots[places].astype(np.int64), keys[places]

    def _beyond(self, key: int, slot: float) -> int:
        """Where what comes after these begins, in the sorted order."""
        slots, keys = self._sorted
        key = ~key if self._descending else key
        begin, end = (int(np.searchsorted(keys, key, side=side)) for side in ("left", "right"))
        same = slots[begin:end]
        if self._descending:
            return begin + int(np.count_nonzero(same >= slot))
        return begin + int(np.count_nonzero(same <= slot))
