"""Reservation, sale, dispatch and release of stock."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from noirel.catalog.models import Product, Variant
from noirel.catalog.sellable import sellable
from noirel.core.domain.money import inr
from noirel.core.viewer import SYSTEM
from noirel.inventory import services
from noirel.inventory.errors import OutOfStock, StockBelowReserved
from noirel.inventory.models import Reservation, StockItem, StockMovement
from tests.make import make_variant

pytestmark = pytest.mark.django_db


def counts(variant: Variant) -> tuple[int, int, int]:
    item = StockItem.objects.get(pk=variant.pk)
    return item.on_hand, item.reserved, item.available


def committed(variant: Variant) -> int:
    return StockItem.objects.get(pk=variant.pk).committed


def reserve(variant: Variant, units: int, reference: str = "NE-1") -> None:
    with transaction.atomic():
        services.reserve({variant.pk: units}, reference=reference, expires_at=timezone.now() + timedelta(minutes=15))


def test_reserved_units_are_not_available_to_others() -> None:
    variant = make_variant(price=inr(12_500_00), on_hand=3)
    reserve(variant, 2)
    assert counts(variant) == (3, 2, 1)
    assert sellable([variant.sku])[variant.sku].available == 1


def test_a_reservation_takes_all_lines_or_none() -> None:
    plenty, few = make_variant(price=inr(100), on_hand=9), make_variant(price=inr(100), on_hand=1)
    with pytest.raises(OutOfStock) as refused, transaction.atomic():
        services.reserve({few.pk: 2, plenty.pk: 2}, reference="NE-1", expires_at=timezone.now())
    assert refused.value.extra["lines"] == [{"sku": few.sku, "requested": 2, "available": 1}]
    assert counts(plenty) == (9, 0, 9)
    assert not Reservation.objects.exists()


def test_reserving_the_last_unit_marks_the_product_out_of_stock_until_it_is_released() -> None:
    variant = make_variant(price=inr(100), on_hand=1)
    product = Product.objects.filter(pk=variant.product_id)
    reserve(variant, 1)
    assert not product.get().in_stock
    services.release("NE-1")
    assert product.get().in_stock


def test_a_repeated_release_has_no_effect() -> None:
    variant = make_variant(price=inr(100), on_hand=3)
    reserve(variant, 2)
    services.release("NE-1")
    services.release("NE-1")
    assert counts(variant) == (3, 0, 3)


def test_paid_units_stay_on_hand_as_committed_until_their_parcel_ships() -> None:
    variant = make_variant(price=inr(100), on_hand=3)
    reserve(variant, 2)
    services.commit_sale("NE-1")
    services.commit_sale("NE-1")
    services.release("NE-1")
    assert (counts(variant), committed(variant)) == ((3, 0, 1), 2)
    assert not StockMovement.objects.exclude(reason="received").exists()
    first, second = uuid4(), uuid4()
    services.dispatch("NE-1", {variant.pk: 1}, shipment=first)
    assert (counts(variant), committed(variant)) == ((2, 0, 1), 1)
    services.dispatch("NE-1", {variant.pk: 9}, shipment=second)
    services.dispatch("NE-1", {variant.pk: 1}, shipment=uuid4())
    assert (counts(variant), committed(variant)) == ((1, 0, 1), 0)
    shipped = StockMovement.objects.filter(reason="shipped").order_by("-on_hand_after")
    assert list(shipped.values_list("delta", "on_hand_after", "reference", "shipment")) == [
        (-1, 2, "NE-1", first), (-1, 1, "NE-1", second),
    ]  # fmt: skip


def test_committed_units_can_be_released_or_written_off() -> None:
    variant = make_variant(price=inr(100), on_hand=3)
    reserve(variant, 3)
    services.commit_sale("NE-1")
    assert not Product.objects.get(pk=variant.product_id).in_stock
    services.write_off_committed("NE-1", {variant.pk: 1}, note="broken")
    assert (counts(variant), committed(variant)) == ((2, 0, 0), 2)
    assert services.release_committed("NE-1", {variant.pk: 5}) == {variant.pk: 2}
    assert services.release_committed("NE-1", {variant.pk: 5}) == {}
    assert (counts(variant), committed(variant)) == ((2, 0, 2), 0)
    assert Product.objects.get(pk=variant.product_id).in_stock
    assert list(StockMovement.objects.exclude(reason="received").values_list("delta", "reason", "note")) == [
        (-1, "damaged", "broken")
    ]


def test_released_units_are_reserved_again_only_if_all_are_available() -> None:
    variant = make_variant(price=inr(100), on_hand=2)
    reserve(variant, 2)
    services.release("NE-1")
    reserve(variant, 1, "NE-2")
    with pytest.raises(OutOfStock):
        services.rehold("NE-1")
    services.release("NE-2")
    services.rehold("NE-1")
    assert counts(variant) == (2, 2, 0)
    services.commit_sale("NE-1")
    assert (counts(variant), committed(variant)) == ((2, 0, 0), 2)


def test_untracked_variants_are_always_available_and_never_reserved() -> None:
    variant = make_variant(price=inr(100), on_hand=None)
    reserve(variant, 500)
    services.commit_sale("NE-1")
    assert counts(variant) == (0, 0, 0)
    assert sellable([variant.sku])[variant.sku].available is None


def test_a_variant_on_backorder_may_go_below_zero_and_stays_in_stock() -> None:
    variant = make_variant(price=inr(100), on_hand=1)
    services.set_terms(variant.pk, is_tracked=True, policy=StockItem.Policy.BACKORDER)
    reserve(variant, 3)
    services.commit_sale("NE-1")
    assert (counts(variant), committed(variant)) == ((1, 0, -2), 3)
    services.dispatch("NE-1", {variant.pk: 3}, shipment=uuid4())
    assert (counts(variant), committed(variant)) == ((-2, 0, -2), 0)
    variant.refresh_from_db()
    assert variant.in_stock


def test_the_database_refuses_to_oversell_even_without_the_guard() -> None:
    variant = make_variant(price=inr(100), on_hand=1)
    with pytest.raises(IntegrityError, match="stock_not_oversold"), transaction.atomic():
        StockItem.objects.filter(pk=variant.pk).update(reserved=2)
    with pytest.raises(IntegrityError, match="stock_not_oversold"), transaction.atomic():
        StockItem.objects.filter(pk=variant.pk).update(reserved=1, committed=1)
    assert counts(variant) == (1, 0, 1)


def test_an_adjustment_can_not_go_below_what_orders_hold() -> None:
    variant = make_variant(price=inr(100), on_hand=3)
    reserve(variant, 2)
    with pytest.raises(StockBelowReserved):
        services.adjust(variant.sku, delta=-2, reason="damaged", actor=SYSTEM)
    assert counts(variant) == (3, 2, 1)
    services.adjust(variant.sku, delta=-1, reason="damaged", actor=SYSTEM)
    assert counts(variant) == (2, 2, 0)
    services.commit_sale("NE-1")
    with pytest.raises(StockBelowReserved) as refused:
        services.adjust(variant.sku, delta=-1, reason="damaged", actor=SYSTEM)
    assert refused.value.extra == {"on_hand": 2, "reserved": 0, "committed": 2}


def test_reserving_selling_and_dispatching_take_one_statement_each(django_assert_num_queries: Any) -> None:
    first_variant, second_variant = make_variant(price=inr(100), on_hand=3), make_variant(price=inr(100), on_hand=3)
    with transaction.atomic(), django_assert_num_queries(1):
        services.reserve({first_variant.pk: 1, second_variant.pk: 2}, reference="NE-1", expires_at=timezone.now())
    with transaction.atomic(), django_assert_num_queries(1):
        services.commit_sale("NE-1")
    assert (counts(first_variant), counts(second_variant)) == ((3, 0, 2), (3, 0, 1))
    with transaction.atomic(), django_assert_num_queries(1):
        services.dispatch("NE-1", {first_variant.pk: 1, second_variant.pk: 2}, shipment=uuid4())
    assert (counts(first_variant), counts(second_variant)) == ((2, 0, 2), (1, 0, 1))


def test_staff_adjust_stock_and_see_the_movements(staff: Any) -> None:
    variant = make_variant(price=inr(100), on_hand=3)
    response = staff.post(f"admin/inventory/{variant.sku}/adjust", {"delta": 5, "reason": "received", "note": "Box 12"})
    assert response.status_code == 200
    assert (response.json()["on_hand"], response.json()["available"]) == (8, 8)
    movements = staff.get(f"admin/inventory/{variant.sku}/movements").json()["results"]
    assert [(m["delta"], m["reason"], m["on_hand_after"]) for m in movements] == [(5, "received", 8), (3, "received", 3)]
    assert movements[0]["actor"] == staff.user.email


def test_the_api_refuses_an_adjustment_below_what_orders_hold(staff: Any) -> None:
    variant = make_variant(price=inr(100), on_hand=3)
    reserve(variant, 3)
    response = staff.post(f"admin/inventory/{variant.sku}/adjust", {"delta": -1, "reason": "damaged"})
    assert (response.status_code, response.json()["code"]) == (409, "stock_below_reserved")
    assert counts(variant) == (3, 3, 0)


def test_a_packer_may_view_but_not_adjust_stock(staff_as: Any) -> None:
    variant = make_variant(price=inr(100), on_hand=3)
    packer = staff_as("packer")
    assert packer.get("admin/inventory").json()["total"] == 1
    response = packer.post(f"admin/inventory/{variant.sku}/adjust", {"delta": 1, "reason": "received"})
    assert response.status_code == 403
    assert counts(variant) == (3, 0, 3)
