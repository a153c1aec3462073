"""A bound on the threads of a process that wait for somebody else at the same time."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Slots:
    """At most `limit` threads are inside `take` at once.

    Another one waits up to `patience` seconds while slots become free, and not at all once all of them have been taken for that
    long: whoever answers within that time is never the reason of a refusal, and who does not answer holds `limit` threads.
    """

    def __init__(self, limit: int, *, patience: float) -> None:
        self._limit = limit
        self._patience = patience
        self._condition = threading.Condition()
        self._taken = 0
        self._changed_at = 0.0  # when a slot was taken or given back, by the monotonic clock
        self._thread = threading.local()

    @contextmanager
    def take(self) -> Iterator[bool]:
        """Hold a slot for the block; yields whether we got it. A thread that holds one already keeps it."""
        if getattr(self._thread, "holds", False):
            yield True
            return
        got = self._acquire()
        self._thread.holds = got
        try:
            yield got
        finally:
            self._thread.holds = False
            if got:
                with self._condition:
                    self._taken -= 1
                    self._changed_at = time.monotonic()
                    self._condition.notify()

    def _acquire(self) -> bool:
        deadline = time.monotonic() + self._patience
        with self._condition:
            while self._taken >= self._limit:
                left = min(deadline, self._changed_at + self._patience) - time.monotonic()
                if left <= 0:
                    return False
                self._condition.wait(left)
            self._taken += 1
            self._changed_at = time.monotonic()
            return True
