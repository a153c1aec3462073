"""A worker that is killed in the middle of an import: another goes on, and the shop is as if nothing had happened."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from noirel.backoffice.imports import lifecycle
from noirel.backoffice.models import Import, ImportProduct, ImportRow
from noirel.backoffice.tests.products_csv import bring_in, empty_the_shop, findings, take_out
from noirel.catalog.models import Product, Variant
from noirel.core.models import AuditEntry
from noirel.core.viewer import SYSTEM
from noirel.inventory.models import StockMovement

pytestmark = pytest.mark.django_db(transaction=True)
PRODUCTS = 900


def catalogue(products: int) -> bytes:
    """Two variants each, rows of a handle far apart, every third without a SKU, one in a hundred refused."""
    columns = "Title,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Tracker,Variant Inventory Qty,Variant Price"
    lines = [f"Handle,{columns},Published at (product.metafields.noirel.published_at)"]
    for size in ("S", "M"):
        for number in range(products):
            sku = "" if number % 3 == 0 else f"S-{number}-{size}"
            title = f"Shirt {number},Size" if size == "S" else ","
            price = "dear" if number % 100 == 99 else "12.50"
            lines.append(f"shirt-{number},{title},{size},{sku},shopify,3,{price},2026-01-31T21:12:00Z")
    return "\n".join(lines).encode()


@contextmanager
def worker() -> Iterator[subprocess.Popen[bytes]]:
    """A real one; SIGKILL ends it."""
    database = connection.settings_dict
    url = f"postgresql://{database['USER']}:{database['PASSWORD']}@{database['HOST']}:{database['PORT']}/{database['NAME']}"
    environment = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    process = subprocess.Popen(
        [sys.executable, "manage.py", "worker"],
        cwd=Path(settings.BACKEND),
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_until(is_so: Callable[[], bool], *, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_it_goes_on_where_it_was_killed_and_ends_as_if_it_had_not_been() -> None:
    content = catalogue(PRODUCTS)
    undisturbed = bring_in(content)
    expected, told = take_out(), findings(undisturbed)
    empty_the_shop()
    job = lifecycle.create_import(actor=SYSTEM, name="shirts.csv", pieces=[content], currency="INR", is_dry_run=False)

    def look() -> Import:
        return Import.objects.get(pk=job.pk)

    def has_done(products: int) -> bool:
        return look().products_done >= products

    for products in (1, PRODUCTS // 2):
        with worker():
            wait_until(partial(has_done, products))
        assert look().status == Import.Status.RUNNING
        assert 0 < look().products_done < PRODUCTS
    with worker() as process:
        wait_until(lambda: look().status != Import.Status.RUNNING)
        process.terminate()
        assert process.wait(20) == 0

    assert look().status == Import.Status.DONE
    assert look().counts == undisturbed.counts
    assert findings(look()) == told
    assert Product.objects.count() == PRODUCTS - PRODUCTS // 100
    assert StockMovement.objects.count() == Variant.objects.count()
    made = AuditEntry.objects.filter(action="products.import_created").count()
    assert made == 2 * Product.objects.count()  # the undisturbed one's too
    assert not ImportRow.objects.exists()
    assert not ImportProduct.objects.exists()
    assert take_out() == expected
