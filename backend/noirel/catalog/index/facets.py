"""Facets: which products have which value, fast counts of them, and the lookup of values by words in their names."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import pairwise

import numpy as np

from noirel.catalog.index.arrays import Int32s, Ints
from noirel.catalog.index.bitset import Bits, Bitset, pack_bits
from noirel.catalog.text import tokens

# Faster structures for counting take milliseconds to build, so they are built only for facets counted this often before the
# next snapshot.
_SORT_AFTER_USES = 40
# The cost of counting one selected product, in units of one sequentially read entry of a facet (or one 64-bit word): for facets
# with several values per product, and for those with one.
_MULTI_VALUE_COST, _SINGLE_VALUE_COST = 16, 4
# Facets with at most this many values are also stored as bitmaps, one bit per product and value.
_MAX_BITMAP_VALUES = 64


class ValueNames:
    """Names that can be looked up by their words."""

    def __init__(self, names: Sequence[str]) -> None:
        self._words = [_words_of(name) for name in names]
        self._sorted_words = sorted({(word, index) for index, words in enumerate(self._words) for word in words})

    def matching(self, words: Sequence[str]) -> list[int]:
        """The indexes of the names that contain all the words, the last of them as a prefix. Ascending."""
        *whole, prefix = words
        candidates = set()
        for position in range(bisect_left(self._sorted_words, (prefix, 0)), len(self._sorted_words)):
            word, index = self._sorted_words[position]
            if not word.startswith(prefix):
                break
            candidates.add(index)
        return sorted(index for index in candidates if all(word in self._words[index] for word in whole))


@lru_cache(20_000)  # the same names recur in every snapshot
def _words_of(name: str) -> tuple[str, ...]:
    return tuple(tokens(name))


@dataclass(frozen=True)
class Facet:
    """Which products have which value. A product may have several.

    names: the values.
    slots: the products, grouped by value: those with names[n] are slots[starts[n]:starts[n + 1]], which is never empty.
    """

    names: list[str]
    slots: Int32s
    starts: Ints
    _uses: list[int] = field(default_factory=lambda: [0], init=False, repr=False, compare=False)

    @classmethod
    def from_pairs(cls, names: Sequence[str], slots: Ints, values: Ints) -> "Facet":
        """Make a facet from pairs of a product's slot and an index in `names`. Values without products are dropped."""
        order = np.lexsort((slots, values))
        counts = np.bincount(values, minlength=len(names))
        is_used = counts > 0
        return cls(
            [name for name, used in zip(names, is_used.tolist(), strict=True) if used],
            slots[order].astype(np.int32),
            np.concatenate([[0], np.cumsum(counts[is_used])]),
        )

    @cached_property
    def index_by_name(self) -> dict[str, int]:
        return {name: index for index, name in enumerate(self.names)}

    @cached_property
    def labels(self) -> ValueNames:
        """The values, by index in `names`."""
        return ValueNames(self.names)

    @property
    def values(self) -> Ints:
        """For each entry of `slots`, the index of its value in `names`."""
        return np.repeat(np.arange(len(self.names)), np.diff(self.starts))

    def products_with(self, value: str) -> Int32s:
        """The slots of the products with a value."""
        index = self.index_by_name[value]
        return self.slots[self.starts[index] : self.starts[index + 1]]

    @cached_property
    def single_value(self) -> Int32s | None:
        """For each slot, the index of the product's only value plus 1, or 0. None if any product has several values."""
        if not len(self.slots) or np.bincount(self.slots).max() > 1:
            return None
        value_numbers = np.zeros(int(self.slots.max()) + 1, np.int32)
        value_numbers[self.slots] = self.values + 1
        return value_numbers

    @cached_property
    def by_product(self) -> tuple[Int32s, Ints]:
        """The indexes of values in `names`, grouped by product, and for each slot where its group begins."""
        starts = np.concatenate([[0], np.cumsum(np.bincount(self.slots))])
        return self.values[np.argsort(self.slots, kind="stable")].astype(np.int32), starts

    @cached_property
    def _bits(self) -> Bits:
        """One row of bits for each value."""
        flags = np.zeros((len(self.names), int(self.slots.max(initial=-1)) + 1), bool)
        flags[self.values, self.slots] = True
        return pack_bits(flags)

    def count(self, products: Bitset) -> Ints:
        """The number of these products with each value.

        Counts by product if few products are selected, with bitmaps if there are few values, and by value otherwise.
        """
        self._uses[0] += 1
        is_worth_sorting = self._uses[0] > _SORT_AFTER_USES
        has_bits = is_worth_sorting and len(self.names) <= _MAX_BITMAP_VALUES
        full_cost = len(self.names) * len(products.bits) if has_bits else len(self.slots)
        if products.count * _SINGLE_VALUE_COST < full_cost and self.single_value is not None:
            value_numbers = self.single_value.take(products.slots[: np.searchsorted(products.slots, len(self.single_value))])
            return np.bincount(value_numbers, minlength=len(self.names) + 1)[1:]
        if products.count * _MULTI_VALUE_COST < full_cost and is_worth_sorting:
            values, starts = self.by_product
            slots = products.slots[: np.searchsorted(products.slots, len(starts) - 1)]
            begins, lengths = starts[slots], starts[slots + 1] - starts[slots]
            # The concatenated ranges [begin, begin + length) of all selected products.
            positions = np.repeat(begins - np.cumsum(lengths) + lengths, lengths) + np.arange(lengths.sum())
            return np.bincount(values[positions], minlength=len(self.names))
        if has_bits:
            counts: Ints = np.bitwise_count(self._bits & products.bits[: self._bits.shape[1]]).sum(axis=1, dtype=np.int64)
            return counts
        is_selected = products.as_bools.take(self.slots)
        if len(self.names) > 200:  # one expensive call is cheaper than a Python loop over the values
            return np.add.reduceat(is_selected.view(np.int8), self.starts[:-1], dtype=np.int64)
        ends = self.starts.tolist()
        return np.array([np.count_nonzero(is_selected[begin:end]) for begin, end in pairwise(ends)], np.int64)
