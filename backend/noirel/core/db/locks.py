"""PostgreSQL advisory locks: of a transaction, or held by the connection and given back on every path."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import Error, connection

from noirel.core.db import prepared


def lock_number(name: str) -> int:
    """A signed 64-bit number for a name."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big", signed=True)


def take_transaction_lock(name: str) -> None:
    """Wait for `name` and hold it until the current transaction ends.

    For a check that must stay true until the row is written (is this e-mail taken?), where the constraint alone would answer
    with an error, and PostgreSQL would log it. Raises RuntimeError outside a transaction.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("a transaction lock without a transaction")
    prepared.execute("SELECT pg_advisory_xact_lock(%s)", lock_number(name))


@contextmanager
def session_lock(name: str, *, wait_ms: int) -> Iterator[bool]:
    """Hold `name` for the block without a transaction around it; yields whether we got it.

    wait_ms is the longest wait in milliseconds, 0 doesn't wait. The lock belongs to this thread's connection: if
    that dies, the server gives it back, and if giving it back fails we close the connection for the same effect.
    Behind a pooler this needs session pooling.
    """
    number = lock_number(name)
    held = _acquire(number, wait_ms)
    owner = connection.connection
    try:
        yield held
    finally:
        # A connection opened anew inside the block doesn't own the lock; the one that did took it along.
        if held and connection.connection is owner and owner is not None:
            try:
                prepared.execute("SELECT pg_advisory_unlock(%s)", number)
            except Error:
                connection.close()


def _acquire(number: int, wait_ms: int) -> bool:
    ((held,),) = prepared.execute("SELECT pg_try_advisory_lock(%s)", number)
    if held or wait_ms == 0:
        return bool(held)
    with connection.cursor() as cursor:
        # `lock_timeout` needs a transaction to be local; a session setting is undone right after.
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{wait_ms}ms"])
        try:
            cursor.execute("SELECT pg_advisory_lock(%s)", [number])
        except Error as error:
            if getattr(error.__cause__, "sqlstate", "") != "55P03":  # lock_not_available
                raise
            return False
        finally:
            if connection.is_usable():
                cursor.execute("SELECT set_config('lock_timeout', '0', false)")
    return True
