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

from noirel.core.cache.invalidation import CHANGES_SQL, ChangeLog
from noirel.core.cache.redis import SharedEntry, redis_cache
from noirel.core.db import prepared


class Payload(NamedTuple):
    """What an answer is made of: its JSON, and what it is of.

    keys: names for a shared cache to forget it by. state: the edition in the snapshot that the body was read in, or an earlier
    one; None: not to be kept. of: the one thing that can be touched (touched.py) without a new edition; empty: there is none.
    Then the state goes on after the edition, and `check` (a statement of one text, and its values) asks for it.
    """

    body: bytes
    surrogate_keys: str
    state: bytes | None
    resource_id: bytes = b""
    revalidation_query: tuple[str, ...] = ()


@dataclass(slots=True)
class CacheEntry:
    body: bytes
    etag: str
    surrogate_keys: str
    state: bytes | None
    expires_at: float  # by time.monotonic(): what the clock alone changes (a launch, a badge) is seen by then
    resource_id: bytes = b""
    revalidation_query: tuple[str, ...] = ()
    validated_at: int = 0  # the journal's last entry before it was seen to stand
    rendered_headers: dict[tuple[str, bool], bytes] = field(default_factory=dict)  # as they were sent (api/quick/lane.py)


class ResponseCache:
    """The answers that were asked for last, up to `limit` bytes of them; for all threads of a process."""

    def __init__(self, limit: int) -> None:
        self.limit, self.size = limit, 0
        self._entries: OrderedDict[str, CacheEntry] = OrderedDict()
        self._lock = threading.Lock()
        self._build_locks: dict[str, threading.Lock] = {}

    def get(self, key: str) -> CacheEntry | None:
        with self._lock:
            found = self._entries.get(key)
            if found is not None:
                self._entries.move_to_end(key)
            return found

    def put(self, key: str, answer: CacheEntry) -> None:
        size = _size(key, answer)
        if size > self.limit // 8:
            return
        with self._lock:
            before = self._entries.pop(key, None)
            self.size += size - (_size(key, before) if before else 0)
            self._entries[key] = answer
            while self.size > self.limit:
                old, dropped = self._entries.popitem(last=False)
                self.size -= _size(old, dropped)

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()
            self.size = 0

    def build_lock(self, key: str) -> threading.Lock:
        """One thread makes an answer; the others wait for it."""
        with self._lock:
            return self._build_locks.setdefault(key, threading.Lock())

    def release_build_lock(self, key: str) -> None:
        with self._lock:
            self._build_locks.pop(key, None)


response_cache = ResponseCache(settings.READS_KEPT_MB * 1024 * 1024)
change_log = ChangeLog()


def _size(key: str, answer: CacheEntry) -> int:
    return len(answer.body) + len(key) + 1800  # the objects around them


def get_or_build(key: str, build: Callable[[], Payload], *, is_shared: bool = False) -> CacheEntry:
    """The answer to `key`, as it is now: from the shelf if it still stands, else made.

    is_shared: worth asking the other processes for (shared.py). In a transaction it is always made: what is not committed is
    nobody else's to see, and what was read there may be old.
    """
    if connection.in_atomic_block or not response_cache.limit:
        return _to_entry(build())
    entry = response_cache.get(key)
    if entry is not None and _revalidate(entry):
        return entry
    with response_cache.build_lock(key):
        try:
            other = response_cache.get(key)
            if other is not None and other is not entry and _revalidate(other):
                return other
            if is_shared and (shared_entry := _from_redis(key)) is not None and _revalidate(shared_entry):
                response_cache.put(key, shared_entry)
                return shared_entry
            validated_at = change_log.sequence  # before it is made: what is read then is as new, or newer
            return store(key, build(), is_shared=is_shared, validated_at=validated_at)
        finally:
            response_cache.release_build_lock(key)


def fragment(key: str, state: bytes | None, build: Callable[[], bytes]) -> bytes:
    """A part of answers that is dear to make: kept for those of the very same state, by all processes."""
    if state is None or connection.in_atomic_block or not response_cache.limit:
        return build()
    for look in (response_cache.get, _from_redis):
        found = look(key)
        if found is not None and found.state == state and found.expires_at > time.monotonic():
            if look is _from_redis:
                response_cache.put(key, found)
            return found.body
    return store(key, Payload(build(), "", state), is_shared=True).body


def _from_redis(key: str) -> CacheEntry | None:
    """What another process has made of it."""
    if (them := redis_cache()) is None or (kept := them.get(key)) is None:
        return None
    # No longer than here, whatever the clock of the host that made it says.
    until = time.monotonic() + min(kept.expires_at - time.time(), settings.READS_KEPT_SECONDS)
    return CacheEntry(kept.body, _etag(kept.body), kept.surrogate_keys, kept.state.encode(), until)


def get_fresh(key: str, since: float) -> CacheEntry | None:
    """The answer to `key` if it is known, without asking anybody, to have stood at `since` (time.monotonic()) or later."""
    found = response_cache.get(key)
    return found if found is not None and is_recently_validated(since) and _is_fresh(found) else None


def is_recently_validated(since: float) -> bool:
    """Whether what was touched until `since` is known. Trusted for READS_TRUSTED_MS: so long whoever changes something waits,
    once it is committed, before saying so (core/http/views.py). Who has been told and asks then, asks for what was read after
    the change."""
    return change_log.checked_at > since - _VALIDATION_TTL


def store(key: str, payload: Payload, *, is_shared: bool = False, validated_at: int = 0) -> CacheEntry:
    """The answer, on the shelf from now on; stood: `journal.written` before it was begun."""
    entry = _to_entry(payload)
    entry.validated_at = validated_at
    if entry.state is not None:
        response_cache.put(key, entry)
        if is_shared and (them := redis_cache()) is not None:
            until = time.time() + entry.expires_at - time.monotonic()
            them.put(key, SharedEntry(entry.body, entry.surrogate_keys, entry.state.decode(), until))
    return entry


def _is_fresh(found: CacheEntry) -> bool:
    return (
        found.state is not None
        and found.expires_at > time.monotonic()
        and change_log.is_fresh(found.state, found.resource_id, found.validated_at)
    )


def _revalidate(found: CacheEntry) -> bool:
    asked = time.monotonic()
    if found.expires_at <= asked or found.state is None:
        return False
    if not is_recently_validated(asked):
        change_log.apply(asked, query_text(CHANGES_SQL))
    if change_log.is_fresh(found.state, found.resource_id, found.validated_at):
        return True
    if not found.resource_id:
        return False
    entry = change_log.sequence  # before the question, which is put now: what was trusted may be older than the entry
    if query_text(*found.revalidation_query) != found.state:
        return False
    found.validated_at = entry
    return True


_VALIDATION_TTL = settings.READS_TRUSTED_MS / 1000


def _to_entry(payload: Payload) -> CacheEntry:
    # Half of it: what an answer is made of (`part`) may be as old as that already.
    until = time.monotonic() + settings.READS_KEPT_SECONDS / 2
    return CacheEntry(
        payload.body,
        _etag(payload.body),
        payload.surrogate_keys,
        payload.state,
        until,
        payload.resource_id,
        payload.revalidation_query,
    )


def _etag(body: bytes) -> str:
    """128 bits: not a secret's hash, and a tenth of its price."""
    return f'"{xxh3_128_hexdigest(body)}"'


def query_text(statement: str, *values: str) -> bytes | None:
    """The one text that a constant statement answers."""
    ((told,),) = prepared.query_raw(statement, *values)
    return told
