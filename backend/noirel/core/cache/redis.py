"""Answers that all processes and hosts keep together, in Redis: what one has worked out, the others needn't.

Nothing depends on it. Whether an answer stands is asked of PostgreSQL, wherever it was kept; and a Redis that is slow or away
is left alone for a while.
"""

import logging
import time
from functools import cache
from hashlib import sha256
from typing import NamedTuple

import orjson
import redis
from django.conf import settings

TIMEOUT_SECONDS = 0.2  # seconds for one call: what is kept there takes longer to work out
BACKOFF_SECONDS = 5.0  # seconds without a question, after one that was not answered
log = logging.getLogger("noirel.shared")


class SharedEntry(NamedTuple):
    """An answer on its way: `until` is by time.time(), the clock that hosts have in common."""

    body: bytes
    surrogate_keys: str
    state: str
    expires_at: float


class RedisCache:
    def __init__(self, url: str) -> None:
        self._redis = redis.Redis.from_url(url, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS)
        # Two shops on one Redis have different databases; the number grows when `Kept` has another shape.
        self._prefix = sha256(settings.DATABASES["default"]["NAME"].encode() + settings.SECRET_KEY.encode()).hexdigest()[:12]
        self._retry_at = 0.0

    def get(self, key: str) -> SharedEntry | None:
        if time.monotonic() < self._retry_at:
            return None
        try:
            told = self._redis.get(self._redis_key(key))
        except redis.RedisError as error:
            self._back_off(error)
            return None
        if not isinstance(told, bytes):
            return None
        head, _, body = told.partition(b"\n")
        return SharedEntry(body, *orjson.loads(head))

    def put(self, key: str, kept: SharedEntry) -> None:
        if time.monotonic() < self._retry_at:
            return
        left = kept.expires_at - time.time()
        if left > 0:
            head = orjson.dumps([kept.surrogate_keys, kept.state, kept.expires_at])
            try:
                self._redis.set(self._redis_key(key), head + b"\n" + kept.body, px=max(1, int(left * 1000)))
            except redis.RedisError as error:
                self._back_off(error)

    def is_reachable(self) -> bool:
        """Ask now, even while it is left alone."""
        try:
            return bool(self._redis.ping())
        except redis.RedisError:
            return False

    def _redis_key(self, key: str) -> str:
        return f"noirel:{self._prefix}:2:{sha256(key.encode()).hexdigest()[:32]}"

    def _back_off(self, error: Exception) -> None:
        log.warning("Redis did not answer: %s", error)
        self._retry_at = time.monotonic() + BACKOFF_SECONDS


@cache
def redis_cache() -> RedisCache | None:
    """None without REDIS_URL."""
    return RedisCache(settings.REDIS_URL) if settings.REDIS_URL else None
