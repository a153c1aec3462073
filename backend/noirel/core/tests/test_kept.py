"""What is kept of public answers: for how long, and on whose word."""

import time

import pytest

from noirel.catalog.search.memory import Memory
from noirel.core import kept
from noirel.core.editions import ASK_EDITION
from noirel.core.kept import Told, answer, part
from noirel.core.money import inr
from noirel.core.shared import Kept
from tests.make import make_variant

pytestmark = pytest.mark.django_db(transaction=True)


class _Others:
    """What another process has left in Redis."""

    def __init__(self, *, ahead: float) -> None:
        self.left = Kept(b"theirs", "", kept.ask(ASK_EDITION).decode(), time.time() + ahead + 30)  # type: ignore[union-attr]

    def get(self, key: str) -> Kept:
        return self.left

    def put(self, key: str, told: Kept) -> None:
        pass


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    kept.shelf.clear()


def _mine() -> Told:
    return Told(b"mine", "", kept.ask(ASK_EDITION))


def test_a_host_whose_clock_is_an_hour_ahead_makes_no_answer_last_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    make_variant(price=inr(100))  # an edition
    monkeypatch.setattr(kept, "shared", lambda: _Others(ahead=3600))
    found = answer("a list", _mine, is_shared=True)
    assert found.body == b"theirs"
    assert found.until <= time.monotonic() + 30


def test_what_the_clock_changes_is_seen_in_thirty_seconds_with_the_parts_of_an_answer() -> None:
    """A part may be at its end when an answer is made of it, which then begins."""
    make_variant(price=inr(100))  # an edition
    state = kept.ask(ASK_EDITION)
    whole = answer("a list", lambda: Told(part("counts", state, lambda: b"1"), "", state))
    counts = kept.shelf.get("counts")
    assert counts
    assert (whole.until - time.monotonic()) + (counts.until - time.monotonic()) <= 30


def test_a_million_questions_for_nothing_fill_no_memory() -> None:
    class Nothing:
        nbytes = 0

    memory: Memory[Nothing] = Memory(limit=100_000)
    for number in range(5_000):
        memory.put(f"all {number}", Nothing())
    assert len(memory._held) < 200
