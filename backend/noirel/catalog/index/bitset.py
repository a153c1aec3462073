"""Some of the products, a bit for each: twelve kilobytes of a hundred thousand, and filters are put together in an instant."""

from functools import cached_property

import numpy as np
import numpy.typing as npt

from noirel.catalog.index.arrays import Bools, Int32s, Ints

# 64 products in a word, in their order from its lowest bit on; behind the last one, zeros.
Bits = npt.NDArray[np.uint64]


def pack_bits(are: Bools) -> Bits:
    """A bit for each. Of several rows: row by row."""
    packed = np.packbits(are, axis=-1, bitorder="little")
    whole = np.zeros((*are.shape[:-1], -(-are.shape[-1] // 64) * 8), np.uint8)
    whole[..., : packed.shape[-1]] = packed
    return whole.view(np.uint64)


class Bitset:
    """Which of `most` products meet something."""

    def __init__(self, bits: Bits, most: int) -> None:
        self.bits, self.size = bits, most

    @classmethod
    def from_bools(cls, are: Bools) -> "Bitset":
        return cls(pack_bits(are), len(are))

    @classmethod
    def from_slots(cls, slots: Ints | Int32s, most: int) -> "Bitset":
        """Those that stand at these places."""
        are = np.zeros(most, bool)
        are[slots] = True
        return cls.from_bools(are)

    def __and__(self, other: "Bitset") -> "Bitset":
        return Bitset(self.bits & other.bits, self.size)

    def __or__(self, other: "Bitset") -> "Bitset":
        return Bitset(self.bits | other.bits, self.size)

    @cached_property
    def as_bools(self) -> Bools:
        are = np.unpackbits(self.bits.view(np.uint8), count=self.size, bitorder="little").view(np.bool_)
        are.flags.writeable = False
        return are

    @cached_property
    def slots(self) -> Ints:
        """Their places, which rise."""
        words = np.flatnonzero(self.bits)
        if len(words) * 4 > len(self.bits):
            return np.flatnonzero(self.as_bools)
        at = np.flatnonzero(np.unpackbits(self.bits[words].view(np.uint8), bitorder="little"))
        return words[at // 64] * 64 + at % 64

    @cached_property
    def count(self) -> int:
        return int(np.bitwise_count(self.bits).sum())
