"""Threads on one bottle, with real commits."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connection, transaction

from noirel.catalog.models import Product
from noirel.core.domain.money import inr
from noirel.inventory import services
from noirel.inventory.errors import OutOfStock
from noirel.inventory.models import StockItem, StockMovement
from tests.make import make_variant

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


def at_once(tasks: list[Callable[[], bool]]) -> list[bool]:
    start = Barrier(len(tasks))

    def run(task: Callable[[], bool]) -> bool:
        try:
            start.wait(10)
            return task()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(run, tasks))


def taking(wanted: dict[int, int], reference: str) -> Callable[[], bool]:
    def take() -> bool:
        try:
            with transaction.atomic():
                services.reserve(wanted, reference=reference, expires_at=None)
        except OutOfStock:
            return False
        return True

    return take


def test_twelve_buyers_get_the_last_five_bottles_and_no_more() -> None:
    variant = make_variant(price=inr(100), on_hand=5)
    got = at_once([taking({variant.pk: 1}, f"NE-{n}") for n in range(12)])
    assert sorted(got) == [False] * 7 + [True] * 5
    item = StockItem.objects.get(pk=variant.pk)
    assert (item.on_hand, item.reserved, item.available) == (5, 5, 0)
    assert not Product.objects.get(pk=variant.product_id).in_stock


def test_two_bags_with_the_same_two_perfumes_the_other_way_round_do_not_block_each_other() -> None:
    one, two = make_variant(price=inr(100), on_hand=8), make_variant(price=inr(100), on_hand=8)
    tasks = [taking({one.pk: 1, two.pk: 1} if n % 2 else {two.pk: 1, one.pk: 1}, f"NE-{n}") for n in range(8)]
    assert at_once(tasks) == [True] * 8


def test_two_sizes_that_sell_out_at_once_leave_the_product_sold_out() -> None:
    for round_ in range(5):
        small = make_variant(price=inr(100), on_hand=1)
        large = make_variant(price=inr(200), on_hand=1, options={"size": "100 ml"})
        large.product_id = small.product_id
        large.save(update_fields=["product"])
        assert at_once([taking({small.pk: 1}, f"A{round_}"), taking({large.pk: 1}, f"B{round_}")]) == [True, True]
        assert not Product.objects.get(pk=small.product_id).in_stock


def test_a_sale_told_by_three_doors_at_once_is_one_sale() -> None:
    variant = make_variant(price=inr(100), on_hand=5)
    taking({variant.pk: 2}, "NE-1")()

    def sell() -> bool:
        services.commit_sale("NE-1")
        return True

    at_once([sell] * 6)
    item = StockItem.objects.get(pk=variant.pk)
    assert (item.on_hand, item.reserved, item.committed) == (5, 0, 2)


def test_one_parcel_shipped_by_many_at_once_leaves_once() -> None:
    variant = make_variant(price=inr(100), on_hand=5)
    taking({variant.pk: 2}, "NE-1")()
    services.commit_sale("NE-1")
    parcel = uuid4()

    def ship() -> bool:
        services.dispatch("NE-1", {variant.pk: 2}, shipment=parcel)
        return True

    at_once([ship] * 6)
    item = StockItem.objects.get(pk=variant.pk)
    assert (item.on_hand, item.reserved, item.committed) == (3, 0, 0)
    assert StockMovement.objects.filter(item=item, reason="shipped").count() == 1
