"""A per-process cache of responses that are the same for everyone, revalidated against PostgreSQL before every hit.

Each entry carries the `state` of the data it was built from: the catalogue's version (versions.py) and, for a resource that can
change without a new version, the state of that resource. Before an entry is used, one small query reads the version and the
change log (invalidation.py); its result is trusted for READS_TRUSTED_MS, and only an entry whose resource appears in the change
log is revalidated by a query of its own. No invalidation message can be lost or late, and the number of processes and hosts
makes no difference: a request that follows a confirmed change gets a response that includes the change. See ADR 0007.
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
    """The JSON body of a response and what is needed to cache it.

    surrogate_keys: space-separated names by which a CDN can purge the response.
    state: the catalogue's version in the snapshot that the body was read from, or an earlier one; None: don't cache.
    resource_id: the id, as text, of the resource whose changes are recorded in the change log; empty if there is none.
    revalidation_query: with a resource_id, a statement and its parameters that return the current state: the version, a space,
        and the state of the resource. `state` has the same form then.
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
    expires_at: float  # by time.monotonic(); bounds the age of what changes with time alone, such as a launch or a badge
    resource_id: bytes = b""
    revalidation_query: tuple[str, ...] = ()
    validated_at: int = 0  # the change log's sequence before the entry was last found fresh
    rendered_headers: dict[tuple[str, bool], bytes] = field(
        default_factory=dict
    )  # by (scheme, is_304); see fastpath/event_loop.py


class ResponseCache:
    """An LRU cache of at most `limit` bytes. Thread-safe."""

    def __init__(self, limit: int) -> None:
        self.limit, self.size = limit, 0
        self._entries: OrderedDict[str, CacheEntry] = OrderedDict()
        self._lock = threading.Lock()
        self._build_locks: dict[str, threading.Lock] = {}

    def get(self, key: str) -> CacheEntry | None:
        with self._lock:
            entry = self._entries.get(key)
            if entry is not None:
                self._entries.move_to_end(key)
            return entry

    def put(self, key: str, entry: CacheEntry) -> None:
        """Store an entry, unless it would take more than an eighth of the cache."""
        size = _size(key, entry)
        if size > self.limit // 8:
            return
        with self._lock:
            replaced = self._entries.pop(key, None)
            self.size += size - (_size(key, replaced) if replaced else 0)
            self._entries[key] = entry
            while self.size > self.limit:
                evicted_key, evicted = self._entries.popitem(last=False)
                self.size -= _size(evicted_key, evicted)

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()
            self.size = 0

    def build_lock(self, key: str) -> threading.Lock:
        """The lock that makes threads wait for a build in progress instead of building the same response themselves."""
        with self._lock:
            return self._build_locks.setdefault(key, threading.Lock())

    def release_build_lock(self, key: str) -> None:
        with self._lock:
            self._build_locks.pop(key, None)


response_cache = ResponseCache(settings.READS_KEPT_MB * 1024 * 1024)
change_log = ChangeLog()


def _size(key: str, entry: CacheEntry) -> int:
    return len(entry.body) + len(key) + 1800  # measured overhead of the Python objects


