"""An optional cache in Redis that all processes and hosts share, so that a response is built only once.

It is only an optimisation: entries are revalidated against PostgreSQL like those of the process's own cache, and a Redis that
is slow or down is not used for BACKOFF_SECONDS.
"""

import logging
import time
from functools import cache
from hashlib import sha256
from typing import NamedTuple

import orjson
import redis
from django.conf import settings

TIMEOUT_SECONDS = 0.2  # for one call; building a response takes longer
BACKOFF_SECONDS = 5.0  # without a call, after one that failed
log = logging.getLogger("noirel.redis")


class SharedEntry(NamedTuple):
    """A response as stored in Redis. `expires_at` is by time.time(), because hosts share no monotonic clock."""

    body: bytes
    surrogate_keys: str
    state: str
    expires_at: float


class RedisCache:
    def __init__(self, url: str) -> None:
        self._redis = redis.Redis.from_url(url, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS)
        # Keeps shops on one Redis apart. The number in _redis_key changes with the format of SharedEntry.
        self._prefix = sha256(settings.DATABASES["default"]["NAME"].encode() + settings.SECRET_KEY.encode()).hexdigest()[:12]
        self._retry_at = 0.0

    def get(self, key: str) -> SharedEntry | None:
        if time.monotonic() < self._retry_at:
            return None
        try:
            value = self._redis.get(self._redis_key(key))
        except redis.RedisError as error:
            self._back_off(error)
            return None
        if not isinstance(value, bytes):
            return None
        head, _, body = value.partition(b"\n")
        return SharedEntry(body, *orjson.loads(head))

    def put(self, key: str, entry: SharedEntry) -> None:
        if time.monotonic() < self._retry_at:
            return
        seconds_left = entry.expires_at - time.time()
        if seconds_left > 0:
            head = orjson.dumps([entry.surrogate_keys, entry.state, entry.expires_at])
            try:
                self._redis.set(self._redis_key(key), head + b"\n" + entry.body, px=max(1, int(seconds_left * 1000)))
            except redis.RedisError as error:
                self._back_off(error)

    def is_reachable(self) -> bool:
        """Whether Redis answers a PING now, even during the back-off."""
        try:
            return bool(self._redis.ping())
        except redis.RedisError:
            return False

    def _redis_key(self, key: str) -> str:
        return f"noirel:{self._prefix}:2:{sha256(key.encode()).hexdigest()[:32]}"

    def _back_off(self, error: Exception) -> None:
        log.warning("Redis did not respond and is not used for %g s: %s", BACKOFF_SECONDS, error)
        self._retry_at = time.monotonic() + BACKOFF_SECONDS


@cache
def redis_cache() -> RedisCache | None:
    """The shared cache, or None without REDIS_URL."""
    return RedisCache(settings.REDIS_URL) if settings.REDIS_URL else None
