"""Which products have which value, counted; and values found by their names."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import pairwise

import numpy as np

from noirel.catalog.index.arrays import Int32s, Ints
from noirel.catalog.index.bitset import Bits, Bitset, pack_bits
from noirel.catalog.text import tokens

# So often is a facet counted by its values, before it is put in order otherwise: that takes milliseconds, and is not for each
# edition.
_SORT_AFTER_USES = 40
# To look at one product of those that are met is as much work as to look at so many of a facet's, one after the other, or at so
# many words of 64 bits.
_OF_SEVERAL, _OF_ONE = 16, 4
# Of so many values at most a facet is kept as bits: each of them is as long as the products are many.
_MAX_BITMAP_VALUES = 64


class ValueNames:
    """What things are called, to be found by what somebody types."""

    def __init__(self, names: Sequence[str]) -> None:
        self._words = [_words_of(name) for name in names]
        self._beginnings = sorted({(word, at) for at, words in enumerate(self._words) for word in words})

    def matching(self, asked: Sequence[str]) -> list[int]:
        """Those with all the words, the last of them perhaps half typed: their places, which rise."""
        *whole, last = asked
        found = set()
        for nth in range(bisect_left(self._beginnings, (last, 0)), len(self._beginnings)):
            word, at = self._beginnings[nth]
            if not word.startswith(last):
                break
            found.add(at)
        return sorted(at for at in found if all(word in self._words[at] for word in whole))


@lru_cache(20_000)  # the same names come again with each edition
def _words_of(name: str) -> tuple[str, ...]:
    return tuple(tokens(name))


@dataclass(frozen=True)
class Facet:
    """Which products have which value; a product may have several. `slots` are the products' places, value by value: those of
    names[n] are slots[starts[n]:starts[n + 1]], and none of them is empty."""

    names: list[str]
    slots: Int32s
    starts: Ints
    _uses: list[int] = field(default_factory=lambda: [0], init=False, repr=False, compare=False)

    @classmethod
    def from_pairs(cls, names: Sequence[str], slots: Ints, values: Ints) -> "Facet":
        """From pairs of a product's place and a value's place in `names`."""
        order = np.lexsort((slots, values))
        numbers = np.bincount(values, minlength=len(names))
        had = numbers > 0
        return cls(
            [name for name, has in zip(names, had.tolist(), strict=True) if has],
            slots[order].astype(np.int32),
            np.concatenate([[0], np.cumsum(numbers[had])]),
        )

    @cached_property
    def places(self) -> dict[str, int]:
        return {name: at for at, name in enumerate(self.names)}

    @cached_property
    def labels(self) -> ValueNames:
        """By their places in `names`."""
        return ValueNames(self.names)

    @property
    def values(self) -> Ints:
        """Beside `slots`: the place in `names`."""
        return np.repeat(np.arange(len(self.names)), np.diff(self.starts))

    def products_with(self, value: str) -> Int32s:
        """The products with one of `names`."""
        at = self.places[value]
        return self.slots[self.starts[at] : self.starts[at + 1]]

    @cached_property
    def single_value(self) -> Int32s | None:
        """Where no product has two of the values: for each product, by its place, that of its value in `names`, from 1 on; 0 is
        none."""
        if not len(self.slots) or np.bincount(self.slots).max() > 1:
            return None
        found = np.zeros(int(self.slots.max()) + 1, np.int32)
        found[self.slots] = self.values + 1
        return found

    @cached_property
    def by_product(self) -> tuple[Int32s, Ints]:
        """The same, product by product: the values' places in `names`, and where those of the product at n begin."""
        starts = np.concatenate([[0], np.cumsum(np.bincount(self.slots))])
        return self.values[np.argsort(self.slots, kind="stable")].astype(np.int32), starts

    @cached_property
    def _bits(self) -> Bits:
        """A row for each value."""
        are = np.zeros((len(self.names), int(self.slots.max(initial=-1)) + 1), bool)
        are[self.values, self.slots] = True
        return pack_bits(are)

    def count(self, met: Bitset) -> Ints:
        """How many of the products that are met have each value: by the value, or by the product where few are met, or all at
        once where values are few."""
        self._uses[0] += 1
        is_worth_sorting = self._uses[0] > _SORT_AFTER_USES
        has_bits = is_worth_sorting and len(self.names) <= _MAX_BITMAP_VALUES
        all_of_it = len(self.names) * len(met.bits) if has_bits else len(self.slots)
        if met.count * _OF_ONE < all_of_it and self.single_value is not None:
            found = self.single_value.take(met.slots[: np.searchsorted(met.slots, len(self.single_value))])
            return np.bincount(found, minlength=len(self.names) + 1)[1:]
        if met.count * _OF_SEVERAL < all_of_it and is_worth_sorting:
            values, starts = self.by_product
            slots = met.slots[: np.searchsorted(met.slots, len(starts) - 1)]
            begins, numbers = starts[slots], starts[slots + 1] - starts[slots]
            # Every place from a product's first to its last, one product after the other.
            places = np.repeat(begins - np.cumsum(numbers) + numbers, numbers) + np.arange(numbers.sum())
            return np.bincount(values[places], minlength=len(self.names))
        if has_bits:
            counted: Ints = np.bitwise_count(self._bits & met.bits[: self._bits.shape[1]]).sum(axis=1, dtype=np.int64)
            return counted
        has = met.as_bools.take(self.slots)
        if len(self.names) > 200:  # a step for each value is dearer than one that is dear
            return np.add.reduceat(has.view(np.int8), self.starts[:-1], dtype=np.int64)
        ends = self.starts.tolist()
        return np.array([np.count_nonzero(has[begin:end]) for begin, end in pairwise(ends)], np.int64)
