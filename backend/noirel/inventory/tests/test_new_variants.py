"""Every variant has a stock item from the start, whatever created it."""

from collections.abc import Callable

import pytest
from django.db import connection

from noirel.backoffice.audit import run_checks
from noirel.catalog.models import Product, Variant
from noirel.inventory.models import StockItem
from tests.client import Client

pytestmark = pytest.mark.django_db
PRICE = {"amount": 15_000_00, "currency": "INR"}


def new_product(staff: Client, sku: str = "NEUF") -> str:
    made = staff.post("admin/products", {"name": f"Product {sku}", "sku": sku, "price": PRICE})
    assert made.status_code == 201, made.content
    return str(made.json()["slug"])


def test_a_new_product_can_receive_its_first_stock(staff: Client, client: Client) -> None:
    slug = new_product(staff)
    row = staff.get("admin/inventory/NEUF").json()
    assert (row["on_hand"], row["available"], row["tracked"], row["policy"]) == (0, 0, True, "deny")
    assert [found["sku"] for found in staff.get("admin/inventory?q=neuf").json()["results"]] == ["NEUF"]
    assert staff.get("admin/inventory").json()["total"] == 1
    assert staff.get("admin/inventory/NEUF/movements").json()["total"] == 0
    staff.patch(f"admin/products/{slug}", {"status": "active"})
    assert client.get(f"products/{slug}").json()["in_stock"] is False
    assert staff.post("admin/inventory/NEUF/count", {"counted": 4, "seen": 0}).json()["available"] == 4
    assert client.get(f"products/{slug}").json()["in_stock"] is True
    assert run_checks() == []


def test_each_variant_of_a_matrix_is_in_the_inventory(staff: Client) -> None:
    slug = new_product(staff)
    options = [{"name": "size", "label": "Size", "values": ["50 ml", "100 ml", "Refill"]}]
    assert staff.put(f"admin/products/{slug}/options", {"options": options}).status_code == 200
    added = staff.post(f"admin/products/{slug}/variants", {"sku": "NEUF-100", "price": PRICE, "options": {"size": "100 ml"}})
    assert added.status_code == 201, added.content
    assert staff.post(f"admin/products/{slug}/variants/missing", {"price": PRICE}).status_code in {200, 201}
    rows = staff.get("admin/inventory").json()["results"]
    assert {row["variant_title"]: row["on_hand"] for row in rows} == {"50 ml": 0, "100 ml": 0, "Refill": 0}
    assert run_checks() == []


def test_rows_written_in_one_statement_have_one_each(db: None) -> None:
    product = Product.objects.create(slug="p", name="P")
    Variant.objects.bulk_create(
        Variant(product=product, sku=f"V-{at}", options={"n": str(at)}, price_amount=1, currency="INR", available=available)
        for at, available in enumerate([0, None])
    )
    assert list(StockItem.objects.order_by("pk").values_list("variant__sku", "is_tracked", "on_hand")) == [
        ("V-0", True, 0), ("V-1", False, 0),
    ]  # fmt: skip


@pytest.mark.unproved
def test_a_variant_without_one_is_found_by_the_audit(staff: Client) -> None:
    new_product(staff)
    StockItem.objects.all().delete()
    assert [(found.check, found.subject) for found in run_checks()] == [("stock.items", "NEUF")]


def test_the_migration_gives_older_variants_theirs_and_can_be_repeated(staff: Client) -> None:
    from importlib import import_module

    backfill = import_module("noirel.inventory.migrations.0005_item_of_every_variant").BACKFILL
    new_product(staff, "OLD")
    new_product(staff, "NEW")
    StockItem.objects.filter(variant__sku="OLD").delete()
    for _ in range(2):
        with connection.cursor() as cursor:
            cursor.execute(backfill)
        assert StockItem.objects.count() == 2
    assert run_checks() == []


def test_a_packer_sees_a_new_variant_and_may_not_count_it(staff: Client, staff_as: Callable[[str], Client]) -> None:
    new_product(staff)
    packer = staff_as("packer")
    assert packer.get("admin/inventory/NEUF").status_code == 200
    assert packer.post("admin/inventory/NEUF/count", {"counted": 1, "seen": 0}).status_code == 403
