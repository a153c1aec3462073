"""Stock for staff: adjustments, counts, terms and samples; movements can't be edited."""

from typing import Any

import pytest
from django.db import DatabaseError, transaction

from noirel.catalog.models import Product
from noirel.core import events
from noirel.core.domain.money import inr
from noirel.core.models import AuditEntry
from noirel.inventory import services
from noirel.inventory.models import StockItem, StockMovement
from tests.client import Client
from tests.make import make_variant

pytestmark = pytest.mark.django_db


def errors(response: Any) -> list[str]:
    assert response.status_code == 400, response.content
    return [error["field"] for error in response.json()["errors"]]


@pytest.mark.parametrize(
    ("reason", "delta", "is_allowed"),
    [
        ("received", 3, True), ("received", -3, False), ("returned", 1, True), ("returned", -1, False), ("damaged", -2, True),
        ("damaged", 2, False), ("gift", -1, True), ("gift", 1, False), ("correction", -1, True), ("correction", 1, True),
    ],
)  # fmt: skip
def test_a_reason_allows_only_its_direction(staff: Client, reason: str, delta: int, is_allowed: bool) -> None:
    variant = make_variant(price=inr(900_00), on_hand=5)
    response = staff.post(f"admin/inventory/{variant.sku}/adjust", {"delta": delta, "reason": reason})
    if is_allowed:
        assert response.json()["on_hand"] == 5 + delta
    else:
        assert errors(response) == ["delta"]
        assert StockItem.objects.get(pk=variant.pk).on_hand == 5


def test_a_count_writes_a_movement_of_the_difference(staff: Client) -> None:
    variant = make_variant(price=inr(900_00), on_hand=5)
    path = f"admin/inventory/{variant.sku}/count"
    assert staff.post(path, {"counted": 3, "seen": 5, "note": "shelf B"}).json()["on_hand"] == 3
    movement = StockMovement.objects.get(reason="counted")
    assert (movement.delta, movement.on_hand_after, movement.note) == (-2, 3, "shelf B")
    assert staff.post(path, {"counted": 3, "seen": 3}).status_code == 200
    assert StockMovement.objects.filter(reason="counted").count() == 1
    outdated = staff.post(path, {"counted": 9, "seen": 5})
    assert (outdated.status_code, outdated.json()["code"], outdated.json()["on_hand"]) == (409, "count_moved", 3)
    assert errors(staff.post(path, {"counted": -1, "seen": 3})) == ["counted"]


def test_a_count_below_what_orders_hold_is_refused(staff: Client) -> None:
    variant = make_variant(price=inr(900_00), on_hand=5)
    with transaction.atomic():
        services.reserve({variant.pk: 4}, reference="NE-1", expires_at=None)
    refused = staff.post(f"admin/inventory/{variant.sku}/count", {"counted": 3, "seen": 5})
    assert (refused.status_code, refused.json()["code"]) == (409, "stock_below_reserved")
    assert StockItem.objects.get(pk=variant.pk).on_hand == 5


def test_a_preorder_shows_its_expected_day_and_sells_below_zero(staff: Client, client: Client) -> None:
    variant = make_variant(price=inr(900_00), on_hand=0)
    path = f"admin/inventory/{variant.sku}/terms"
    terms = staff.patch(path, {"policy": "preorder", "expected_on": "2027-01-15"}).json()
    assert (terms["policy"], terms["expected_on"]) == ("preorder", "2027-01-15")
    assert staff.get(f"admin/inventory/{variant.sku}").json() == terms
    assert staff.get("admin/inventory/none-such").status_code == 404
    current = client.get(f"products/{variant.product.slug}").json()["variants"][0]["availability"]
    assert current == {"in_stock": True, "quantity": 0, "policy": "preorder", "expected_on": "2027-01-15"}
    with transaction.atomic():
        services.reserve({variant.pk: 2}, reference="NE-1", expires_at=None)
    assert StockItem.objects.get(pk=variant.pk).available == -2
    refused = staff.patch(path, {"policy": "deny"})
    assert (refused.status_code, refused.json()["code"]) == (409, "stock_below_reserved")
    staff.post(f"admin/inventory/{variant.sku}/adjust", {"delta": 2, "reason": "received"})
    assert staff.patch(path, {"policy": "deny"}).json()["expected_on"] is None
    assert client.get(f"products/{variant.product.slug}").json()["variants"][0]["availability"]["in_stock"] is False
    assert AuditEntry.objects.filter(action="inventory.terms").count() == 2


