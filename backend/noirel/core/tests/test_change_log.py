"""A page whose product did not change needs no query of its own; one whose product changed is never taken for fresh."""

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


def _result(rows: dict[int, tuple[int, list[int]]], version: int = 7) -> bytes:
    return " ".join(
        [str(version), *(f"{row} {count} {','.join(map(str, ids))}" for row, (count, ids) in rows.items())]
    ).encode()


def test_only_changed_resources_become_stale() -> None:
    change_log = ChangeLog()
    change_log.apply(1, _result({1: (100, [5]), 2: (900, [6])}))
    first = change_log.sequence
    assert change_log.is_fresh(b"7 a", b"5", first)
    assert not change_log.is_fresh(b"7 a", b"5", first - 1), "what was validated before the first entry may be arbitrarily old"
    change_log.apply(2, _result({1: (102, [8, 9, 5]), 2: (900, [6])}))
    assert not change_log.is_fresh(b"7 a", b"8", first)
    assert not change_log.is_fresh(b"7 a", b"9", first)
    assert change_log.is_fresh(b"7 a", b"5", first)
    assert change_log.is_fresh(b"7 a", b"8", change_log.sequence)


def test_a_new_version_makes_everything_stale() -> None:
    change_log = ChangeLog()
    change_log.apply(1, _result({}))
    assert change_log.is_fresh(b"7 a", b"5", change_log.sequence)
    change_log.apply(2, _result({}, version=70))
    assert not change_log.is_fresh(b"7 a", b"5", change_log.sequence)
    change_log.apply(3, None)
    assert not change_log.is_fresh(b"7 a", b"5", change_log.sequence)


@pytest.mark.parametrize(
    "next_rows",
    [
        {1: (100 + IDS_PER_ROW + 1, list(range(IDS_PER_ROW)))},  # more than the row holds
        {1: (99, [5])},  # a decreasing count
        {1: (100, [5]), 2: (4, [1])},  # a new row, of whose ids any number may be new
        {},
    ],
)
def test_everything_is_stale_when_changes_may_have_been_missed(next_rows: dict[int, tuple[int, list[int]]]) -> None:
    change_log = ChangeLog()
    change_log.apply(1, _result({1: (100, [5])}))
    before = change_log.sequence
    change_log.apply(2, _result(next_rows))
    assert not change_log.is_fresh(b"7 a", b"77", before)
    assert change_log.is_fresh(b"7 a", b"77", change_log.sequence)


def test_a_result_of_an_earlier_query_is_ignored() -> None:
    change_log = ChangeLog()
    change_log.apply(2, _result({1: (101, [6, 5])}))
    sequence = change_log.sequence
    change_log.apply(1, _result({1: (100, [5])}))
    assert change_log.sequence == sequence


def _current_change_log() -> ChangeLog:
    change_log = ChangeLog()
    change_log.apply(0, query_text(CHANGES_SQL))
    return change_log


@pytest.mark.django_db(transaction=True)
def test_a_stock_change_records_its_product_and_a_rollback_records_nothing() -> None:
    sold, other = make_variant(price=inr(1)), make_variant(price=inr(2), name="Other")
    Variant.objects.filter(pk=sold.pk).update(available=2)  # creates the first row of the change log
    change_log, state = _current_change_log(), (query_text(CHANGES_SQL) or b"").split(b" ")[0] + b" "
    before = change_log.sequence

    def is_fresh(variant: Variant) -> bool:
        return change_log.is_fresh(state, str(variant.product_id).encode(), before)

    with transaction.atomic():
        Variant.objects.filter(pk=other.pk).update(available=3)
        transaction.set_rollback(True)
    Variant.objects.filter(pk=0).update(available=3)
    change_log.apply(1, query_text(CHANGES_SQL))
    assert is_fresh(sold)
    assert is_fresh(other)
    Variant.objects.filter(pk=sold.pk).update(available=1)
    change_log.apply(2, query_text(CHANGES_SQL))
    assert not is_fresh(sold)
    assert is_fresh(other)


def _query_changes() -> bytes | None:
    try:
        return query_text(CHANGES_SQL)
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_concurrent_sales_do_not_wait_for_each_other_and_each_is_recorded() -> None:
    held, *others = [make_variant(price=inr(number), name=f"Soir {number}") for number in range(1, 5)]
    change_log, version = _current_change_log(), (query_text(CHANGES_SQL) or b"").split(b" ")[0] + b" "

    def sell(variant: Variant) -> None:
        Variant.objects.filter(pk=variant.pk).update(available=1)
        connection.close()

    def is_recorded(variant: Variant, since: int, sent_at: float) -> bool:
        with ThreadPoolExecutor(1) as pool:  # a connection outside the transaction
            change_log.apply(sent_at, pool.submit(_query_changes).result())
        return not change_log.is_fresh(version, str(variant.product_id).encode(), since)

    with transaction.atomic():
        Variant.objects.filter(pk=held.pk).update(available=1)
        for at, variant in enumerate(others, 1):
            since = change_log.sequence
            seller = threading.Thread(target=sell, args=[variant])
            seller.start()
            seller.join(5)
            assert not seller.is_alive()
            assert is_recorded(variant, since, at)
    assert is_recorded(held, change_log.sequence, 9)


@pytest.mark.django_db(transaction=True)
def test_a_page_is_revalidated_by_itself_only_after_its_product_changed(client: Client) -> None:
    responses.response_cache.clear()
    shown, other = make_variant(price=inr(1), on_hand=3), make_variant(price=inr(2), name="Other")

    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/api/v1/products/{shown.product.slug}")
        return len(queries)

    def change(variant: Variant, times: int = 1) -> None:
        for _ in range(times):
            Variant.objects.filter(pk=variant.pk).update(on_hand=F("on_hand") + 1)

    change(other)
    statements()
    assert [statements() for _ in range(3)][1:] == [1, 1]
    change(other)
    assert statements() == 1
    change(shown)
    assert [statements() for _ in range(2)] == [3, 1], "the change log, the page's own revalidation, and the build"
    change(other, IDS_PER_ROW + 1)
    assert [statements() for _ in range(2)] == [2, 1], "changes were missed: revalidated once"
