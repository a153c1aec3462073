"""Concurrent stock operations in threads, with real commits."""

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


def run_concurrently(tasks: list[Callable[[], bool]]) -> list[bool]:
    start = Barrier(len(tasks))

    def run(task: Callable[[], bool]) -> bool:
        try:
            start.wait(10)
            return task()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(run, tasks))


def reserving(quantities: dict[int, int], reference: str) -> Callable[[], bool]:
    def reserve() -> bool:
        try:
            with transaction.atomic():
                services.reserve(quantities, reference=reference, expires_at=None)
        except OutOfStock:
            return False
        return True

    return reserve


def test_of_twelve_concurrent_buyers_five_get_the_last_five_units() -> None:
    variant = make_variant(price=inr(100), on_hand=5)
    results = run_concurrently([reserving({variant.pk: 1}, f"NE-{n}") for n in range(12)])
    assert sorted(results) == [False] * 7 + [True] * 5
    item = StockItem.objects.get(pk=variant.pk)
    assert (item.on_hand, item.reserved, item.available) == (5, 5, 0)
    assert not Product.objects.get(pk=variant.product_id).in_stock


def test_reservations_of_the_same_variants_in_different_order_do_not_deadlock() -> None:
    first_variant, second_variant = make_variant(price=inr(100), on_hand=8), make_variant(price=inr(100), on_hand=8)
    tasks = [
        reserving(
            {first_variant.pk: 1, second_variant.pk: 1} if n % 2 else {second_variant.pk: 1, first_variant.pk: 1}, f"NE-{n}"
        )
        for n in range(8)
    ]
    assert run_concurrently(tasks) == [True] * 8


def test_a_product_whose_variants_sell_out_concurrently_is_out_of_stock() -> None:
    for round_ in range(5):
        small = make_variant(price=inr(100), on_hand=1)
        large = make_variant(price=inr(200), on_hand=1, options={"size": "100 ml"})
        large.product_id = small.product_id
        large.save(update_fields=["product"])
        assert run_concurrently([reserving({small.pk: 1}, f"A{round_}"), reserving({large.pk: 1}, f"B{round_}")]) == [
            True,
            True,
        ]
        assert not Product.objects.get(pk=small.product_id).in_stock


def test_concurrent_commits_of_one_sale_take_effect_once() -> None:
    variant = make_variant(price=inr(100), on_hand=5)
    reserving({variant.pk: 2}, "NE-1")()

    def sell() -> bool:
        services.commit_sale("NE-1")
        return True

    run_concurrently([sell] * 6)
    item = StockItem.objects.get(pk=variant.pk)
    assert (item.on_hand, item.reserved, item.committed) == (5, 0, 2)


def test_concurrent_dispatches_of_one_parcel_take_effect_once() -> None:
    variant = make_variant(price=inr(100), on_hand=5)
    reserving({variant.pk: 2}, "NE-1")()
    services.commit_sale("NE-1")
    parcel = uuid4()

    def ship() -> bool:
        services.dispatch("NE-1", {variant.pk: 2}, shipment=parcel)
        return True

    run_concurrently([ship] * 6)
    item = StockItem.objects.get(pk=variant.pk)
    assert (item.on_hand, item.reserved, item.committed) == (3, 0, 0)
    assert StockMovement.objects.filter(item=item, reason="shipped").count() == 1
