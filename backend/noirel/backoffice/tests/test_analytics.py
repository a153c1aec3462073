"""The dashboard's numbers, to the paisa and to the shop's own midnight."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine

from noirel.core.domain.money import inr
from noirel.orders.models import Order, OrderLine
from tests.client import Client, signed_in
from tests.make import PICTURE, make_staff, make_variant

pytestmark = pytest.mark.django_db
ADDRESS = {"name": "Noor", "line1": "12 Lane", "city": "Mumbai", "region": "MH", "postcode": "400001", "country": "IN"}
WHERE = "admin/analytics/summary?from=2026-11-22&to=2026-11-23"


def _sale(number: str, *, at: str, total: int = 10_000_00, units: int = 1, variant: Any = None, **fields: Any) -> Order:
    """An order as the books have it, paid at this instant."""
    paid_at = datetime.fromisoformat(at).astimezone(UTC)
    order = Order.objects.create(
        number=number, email="noor@example.com", customer_name="Noor", status="paid", payment_status="paid", currency="INR",
        subtotal_amount=total, discount_amount=0, shipping_amount=0, tax_amount=0, total_amount=total, item_count=units,
        shipping_address=ADDRESS, billing_address=ADDRESS, shipping_method={}, placed_at=paid_at, paid_at=paid_at, **fields,
    )  # fmt: skip
    if variant:
        OrderLine.objects.create(
            order=order, position=1, variant=variant, sku=variant.sku, name="Encre", variant_title="50 ml",
            product_slug="encre",
            quantity=units, unit_price_amount=total // units, discount_amount=0, tax_amount=0, tax_rate_bps=1800,
            total_amount=total, image=PICTURE,
        )  # fmt: skip
    return order


def _rupees(minor: int) -> dict[str, Any]:
    return inr(minor).json()


def test_a_quiet_house_has_zeros_and_a_day_for_each_day(staff: Client) -> None:
    answer = staff.get(WHERE)
    assert answer.status_code == 200
    body = answer.json()
    assert body["net_revenue"] == {"value": _rupees(0), "previous": _rupees(0)}
    assert body["average_order"] == {"value": _rupees(0), "previous": _rupees(0)}
    assert [day["date"] for day in body["series"]] == ["2026-11-22", "2026-11-23"]
    assert (body["best_sellers"], body["needs_you"]) == ([], [])


def test_a_sale_counts_on_the_shops_own_day(staff: Client) -> None:
    _sale("NE-1", at="2026-11-22T18:29:59+00:00")  # 23:59:59 in Mumbai
    _sale("NE-2", at="2026-11-22T18:30:00+00:00", total=20_000_00, units=2)  # midnight
    _sale("NE-3", at="2026-11-20T06:00:00+00:00", total=5_000_00)  # the range before
    _sale("NE-4", at="2026-11-24T18:30:00+00:00")  # after it
    body = staff.get(WHERE).json()
    assert [(day["net_revenue"]["amount"], day["orders"], day["previous_net_revenue"]["amount"]) for day in body["series"]] == [
        (10_000_00, 1, 5_000_00),
        (20_000_00, 1, 0),
    ]
    assert body["net_revenue"] == {"value": _rupees(30_000_00), "previous": _rupees(5_000_00)}
    assert body["orders"] == {"value": 2, "previous": 1}
    assert body["units"] == {"value": 3, "previous": 1}
    assert body["average_order"]["value"] == _rupees(15_000_00)


def test_a_refund_counts_on_its_own_day_and_stray_money_never(staff: Client) -> None:
    def refund(amount: int, reason: str, status: str = "processed") -> dict[str, Any]:
        return {"id": "r", "amount": _rupees(amount), "status": status, "reason": reason, "created_at": "2026-11-23T10:00:00Z"}

    refunds = [refund(1_500_00, "damaged"), refund(10_000_00, "duplicate"), refund(700_00, "damaged", "failed")]
    _sale("NE-1", at="2026-11-22T10:00:00+00:00", refunds=refunds)
    body = staff.get(WHERE).json()
    assert body["refunded"]["value"] == _rupees(1_500_00)
    assert body["net_revenue"]["value"] == _rupees(8_500_00)
    assert [day["net_revenue"]["amount"] for day in body["series"]] == [10_000_00, -1_500_00]


def test_what_was_given_away_is_no_best_seller(staff: Client) -> None:
    sold, given = make_variant(price=inr(10_000_00)), make_variant(price=inr(0))
    order = _sale("NE-1", at="2026-11-22T10:00:00+00:00", variant=sold)
    OrderLine.objects.create(
        order=order, position=2, variant=given, sku=given.sku, name="A vial", variant_title="1 ml", product_slug="a-vial",
        quantity=9, unit_price_amount=0, discount_amount=0, tax_amount=0, tax_rate_bps=1800, total_amount=0, image=None,
    )  # fmt: skip
    assert [best["slug"] for best in staff.get(WHERE).json()["best_sellers"]] == ["encre"]


def test_the_dashboard_takes_ten_statements_however_much_was_sold(staff: Client, django_assert_num_queries: Any) -> None:
    variant = make_variant(price=inr(10_000_00), on_hand=2)
    for number in range(3):
        _sale(f"NE-{number}", at="2026-11-22T10:00:00+00:00", variant=variant)
    with django_assert_num_queries(21):  # who asks; sales, refunds, lines, pictures, stock; fifteen of needs_you
        body = staff.get(WHERE).json()
    (best,) = body["best_sellers"]
    assert best == {
        "slug": "encre", "name": "Encre", "image": PICTURE, "units": 3, "revenue": _rupees(30_000_00),
        "available": best["available"],
    }  # fmt: skip
    assert [(entry["kind"], entry["title"], entry["detail"]) for entry in body["needs_you"]] == [
        ("to_fulfil", "3 orders to pack", "Paid, and waiting to leave the house."),
        ("low_stock", body["needs_you"][1]["title"], "2 left."),
    ]


@time_machine.travel("2026-11-23T20:00:00Z", tick=False)
def test_without_dates_it_is_the_last_thirty_days_in_the_shop() -> None:
    body = signed_in(make_staff()).get("admin/analytics/summary").json()
    assert (body["from"], body["to"], len(body["series"])) == ("2026-10-26", "2026-11-24", 30)  # past midnight in Mumbai


@pytest.mark.parametrize(
    "query", ["from=tomorrow", "from=2026-11-23&to=2026-11-22", "from=2020-01-01&to=2026-01-01", "to=0001-01-01"]
)
def test_a_range_that_is_none_is_refused(staff: Client, query: str) -> None:
    answer = staff.get(f"admin/analytics/summary?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_a_packer_does_not_see_the_numbers(staff_as: Callable[[str], Client]) -> None:
    assert staff_as("packer").get("admin/analytics/summary").status_code == 403
