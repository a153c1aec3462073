"""What is kept of public answers: for how long, and on whose word."""

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


class _Others:
    """What another process has left in Redis."""

    def __init__(self, *, ahead: float) -> None:
        self.left = SharedEntry(b"theirs", "", responses.query_text(SELECT_VERSION).decode(), time.time() + ahead + 30)  # type: ignore[union-attr]

    def get(self, key: str) -> SharedEntry:
        return self.left

    def put(self, key: str, told: SharedEntry) -> None:
        pass


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    responses.response_cache.clear()


def _mine() -> Payload:
    return Payload(b"mine", "", responses.query_text(SELECT_VERSION))


def test_a_host_whose_clock_is_an_hour_ahead_makes_no_answer_last_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    make_variant(price=inr(100))  # an edition
    monkeypatch.setattr(responses, "redis_cache", lambda: _Others(ahead=3600))
    found = get_or_build("a list", _mine, is_shared=True)
    assert found.body == b"theirs"
    assert found.expires_at <= time.monotonic() + 30


def test_what_the_clock_changes_is_seen_in_thirty_seconds_with_the_parts_of_an_answer() -> None:
    """A part may be at its end when an answer is made of it, which then begins."""
    make_variant(price=inr(100))  # an edition
    state = responses.query_text(SELECT_VERSION)
    whole = get_or_build("a list", lambda: Payload(fragment("counts", state, lambda: b"1"), "", state))
    counts = responses.response_cache.get("counts")
    assert counts
    assert (whole.expires_at - time.monotonic()) + (counts.expires_at - time.monotonic()) <= 30


def test_a_million_questions_for_nothing_fill_no_memory() -> None:
    class Nothing:
        nbytes = 0

    memory: LRUCache[Nothing] = LRUCache(limit=100_000)
    for number in range(5_000):
        memory.put(f"all {number}", Nothing())
    assert len(memory._entries) < 200
