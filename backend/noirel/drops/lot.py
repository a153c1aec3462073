"""The draw. Pure, and short enough to be written again by whoever doubts it: docs/verify_draw.py and the drop's page do.

1. Before entries open: 32 random bytes are the seed, and its SHA-256 is published.
2. When entries close: the ids of all entries, sorted and one a line, are hashed by SHA-256, and that is published.
3. Where the announcement named a public source of chance (a beacon), its value is looked up then.
4. Each entry's lot is HMAC-SHA256(seed, id | hash of the list | beacon). Lots in ascending order are the places.
"""

import hashlib
import hmac
from collections.abc import Iterable

ALGORITHM = "hmac-sha256-v1"


def commitment_to(seed: bytes) -> str:
    """What is published of a seed before the draw."""
    return hashlib.sha256(seed).hexdigest()


def hash_of_list(entries: Iterable[str]) -> str:
    """One hash for who takes part, in whatever order they came."""
    return hashlib.sha256("\n".join(sorted(entries)).encode()).hexdigest()


def lot_of(entry: str, *, seed: bytes, entries_hash: str, beacon: str) -> str:
    """The number an entry draws."""
    return hmac.new(seed, f"{entry}|{entries_hash}|{beacon}".encode(), hashlib.sha256).hexdigest()


def places(entries: Iterable[str], *, seed: bytes, beacon: str) -> list[str]:
    """The entries in the order in which they may buy."""
    everybody = list(entries)
    entries_hash = hash_of_list(everybody)
    return sorted(everybody, key=lambda entry: (lot_of(entry, seed=seed, entries_hash=entries_hash, beacon=beacon), entry))
