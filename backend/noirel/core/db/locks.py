"""PostgreSQL advisory locks, held until the end of a transaction or for a block of code."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from django.db import Error, connection

from noirel.core.db import prepared


def lock_number(name: str) -> int:
    """The advisory lock number (signed 64-bit) for a name: a hash of it."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big", signed=True)


def take_transaction_lock(name: str) -> None:
    """Wait for `name` and hold it until the current transaction ends.

    For a check that must stay true until the row is written (is this e-mail taken?), where the constraint alone would answer
    with an error, and PostgreSQL would log it. Raises RuntimeError outside a transaction.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("take_transaction_lock needs a transaction")
    prepared.execute("SELECT pg_advisory_xact_lock(%s)", lock_number(name))


@contextmanager
def session_lock(*names: str, wait_ms: int | Callable[[], int]) -> Iterator[bool]:
    """Hold the locks `names` during the block, without a transaction. Yields whether all of them were acquired.

    wait_ms: the longest wait for each lock in milliseconds; 0 doesn't wait. A function is called only when a lock is not free.

    The locks belong to this thread's connection. If the connection dies, the server releases them; if releasing them fails, the
    connection is closed, which has the same effect. Behind a connection pooler this needs session pooling.
    """
    numbers = sorted({lock_number(name) for name in names})
    is_acquired = _acquire(numbers, wait_ms)
    owning_connection = connection.connection
    try:
        yield is_acquired
    finally:
        # If the connection was replaced inside the block, the lock ended with the old one.
        if is_acquired and connection.connection is owning_connection and owning_connection is not None:
            try:
                _release(numbers)
            except Error:
                connection.close()


def _release(numbers: Sequence[int]) -> None:
    prepared.execute(f"SELECT {', '.join(['pg_advisory_unlock(%s)'] * len(numbers))}", *numbers)


def _acquire(numbers: Sequence[int], wait_ms: int | Callable[[], int]) -> bool:
    (acquired,) = prepared.execute(f"SELECT {', '.join(['pg_try_advisory_lock(%s)'] * len(numbers))}", *numbers)
    if all(acquired):
        return True
    # Locks are waited for in ascending order, so that two callers with the same locks can't deadlock.
    if taken := [number for number, is_held in zip(numbers, acquired, strict=True) if is_held]:
        _release(taken)
    longest = wait_ms() if callable(wait_ms) else wait_ms
    if longest == 0:
        return False
    for at, number in enumerate(numbers):
        if not _wait_for(number, longest):
            if at:
                _release(numbers[:at])
            return False
    return True


def _wait_for(number: int, wait_ms: int) -> bool:
    with connection.cursor() as cursor:
        # Outside a transaction SET LOCAL has no effect, so the session's setting is changed and restored below.
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
