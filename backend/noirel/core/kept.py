"""Answers that are the same for everyone, kept by this process, and never given without asking whether they still stand.

Whoever reads asks PostgreSQL one small question before an answer is given again: the `state` of what it was made from. So no
message can be lost, none be late, and it makes no difference how many processes or hosts there are: an answer that began after
a change was committed is of the shop after that change.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

from django.conf import settings
from django.db import connection

from noirel.core import hot


class Told(NamedTuple):
    """What an answer is made of: its JSON, what it is of, and how to ask whether it still stands.

    keys: names for a shared cache to forget it by. state: what `check` (a statement of one text, and its values) said in the
    snapshot that the body was read in, or an earlier one; None: not to be kept.
    """

    body: bytes
    keys: str
    state: bytes | None
    check: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    body: bytes
    tag: str
    keys: str
    state: bytes | None
    check: tuple[str, ...]
    until: float  # by time.monotonic(): what the clock alone changes (a launch, a badge) is seen by then


class Shelf:
    """The answers that were asked for last, up to `limit` bytes of them; for all threads of a process."""

    def __init__(self, limit: int) -> None:
        self.limit, self.size = limit, 0
        self._kept: OrderedDict[str, Answer] = OrderedDict()
        self._lock = threading.Lock()
        self._being_made: dict[str, threading.Lock] = {}

    def get(self, key: str) -> Answer | None:
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def put(self, key: str, answer: Answer) -> None:
        size = _size(key, answer)
        if size > self.limit // 8:
            return
        with self._lock:
            before = self._kept.pop(key, None)
            self.size += size - (_size(key, before) if before else 0)
            self._kept[key] = answer
            while self.size > self.limit:
                old, dropped = self._kept.popitem(last=False)
                self.size -= _size(old, dropped)

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()
            self.size = 0

    def making(self, key: str) -> threading.Lock:
        """One thread makes an answer; the others wait for it."""
        with self._lock:
            return self._being_made.setdefault(key, threading.Lock())

    def made(self, key: str) -> None:
        with self._lock:
            self._being_made.pop(key, None)


shelf = Shelf(settings.READS_KEPT_MB * 1024 * 1024)


def _size(key: str, answer: Answer) -> int:
    return len(answer.body) + len(key) + 600  # the objects around them


def answer(key: str, make: Callable[[], Told]) -> Answer:
    """The answer to `key`, as it is now: from the shelf if it still stands, else made.

    In a transaction it is always made: what is not committed is nobody else's to see, and what was read there may be old.
    """
    if connection.in_atomic_block or not shelf.limit:
        return _told(make())
    found = shelf.get(key)
    if found is not None and _stands(found):
        return found
    with shelf.making(key):
        try:
            other = shelf.get(key)
            if other is not None and other is not found and _stands(other):
                return other
            return keep(key, make())
        finally:
            shelf.made(key)


def keep(key: str, told: Told) -> Answer:
    made = _told(told)
    if made.state is not None and shelf.limit:
        shelf.put(key, made)
    return made


def _stands(found: Answer) -> bool:
    return found.until > time.monotonic() and ask(*found.check) == found.state


def _told(told: Told) -> Answer:
    return Answer(
        told.body, f'"{sha256(told.body).hexdigest()[:32]}"', told.keys, told.state, told.check,
        time.monotonic() + settings.READS_KEPT_SECONDS,
    )  # fmt: skip


def ask(statement: str, *values: str) -> bytes | None:
    """The one text that a constant statement answers."""
    ((told,),) = hot.ask(statement, *values)
    return told
