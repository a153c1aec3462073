"""Some of the products, a bit for each: twelve kilobytes of a hundred thousand, and filters are put together in an instant."""

from functools import cached_property

import numpy as np
import numpy.typing as npt

from noirel.catalog.search.arrays import Bools, Ints, Places

# 64 products in a word, in their order from its lowest bit on; behind the last one, zeros.
Bits = npt.NDArray[np.uint64]


def bits_of(are: Bools) -> Bits:
    """A bit for each. Of several rows: row by row."""
    packed = np.packbits(are, axis=-1, bitorder="little")
    whole = np.zeros((*are.shape[:-1], -(-are.shape[-1] // 64) * 8), np.uint8)
    whole[..., : packed.shape[-1]] = packed
    return whole.view(np.uint64)


class Met:
    """Which of `most` products meet something."""

    def __init__(self, bits: Bits, most: int) -> None:
        self.bits, self.most = bits, most

    @classmethod
    def of(cls, are: Bools) -> "Met":
        return cls(bits_of(are), len(are))

    @classmethod
    def at(cls, slots: Ints | Places, most: int) -> "Met":
        """Those that stand at these places."""
        are = np.zeros(most, bool)
        are[slots] = True
        return cls.of(are)

    def __and__(self, other: "Met") -> "Met":
        return Met(self.bits & other.bits, self.most)

    def __or__(self, other: "Met") -> "Met":
        return Met(self.bits | other.bits, self.most)

    @cached_property
    def are(self) -> Bools:
        are = np.unpackbits(self.bits.view(np.uint8), count=self.most, bitorder="little").view(np.bool_)
        are.flags.writeable = False
        return are

    @cached_property
    def slots(self) -> Ints:
        """Their places, which rise."""
        words = np.flatnonzero(self.bits)
        if len(words) * 4 > len(self.bits):
            return np.flatnonzero(self.are)
        at = np.flatnonzero(np.unpackbits(self.bits[words].view(np.uint8), bitorder="little"))
        return words[at // 64] * 64 + at % 64

    @cached_property
    def number(self) -> int:
        return int(np.bitwise_count(self.bits).sum())
