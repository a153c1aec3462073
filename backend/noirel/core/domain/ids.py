"""Identifiers: sortable UUIDs for rows, unguessable numbers for people."""

import os
import random
import secrets
import time
from uuid import UUID

# `uuid7` in SQL, for statements that generate rows: milliseconds, followed by the tail of a random UUID.
UUID7_SQL = (
    "(lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0')"
    " || '7' || substr(replace(gen_random_uuid()::text, '-', ''), 14))::uuid"
)
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # without I, L, O and U, which are ambiguous when read aloud or copied


def uuid7() -> UUID:
    """A UUID version 7 (RFC 9562, section 5.7): 48 bits of milliseconds, 74 random bits. PostgreSQL lacks it before 18."""
    milliseconds = time.time_ns() // 1_000_000
    random_bits = int.from_bytes(os.urandom(10), "big")
    value = (milliseconds & (1 << 48) - 1) << 80
    value |= 0x7 << 76 | (random_bits >> 68 & 0xFFF) << 64
    value |= 0b10 << 62 | random_bits & (1 << 62) - 1
    return UUID(int=value)


def trace_id() -> str:
    """A UUID version 7 as 32 hex digits, for a request. It has to be unique, not secret.

    `os.urandom` releases the GIL, which lets another thread run and triples the time of a cached response. The `random` module
    is seeded by the kernel once, and again in every forked process.
    """
    random_bits = random.getrandbits(74)
    milliseconds = time.time_ns() // 1_000_000 & (1 << 48) - 1
    return f"{milliseconds:012x}7{random_bits >> 62:03x}{0b10 << 62 | random_bits & (1 << 62) - 1:016x}"


def random_number(prefix: str, length: int = 8) -> str:
    """A random number like `NE-7K3MQ2XD`, which can't be guessed from others.

    length: the number of characters after the prefix; each has 5 bits. Uniqueness is up to the caller's constraint.
    """
    return prefix + "".join(secrets.choice(CROCKFORD) for _ in range(length))
