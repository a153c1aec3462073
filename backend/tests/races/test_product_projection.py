"""A product's stored flags are computed from its variants as they are once other writers have finished."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, connections, transaction

from noirel.catalog.models import Category, Product
from noirel.core.domain.money import inr
from noirel.core.viewer import SYSTEM
from noirel.inventory import services as inventory
from tests.client import signed_in
from tests.make import make_staff, make_variant

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


def wait_for_lock() -> None:
    """Until another connection waits for a lock of this one's transaction."""
    for _ in range(500):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))")
            if cursor.fetchone() != (0,):
                return
            cursor.execute("SELECT pg_stat_clear_snapshot()")
        time.sleep(0.02)
    raise AssertionError("nobody waited")


def test_a_category_that_is_renamed_while_a_variant_sells_out_does_not_bring_its_product_back_into_stock() -> None:
    variant = make_variant(price=inr(900_00), on_hand=1)
    category = Category.objects.create(slug="woods", name="Woods")
    Product.objects.update(category=category)
    staff = signed_in(make_staff())

    def rename() -> Any:
        try:
            return staff.patch("admin/categories/woods", {"name": "Timber"})
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            inventory.adjust(variant.sku, delta=-1, reason="damaged", actor=SYSTEM)
            renamed = pool.submit(rename)
            wait_for_lock()
        assert renamed.result(timeout=20).status_code == 200
    assert Product.objects.get(pk=variant.product_id).in_stock is False