def test_changing_terms_and_counting_require_permission(staff_as: Any) -> None:
    variant = make_variant(price=inr(900_00), on_hand=5)
    packer = staff_as("packer")
    assert packer.patch(f"admin/inventory/{variant.sku}/terms", {"policy": "backorder"}).status_code == 403
    assert packer.post(f"admin/inventory/{variant.sku}/count", {"counted": 1, "seen": 5}).status_code == 403


def test_the_database_refuses_to_edit_or_delete_a_movement() -> None:
    make_variant(price=inr(900_00), on_hand=5)
    with pytest.raises(DatabaseError, match="never edited"), transaction.atomic():
        StockMovement.objects.update(delta=9)
    with pytest.raises(DatabaseError, match="never edited"), transaction.atomic():
        StockMovement.objects.all().delete()


def test_samples_are_committed_once_and_dispatched_with_the_first_parcel() -> None:
    tracked, untracked = make_variant(price=inr(0), on_hand=2), make_variant(price=inr(0), on_hand=None)
    sold_out = make_variant(price=inr(0), on_hand=1)
    services.reserve({sold_out.pk: 1}, reference="NE-2", expires_at=None)
    payload = {"number": "NE-1", "samples": [tracked.sku, untracked.sku, sold_out.sku]}
    for _ in range(2):
        services.commit_samples(payload)
    item = StockItem.objects.get(pk=tracked.pk)
    assert (item.on_hand, item.committed, item.available) == (2, 1, 1)
    assert not StockMovement.objects.filter(reason="gift").exists()
    for _ in range(2):
        services.dispatch_samples(payload)
    assert list(StockMovement.objects.filter(reason="gift").values_list("item_id", "delta", "reference")) == [
        (tracked.pk, -1, "NE-1")
    ]
    item.refresh_from_db()
    assert (item.on_hand, item.committed, item.available) == (1, 0, 1)
    events.deliver_due()


def test_samples_of_a_cancelled_order_are_available_again() -> None:
    sample = make_variant(price=inr(0), on_hand=2)
    services.commit_samples({"number": "NE-1", "samples": [sample.sku]})
    for _ in range(2):
        services.release_samples({"number": "NE-1"})
    item = StockItem.objects.get(pk=sample.pk)
    assert (item.on_hand, item.committed, item.available) == (2, 0, 2)


def test_a_count_between_sale_and_dispatch_includes_committed_units(staff: Client) -> None:
    """Of ten units in the building two are sold: a count of ten is correct."""
    variant = make_variant(price=inr(900_00), on_hand=10)
    with transaction.atomic():
        services.reserve({variant.pk: 2}, reference="NE-1", expires_at=None)
        services.commit_sale("NE-1")
    current = staff.get(f"admin/inventory/{variant.sku}").json()
    assert [current[name] for name in ("on_hand", "reserved", "committed", "available")] == [10, 0, 2, 8]
    counted = staff.post(f"admin/inventory/{variant.sku}/count", {"counted": 10, "seen": current["on_hand"]}).json()
    assert [counted[name] for name in ("on_hand", "reserved", "committed", "available")] == [10, 0, 2, 8]
    assert not StockMovement.objects.filter(reason="counted").exists()
    refused = staff.post(f"admin/inventory/{variant.sku}/count", {"counted": 1, "seen": 10})
    assert (refused.status_code, refused.json()["code"], refused.json()["committed"]) == (409, "stock_below_reserved", 2)
    assert "2 are paid and not shipped" in refused.json()["detail"]


def test_samples_can_be_listed_separately(staff: Client) -> None:
    variant, sample = make_variant(price=inr(4_900_00), name="Encre"), make_variant(price=inr(0), name="Encre, a vial")
    gift = make_variant(price=inr(0), name="A gift for all")  # free, but listed, so it is not a sample
    Product.objects.filter(pk=sample.product_id).update(is_listed=False)

    def skus(path: str) -> set[tuple[str, bool]]:
        key = "sku" if path.startswith("admin/inventory") else "slug"
        return {(row[key], row["is_sample"]) for row in staff.get(path).json()["results"]}

    sold = {(variant.sku, False), (gift.sku, False)}
    assert skus("admin/inventory?sample=false") == sold
    assert skus("admin/inventory?sample=true") == {(sample.sku, True)}
    assert skus("admin/inventory") == sold | {(sample.sku, True)}
    assert errors(staff.get("admin/inventory?sample=maybe")) == ["sample"]
    slug = Product.objects.get(pk=sample.product_id).slug
    assert skus("admin/products?sample=true") == {(slug, True)}
    assert (slug, True) not in skus("admin/products?sample=false")
    assert len(skus("admin/products")) == 3
