"""How long public responses stay in the caches."""

import time

import pytest

from noirel.catalog.index.lru import LRUCache
from noirel.core.cache import responses
from noirel.core.cache.redis import SharedEntry
from noirel.core.cache.responses import Payload, fragment, get_or_build
from noirel.core.cache.versions import SELECT_VERSION
from noirel.core.domain.money import inr
from tests.make import make_variant

pytestmark = pytest.mark.django_db(transaction=True)


class _RedisWithEntry:
    """Stands in for a Redis in which another process has stored an entry."""

    def __init__(self, *, clock_ahead: float) -> None:
        state = (responses.query_text(SELECT_VERSION) or b"").decode()
        self.entry = SharedEntry(b"from Redis", "", state, time.time() + clock_ahead + 30)

    def get(self, key: str) -> SharedEntry:
        return self.entry

    def put(self, key: str, entry: SharedEntry) -> None:
        pass


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    responses.response_cache.clear()


def _build() -> Payload:
    return Payload(b"built here", "", responses.query_text(SELECT_VERSION))


def test_an_entry_from_a_host_with_a_wrong_clock_expires_on_time(monkeypatch: pytest.MonkeyPatch) -> None:
    make_variant(price=inr(100))  # creates a version
    monkeypatch.setattr(responses, "redis_cache", lambda: _RedisWithEntry(clock_ahead=3600))
    entry = get_or_build("a list", _build, is_shared=True)
    assert entry.body == b"from Redis"
    assert entry.expires_at <= time.monotonic() + 30


def test_a_response_and_its_fragments_together_last_no_longer_than_thirty_seconds() -> None:
    """A fragment may be about to expire when a response is built from it, whose own lifetime then begins."""
    make_variant(price=inr(100))  # creates a version
    state = responses.query_text(SELECT_VERSION)
    response = get_or_build("a list", lambda: Payload(fragment("counts", state, lambda: b"1"), "", state))
    counts = responses.response_cache.get("counts")
    assert counts
    assert (response.expires_at - time.monotonic()) + (counts.expires_at - time.monotonic()) <= 30


def test_empty_entries_count_against_the_limit_of_the_lru_cache() -> None:
    class Empty:
        nbytes = 0

    cache: LRUCache[Empty] = LRUCache(limit=100_000)
    for number in range(5_000):
        cache.put(f"all {number}", Empty())
    assert len(cache._entries) < 200