def get_or_build(key: str, build: Callable[[], Payload], *, is_shared: bool = False) -> CacheEntry:
    """Return the response for `key`: the cached entry if it is still fresh, otherwise a new one from `build`.

    is_shared: also look in Redis and store there. Worth it where building costs more than a round trip to Redis.

    Inside a transaction the cache is neither read nor written: uncommitted data must not leak to others, and the transaction's
    snapshot may be old.
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
            # Taken before the build, which may read newer data than this entry of the change log, but never older.
            validated_at = change_log.sequence
            return store(key, build(), is_shared=is_shared, validated_at=validated_at)
        finally:
            response_cache.release_build_lock(key)


def fragment(key: str, state: bytes | None, build: Callable[[], bytes]) -> bytes:
    """Return a costly part of a response, cached in this process and in Redis for as long as the state is the same."""
    if state is None or connection.in_atomic_block or not response_cache.limit:
        return build()
    for lookup in (response_cache.get, _from_redis):
        entry = lookup(key)
        if entry is not None and entry.state == state and entry.expires_at > time.monotonic():
            if lookup is _from_redis:
                response_cache.put(key, entry)
            return entry.body
    return store(key, Payload(build(), "", state), is_shared=True).body


def _from_redis(key: str) -> CacheEntry | None:
    if (redis := redis_cache()) is None or (shared := redis.get(key)) is None:
        return None
    # Limited to our own maximum, because the clock of the host that stored the entry may be wrong.
    expires_at = time.monotonic() + min(shared.expires_at - time.time(), settings.READS_KEPT_SECONDS)
    return CacheEntry(shared.body, _etag(shared.body), shared.surrogate_keys, shared.state.encode(), expires_at)


def get_fresh(key: str, since: float) -> CacheEntry | None:
    """Return the cached response for `key` if it is known, without a query, to be fresh for a request that arrived at `since`.

    since: by time.monotonic().
    """
    entry = response_cache.get(key)
    return entry if entry is not None and is_recently_validated(since) and _is_fresh(entry) else None


def is_recently_validated(since: float) -> bool:
    """Whether the change log was read late enough to be trusted for a request that arrived at `since` (time.monotonic()).

    A reading is trusted for READS_TRUSTED_MS. Responses to staff changes are delayed by as much after the commit
    (core/http/views.py), so a request that follows such a response never relies on a reading from before the change.
    """
    return change_log.checked_at > since - _VALIDATION_TTL


def store(key: str, payload: Payload, *, is_shared: bool = False, validated_at: int = 0) -> CacheEntry:
    """Build a cache entry from a payload and store it, unless its state is None.

    is_shared: also store it in Redis.
    validated_at: `change_log.sequence` from before the payload was read.
    """
    entry = _to_entry(payload)
    entry.validated_at = validated_at
    if entry.state is not None:
        response_cache.put(key, entry)
        if is_shared and (redis := redis_cache()) is not None:
            expires_at = time.time() + entry.expires_at - time.monotonic()
            redis.put(key, SharedEntry(entry.body, entry.surrogate_keys, entry.state.decode(), expires_at))
    return entry


def _is_fresh(entry: CacheEntry) -> bool:
    return (
        entry.state is not None
        and entry.expires_at > time.monotonic()
        and change_log.is_fresh(entry.state, entry.resource_id, entry.validated_at)
    )


def _revalidate(entry: CacheEntry) -> bool:
    now = time.monotonic()
    if entry.expires_at <= now or entry.state is None:
        return False
    if not is_recently_validated(now):
        change_log.apply(now, query_text(CHANGES_SQL))
    if change_log.is_fresh(entry.state, entry.resource_id, entry.validated_at):
        return True
    if not entry.resource_id:
        return False
    # Taken before the query, whose result may be newer than this entry of the change log, but never older.
    sequence = change_log.sequence
    if query_text(*entry.revalidation_query) != entry.state:
        return False
    entry.validated_at = sequence
    return True


_VALIDATION_TTL = settings.READS_TRUSTED_MS / 1000


def _to_entry(payload: Payload) -> CacheEntry:
    # Half of the limit, because a fragment in the response may itself have been cached for up to half of it.
    expires_at = time.monotonic() + settings.READS_KEPT_SECONDS / 2
    return CacheEntry(
        payload.body,
        _etag(payload.body),
        payload.surrogate_keys,
        payload.state,
        expires_at,
        payload.resource_id,
        payload.revalidation_query,
    )


def _etag(body: bytes) -> str:
    """A strong ETag from a 128-bit hash. It need not be cryptographic, and xxHash takes a tenth of the time."""
    return f'"{xxh3_128_hexdigest(body)}"'


def query_text(statement: str, *values: str) -> bytes | None:
    """Execute a constant statement that returns one row with one column, and return that value as bytes (None for NULL)."""
    ((value,),) = prepared.query_raw(statement, *values)
    return value
