"""A page that was not touched stands without a question of its own, and one that was is never taken for one that was not."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from noirel.catalog.models import Variant
from noirel.core.cache import responses
from noirel.core.cache.invalidation import CHANGES_SQL, IDS_PER_ROW, ChangeLog
from noirel.core.cache.responses import query_text
from noirel.core.domain.money import inr
from tests.client import Client
from tests.make import make_variant


def _told(rows: dict[int, tuple[int, list[int]]], edition: int = 7) -> bytes:
    return " ".join(
        [str(edition), *(f"{row} {count} {','.join(map(str, ids))}" for row, (count, ids) in rows.items())]
    ).encode()


def test_only_what_was_touched_is_looked_at_again() -> None:
    journal = ChangeLog()
    journal.apply(1, _told({1: (100, [5]), 2: (900, [6])}))
    first = journal.sequence
    assert journal.is_fresh(b"7 a", b"5", first)
    assert not journal.is_fresh(b"7 a", b"5", first - 1), "what was looked at before the first entry may be of any time"
    journal.apply(2, _told({1: (102, [8, 9, 5]), 2: (900, [6])}))
    assert not journal.is_fresh(b"7 a", b"8", first)
    assert not journal.is_fresh(b"7 a", b"9", first)
    assert journal.is_fresh(b"7 a", b"5", first)
    assert journal.is_fresh(b"7 a", b"8", journal.sequence)


def test_another_edition_leaves_nothing_standing() -> None:
    journal = ChangeLog()
    journal.apply(1, _told({}))
    assert journal.is_fresh(b"7 a", b"5", journal.sequence)
    journal.apply(2, _told({}, edition=70))
    assert not journal.is_fresh(b"7 a", b"5", journal.sequence)
    journal.apply(3, None)
    assert not journal.is_fresh(b"7 a", b"5", journal.sequence)


@pytest.mark.parametrize(
    "then",
    [
        {1: (100 + IDS_PER_ROW + 1, list(range(IDS_PER_ROW)))},  # more than the row holds
        {1: (99, [5])},  # backwards
        {1: (100, [5]), 2: (4, [1])},  # another row, of which nobody knows how much is new
        {},
    ],
)
def test_who_has_missed_something_looks_at_everything(then: dict[int, tuple[int, list[int]]]) -> None:
    journal = ChangeLog()
    journal.apply(1, _told({1: (100, [5])}))
    before = journal.sequence
    journal.apply(2, _told(then))
    assert not journal.is_fresh(b"7 a", b"77", before)
    assert journal.is_fresh(b"7 a", b"77", journal.sequence)


def test_an_answer_that_was_asked_for_earlier_changes_nothing() -> None:
    journal = ChangeLog()
    journal.apply(2, _told({1: (101, [6, 5])}))
    written = journal.sequence
    journal.apply(1, _told({1: (100, [5])}))
    assert journal.sequence == written


def _heard() -> ChangeLog:
    journal = ChangeLog()
    journal.apply(0, query_text(CHANGES_SQL))
    return journal


@pytest.mark.django_db(transaction=True)
def test_stock_leaves_its_product_and_what_is_rolled_back_leaves_nothing() -> None:
    sold, other = make_variant(price=inr(1)), make_variant(price=inr(2), name="Other")
    Variant.objects.filter(pk=sold.pk).update(available=2)  # the first row there is
    journal, state = _heard(), (query_text(CHANGES_SQL) or b"").split(b" ")[0] + b" "
    before = journal.sequence

    def stands(variant: Variant) -> bool:
        return journal.is_fresh(state, str(variant.product_id).encode(), before)

    with transaction.atomic():
        Variant.objects.filter(pk=other.pk).update(available=3)
        transaction.set_rollback(True)
    Variant.objects.filter(pk=0).update(available=3)
    journal.apply(1, query_text(CHANGES_SQL))
    assert stands(sold)
    assert stands(other)
    Variant.objects.filter(pk=sold.pk).update(available=1)
    journal.apply(2, query_text(CHANGES_SQL))
    assert not stands(sold)
    assert stands(other)


def _asked() -> bytes | None:
    try:
        return query_text(CHANGES_SQL)
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_sellers_do_not_wait_for_each_other_and_each_is_seen() -> None:
    held, *others = [make_variant(price=inr(number), name=f"Soir {number}") for number in range(1, 5)]
    journal, edition = _heard(), (query_text(CHANGES_SQL) or b"").split(b" ")[0] + b" "

    def sell(variant: Variant) -> None:
        Variant.objects.filter(pk=variant.pk).update(available=1)
        connection.close()

    def is_seen(variant: Variant, since: int, at: float) -> bool:
        with ThreadPoolExecutor(1) as another:  # on a connection that is in no transaction
            journal.apply(at, another.submit(_asked).result())
        return not journal.is_fresh(edition, str(variant.product_id).encode(), since)

    with transaction.atomic():
        Variant.objects.filter(pk=held.pk).update(available=1)
        for at, variant in enumerate(others, 1):
            since = journal.sequence
            seller = threading.Thread(target=sell, args=[variant])
            seller.start()
            seller.join(5)
            assert not seller.is_alive()
            assert is_seen(variant, since, at)
    assert is_seen(held, journal.sequence, 9)


@pytest.mark.django_db(transaction=True)
def test_a_page_asks_for_itself_only_after_its_product_was_touched(client: Client) -> None:
    responses.response_cache.clear()
    mine, other = make_variant(price=inr(1), on_hand=3), make_variant(price=inr(2), name="Other")

    def statements() -> int:
        with CaptureQueriesContext(connection) as asked:
            client.get(f"/api/v1/products/{mine.product.slug}")
        return len(asked)

    def touch(variant: Variant, times: int = 1) -> None:
        for _ in range(times):
            Variant.objects.filter(pk=variant.pk).update(on_hand=F("on_hand") + 1)

    touch(other)
    statements()
    assert [statements() for _ in range(3)][1:] == [1, 1]
    touch(other)
    assert statements() == 1
    touch(mine)
    assert [statements() for _ in range(2)] == [3, 1], "the question for all, its own, and the page anew"
    touch(other, IDS_PER_ROW + 1)
    assert [statements() for _ in range(2)] == [2, 1], "too much to remember: its own question, once"
