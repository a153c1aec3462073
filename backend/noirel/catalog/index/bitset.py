"""Sets of products with one bit per product: 12 KB for 100,000 products, and fast to intersect."""

from functools import cached_property

import numpy as np
import numpy.typing as npt

from noirel.catalog.index.arrays import Bools, Int32s, Ints

# 64 products per word, in order from the lowest bit. Unused bits of the last word are zero.
Bits = npt.NDArray[np.uint64]


def pack_bits(flags: Bools) -> Bits:
    """Pack booleans into bits. A two-dimensional array is packed row by row."""
    packed = np.packbits(flags, axis=-1, bitorder="little")
    padded = np.zeros((*flags.shape[:-1], -(-flags.shape[-1] // 64) * 8), np.uint8)
    padded[..., : packed.shape[-1]] = packed
    return padded.view(np.uint64)


class Bitset:
    """A subset of `size` products, which are identified by their slots (positions in the columns). Immutable."""

    def __init__(self, bits: Bits, size: int) -> None:
        self.bits, self.size = bits, size

    @classmethod
    def from_bools(cls, flags: Bools) -> "Bitset":
        return cls(pack_bits(flags), len(flags))

    @classmethod
    def from_slots(cls, slots: Ints | Int32s, size: int) -> "Bitset":
        """The products at these slots."""
        flags = np.zeros(size, bool)
        flags[slots] = True
        return cls.from_bools(flags)

    def __and__(self, other: "Bitset") -> "Bitset":
        return Bitset(self.bits & other.bits, self.size)

    def __or__(self, other: "Bitset") -> "Bitset":
        return Bitset(self.bits | other.bits, self.size)

    @cached_property
    def as_bools(self) -> Bools:
        flags = np.unpackbits(self.bits.view(np.uint8), count=self.size, bitorder="little").view(np.bool_)
        flags.flags.writeable = False
        return flags

    @cached_property
    def slots(self) -> Ints:
        """The slots of the products, ascending."""
        words = np.flatnonzero(self.bits)
        if len(words) * 4 > len(self.bits):
            return np.flatnonzero(self.as_bools)
        positions = np.flatnonzero(np.unpackbits(self.bits[words].view(np.uint8), bitorder="little"))
        return words[positions // 64] * 64 + positions % 64

    @cached_property
    def count(self) -> int:
        return int(np.bitwise_count(self.bits).sum())
