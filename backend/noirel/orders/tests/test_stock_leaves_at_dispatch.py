"""Stock on hand decreases when a parcel ships, and a migration converts the stock that older releases deducted at payment."""

from importlib import import_module
from typing import Any

import pytest
from django.db import connection
from django.db.models import F

from noirel.backoffice.audit import run_checks
from noirel.catalog.models import Variant
from noirel.core.domain.money import inr
from noirel.inventory.models import Reservation, StockItem, StockMovement
from noirel.orders.models import Order, Shipment
from noirel.orders.tests.test_staff_orders import make_order
from tests.client import Client
from tests.make import make_variant

pytestmark = pytest.mark.django_db
NAMES = ("on_hand", "reserved", "committed", "available")


def stock(staff: Client, variant: Variant) -> tuple[int, ...]:
    stock_item = staff.get(f"admin/inventory/{variant.sku}").json()
    product = staff.get(f"admin/products/{variant.product.slug}").json()["variants"][0]["inventory"]
    assert [product[name] for name in NAMES] == [stock_item[name] for name in NAMES]
    return tuple(stock_item[name] for name in NAMES)


def line_quantities(order: Order, *quantities: int) -> list[dict[str, Any]]:
    lines = order.lines.order_by("position")
    return [{"id": str(line.pk), "quantity": units} for line, units in zip(lines, quantities, strict=True) if units]


def stock_findings() -> list[Any]:
    return [finding for finding in run_checks() if finding.check.startswith("stock.")]


def test_on_hand_decreases_when_a_parcel_ships_and_not_before(staff: Client, client: Client) -> None:
    variant = make_variant(price=inr(900_00), on_hand=10)
    waiting = make_order((variant, 1), paid=False)
    assert stock(staff, variant) == (10, 1, 0, 9)
    order = make_order((variant, 3))
    assert stock(staff, variant) == (10, 1, 3, 6)
    stock_item = client.get(f"products/{variant.product.slug}").json()["variants"][0]["availability"]
    assert stock_item["quantity"] == 6
    path = f"admin/orders/{order.number}"
    packed = staff.post(f"{path}/fulfil", {"lines": line_quantities(order, 2)}).json()
    assert stock(staff, variant) == (10, 1, 3, 6)  # packed, but not shipped
    (parcel,) = packed["shipments"]
    assert (parcel["status"], parcel["shipped_at"]) == ("packed", None)
    staff.post(f"admin/shipments/{parcel['id']}/ship", {"carrier": "Blue Dart", "tracking_number": "BD1"})
    assert stock(staff, variant) == (8, 1, 1, 6)
    staff.post(f"{path}/fulfil", {"lines": line_quantities(order, 1), "carrier": "Blue Dart", "tracking_number": "BD2"})
    assert stock(staff, variant) == (7, 1, 0, 6)
    movements = staff.get(f"admin/inventory/{variant.sku}/movements").json()["results"]
    assert [(movement["delta"], movement["reason"], movement["reference"]) for movement in movements[:2]] == [
        (-1, "shipped", order.number), (-2, "shipped", order.number),
    ]  # fmt: skip
    staff.post(f"admin/orders/{waiting.number}/cancel", {"reason": "asked"})
    assert stock(staff, variant) == (7, 0, 0, 7)
    assert stock_findings() == []


def restore_state_of_older_release(order: Order) -> None:
    """Deduct the order's stock as older releases did at payment: a movement `sold` and nothing committed."""
    for row in Reservation.objects.filter(reference=order.number):
        StockItem.objects.filter(pk=row.item_id).update(
            on_hand=F("on_hand") - row.units, committed=F("committed") - row.committed
        )
        item = StockItem.objects.get(pk=row.item_id)
        Variant.objects.filter(pk=row.item_id).update(on_hand=item.on_hand, committed=item.committed)
        StockMovement.objects.create(
            item=item, delta=-row.units, reason="sold", reference=order.number, on_hand_after=item.on_hand
        )
        Reservation.objects.filter(pk=row.pk).update(committed=0)


def test_the_migration_of_orders_paid_before_can_be_repeated_safely(staff: Client) -> None:
    variant, other = make_variant(price=inr(900_00), on_hand=20), make_variant(price=inr(700_00), on_hand=9)
    untouched, partly_shipped, shipped_order, refunded = (make_order((variant, 3), (other, 1)) for _ in range(4))
    new = make_order((variant, 1))
    for order in (untouched, partly_shipped, shipped_order, refunded):
        restore_state_of_older_release(order)
    staff.post(
        f"admin/orders/{partly_shipped.number}/fulfil",
        {"lines": line_quantities(partly_shipped, 1, 1), "carrier": "Blue Dart", "tracking_number": "1"},
    )
    staff.post(f"admin/orders/{partly_shipped.number}/fulfil", {"lines": line_quantities(partly_shipped, 1, 0)})
    staff.post(
        f"admin/orders/{shipped_order.number}/fulfil",
        {"lines": line_quantities(shipped_order, 3, 1), "carrier": "Blue Dart", "tracking_number": "2"},
    )
    # The older release refunded and restocked one of two packed units: back on hand, with a movement.
    staff.post(f"admin/orders/{refunded.number}/fulfil", {"lines": line_quantities(refunded, 2, 1)})
    refunded.lines.filter(position=0).update(returned_quantity=1)
    StockItem.objects.filter(pk=variant.pk).update(on_hand=F("on_hand") + 1)
    item = StockItem.objects.get(pk=variant.pk)
    StockMovement.objects.create(item=item, delta=1, reason="returned", reference="refund-x", on_hand_after=item.on_hand)
    Variant.objects.filter(pk=variant.pk).update(on_hand=item.on_hand, available=item.available)
    assert stock(staff, variant) == (20 - 12 + 1, 0, 1, 8)

    migration = import_module("noirel.orders.migrations.0012_stock_leaves_at_dispatch")
    for _ in range(2):
        with connection.cursor() as cursor:
            cursor.execute(migration.WITHDRAW)
            cursor.execute(migration.COMMIT)
        # Committed: 3, 2 (one of them packed) and 2 (one of them packed). The available quantity does not change.
        assert stock(staff, variant) == (16, 0, 8, 8)
        assert stock(staff, other) == (7, 0, 2, 5)
    assert StockMovement.objects.filter(reason="correction").count() == 5
    assert [finding for finding in stock_findings() if finding.check != "stock.returned"] == []
    for order, lines in ((untouched, line_quantities(untouched, 3, 1)), (new, line_quantities(new, 1))):
        body = {"lines": lines, "carrier": "Blue Dart", "tracking_number": "3"}
        assert staff.post(f"admin/orders/{order.number}/fulfil", body).status_code == 200
    for parcel in Shipment.objects.filter(shipped_at=None):
        shipped = staff.post(f"admin/shipments/{parcel.pk}/ship", {"carrier": "Blue Dart"})
        assert shipped.status_code == 200, shipped.content
    assert stock(staff, variant) == (10, 0, 2, 8)
    assert [finding for finding in stock_findings() if finding.check != "stock.returned"] == []
