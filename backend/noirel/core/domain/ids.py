"""Names for things: sortable UUIDs for rows, unguessable numbers for people."""

import os
import random
import secrets
import time
from uuid import UUID

# The same as `uuid7` where a statement makes the rows itself: a random UUID's tail behind the milliseconds.
UUID7_SQL = (
    "(lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0')"
    " || '7' || substr(replace(gen_random_uuid()::text, '-', ''), 14))::uuid"
)
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # no I, L, O, U: read out loud without doubt


def uuid7() -> UUID:
    """A UUID of version 7 (RFC 9562, 5.7): 48 bits of milliseconds, 74 random bits. Made here because PostgreSQL 15 can't."""
    milliseconds = time.time_ns() // 1_000_000
    chance = int.from_bytes(os.urandom(10), "big")
    value = (milliseconds & (1 << 48) - 1) << 80
    value |= 0x7 << 76 | (chance >> 68 & 0xFFF) << 64
    value |= 0b10 << 62 | chance & (1 << 62) - 1
    return UUID(int=value)


def trace_id() -> str:
    """A UUID of version 7 as 32 hex digits, for a request: it has to be another one, not a secret.

    The kernel is not asked for its random bits: while it answers, another thread takes over, and an answer that takes 20 µs of
    Python takes 60. `random` is seeded by the kernel once, and anew in each process that is forked.
    """
    chance = random.getrandbits(74)
    milliseconds = time.time_ns() // 1_000_000 & (1 << 48) - 1
    return f"{milliseconds:012x}7{chance >> 62:03x}{0b10 << 62 | chance & (1 << 62) - 1:016x}"


def random_number(prefix: str, length: int = 8) -> str:
    """`NE-7K3MQ2XD`: not guessable in sequence. 8 characters are 40 bits; the caller's unique constraint has the last word."""
    return prefix + "".join(secrets.choice(CROCKFORD) for _ in range(length))
