"""Answers that are the same for everyone, kept by this process, and never given without asking whether they still stand.

Whoever reads asks PostgreSQL one small question before an answer is given again: the `state` of what it was made from. So no
message can be lost, none be late, and it makes no difference how many processes or hosts there are: who asks after a change
was answered is given the shop after that change. All answers share the question (touched.py), which need not be put again
within milliseconds (`is_trusted`): one of its own is put only about a thing that was touched.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from django.conf import settings
from django.db import connection
from xxhash import xxh3_128_hexdigest

from noirel.core import hot
from noirel.core.shared import Kept, shared
from noirel.core.touched import ASK_TOUCHED, Journal


class Told(NamedTuple):
    """What an answer is made of: its JSON, and what it is of.

    keys: names for a shared cache to forget it by. state: the edition in the snapshot that the body was read in, or an earlier
    one; None: not to be kept. of: the one thing that can be touched (touched.py) without a new edition; empty: there is none.
    Then the state goes on after the edition, and `check` (a statement of one text, and its values) asks for it.
    """

    body: bytes
    keys: str
    state: bytes | None
    of: bytes = b""
    check: tuple[str, ...] = ()


@dataclass(slots=True)
class Answer:
    body: bytes
    tag: str
    keys: str
    state: bytes | None
    until: float  # by time.monotonic(): what the clock alone changes (a launch, a badge) is seen by then
    of: bytes = b""
    check: tuple[str, ...] = ()
    stood: int = 0  # the journal's last entry before it was seen to stand
    heads: dict[tuple[str, bool], bytes] = field(default_factory=dict)  # as they were sent (api/quick/lane.py)


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
journal = Journal()


def _size(key: str, answer: Answer) -> int:
    return len(answer.body) + len(key) + 1800  # the objects around them


def answer(key: str, make: Callable[[], Told], *, is_shared: bool = False) -> Answer:
    """The answer to `key`, as it is now: from the shelf if it still stands, else made.

    is_shared: worth asking the other processes for (shared.py). In a transaction it is always made: what is not committed is
    nobody else's to see, and what was read there may be old.
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
            if is_shared and (others := _others(key)) is not None and _stands(others):
                shelf.put(key, others)
                return others
            stood = journal.written  # before it is made: what is read then is as new, or newer
            return keep(key, make(), is_shared=is_shared, stood=stood)
        finally:
            shelf.made(key)


def part(key: str, state: bytes | None, make: Callable[[], bytes]) -> bytes:
    """A part of answers that is dear to make: kept for those of the very same state, by all processes."""
    if state is None or connection.in_atomic_block or not shelf.limit:
        return make()
    for look in (shelf.get, _others):
        found = look(key)
        if found is not None and found.state == state and found.until > time.monotonic():
            if look is _others:
                shelf.put(key, found)
            return found.body
    return keep(key, Told(make(), "", state), is_shared=True).body


def _others(key: str) -> Answer | None:
    """What another process has made of it."""
    if (them := shared()) is None or (kept := them.get(key)) is None:
        return None
    # No longer than here, whatever the clock of the host that made it says.
    until = time.monotonic() + min(kept.until - time.time(), settings.READS_KEPT_SECONDS)
    return Answer(kept.body, _tag(kept.body), kept.keys, kept.state.encode(), until)


def known(key: str, since: float) -> Answer | None:
    """The answer to `key` if it is known, without asking anybody, to have stood at `since` (time.monotonic()) or later."""
    found = shelf.get(key)
    return found if found is not None and is_trusted(since) and _is_of_now(found) else None


def is_trusted(since: float) -> bool:
    """Whether what was touched until `since` is known. Trusted for READS_TRUSTED_MS: so long whoever changes something waits,
    once it is committed, before saying so (core/api/views.py). Who has been told and asks then, asks for what was read after
    the change."""
    return journal.asked > since - _TRUSTED


def keep(key: str, told: Told, *, is_shared: bool = False, stood: int = 0) -> Answer:
    """The answer, on the shelf from now on; stood: `journal.written` before it was begun."""
    made = _told(told)
    made.stood = stood
    if made.state is not None:
        shelf.put(key, made)
        if is_shared and (them := shared()) is not None:
            until = time.time() + made.until - time.monotonic()
            them.put(key, Kept(made.body, made.keys, made.state.decode(), until))
    return made


def _is_of_now(found: Answer) -> bool:
    return found.state is not None and found.until > time.monotonic() and journal.stands(found.state, found.of, found.stood)


def _stands(found: Answer) -> bool:
    asked = time.monotonic()
    if found.until <= asked or found.state is None:
        return False
    if not is_trusted(asked):
        journal.hear(asked, ask(ASK_TOUCHED))
    if journal.stands(found.state, found.of, found.stood):
        return True
    if not found.of:
        return False
    entry = journal.written  # before the question, which is put now: what was trusted may be older than the entry
    if ask(*found.check) != found.state:
        return False
    found.stood = entry
    return True


_TRUSTED = settings.READS_TRUSTED_MS / 1000


def _told(told: Told) -> Answer:
    # Half of it: what an answer is made of (`part`) may be as old as that already.
    until = time.monotonic() + settings.READS_KEPT_SECONDS / 2
    return Answer(told.body, _tag(told.body), told.keys, told.state, until, told.of, told.check)


def _tag(body: bytes) -> str:
    """128 bits: not a secret's hash, and a tenth of its price."""
    return f'"{xxh3_128_hexdigest(body)}"'


def ask(statement: str, *values: str) -> bytes | None:
    """The one text that a constant statement answers."""
    ((told,),) = hot.ask(statement, *values)
    return told
