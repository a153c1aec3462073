"""Every figure of the dashboard leads to the list of what it counts."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis.strategies import DrawFn, composite, integers, lists, sampled_from

from noirel.catalog.models import Variant
from noirel.core.domain.money import inr
from noirel.core.models import OutboxEvent
from noirel.orders.models import Order
from noirel.orders.tests.test_staff_orders import make_order
from tests.client import Client
from tests.make import make_variant

pytestmark = pytest.mark.django_db
ADDRESS = {"name": "Noor", "line1": "12 Lane", "city": "Mumbai", "region": "MH", "postcode": "400001", "country": "IN"}
FIRST, LAST = date(2026, 11, 22), date(2026, 11, 23)
# Around both midnights of India, and in the middle.
MOMENTS = [
    f"2026-11-{day}T{time}Z" for day in (20, 21, 22, 23, 24) for time in ("12:00:00", "18:29:59", "18:30:00", "23:59:59")
]


@composite
def orders(draw: DrawFn) -> dict[str, Any]:
    """An order as the books may have it: paid or not, in either currency, with refunds of every kind."""
    refunds = draw(
        lists(
            sampled_from(MOMENTS).flatmap(
                lambda at: sampled_from(["processed", "pending", "failed"]).flatmap(
                    lambda status: sampled_from(["damaged", "duplicate", "cancelled"]).map(
                        lambda reason: {"status": status, "reason": reason, "created_at": at}
                    )
                )
            ),
            max_size=2,
        )
    )
    return {
        "paid_at": draw(sampled_from([None, *MOMENTS])),
        "currency": draw(sampled_from(["INR", "INR", "EUR"])),
        "units": draw(integers(1, 4)),
        "total": draw(integers(1, 9)) * 1000_00,
        "refunds": [{"id": str(number), "amount": inr(100_00).json(), **one} for number, one in enumerate(refunds)],
    }


def _make(number: int, spec: dict[str, Any]) -> Order:
    status = "paid" if spec["paid_at"] else "pending_payment"
    return Order.objects.create(
        number=f"NE-{number}", email="noor@example.com", customer_name="Noor", status=status, payment_status="paid",
        currency=spec["currency"], subtotal_amount=spec["total"], discount_amount=0, shipping_amount=0, tax_amount=0,
        total_amount=spec["total"], item_count=spec["units"], shipping_address=ADDRESS, billing_address=ADDRESS,
        shipping_method={}, placed_at="2026-11-20T00:00:00Z", paid_at=spec["paid_at"], refunds=spec["refunds"],
    )  # fmt: skip


@given(lists(orders(), max_size=8))
@hypothesis_settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_every_figure_adds_up_from_the_list_it_leads_to(staff: Client, specs: list[dict[str, Any]]) -> None:
    days = f"from={FIRST}&to={LAST}"
    with transaction.atomic():
        made = {f"NE-{number}": _make(number, spec) for number, spec in enumerate(specs)}
        summary = staff.get(f"admin/analytics/summary?{days}").json()
        listed = {
            activity: staff.get(f"admin/orders?activity={activity}&{days}&limit=100").json()
            for activity in ("sales", "refunds", "revenue")
        }
        transaction.set_rollback(True)  # the next example begins without them
    sales, refunds, revenue = (listed[name]["results"] for name in ("sales", "refunds", "revenue"))
    assert summary["orders"]["value"] == listed["sales"]["total"] == len(sales)
    assert summary["units"]["value"] == sum(order["item_count"] for order in sales)
    given_back = sum(_refunded(made[order["number"]]) for order in refunds)
    assert summary["refunded"]["value"]["amount"] == given_back
    assert all(_refunded(made[order["number"]]) for order in refunds)
    income = sum(order["total"]["amount"] for order in sales)
    assert summary["net_revenue"]["value"]["amount"] == income - given_back
    assert {order["number"] for order in revenue} == {order["number"] for order in [*sales, *refunds]}


def _refunded(order: Order) -> int:
    """What of the order was refunded on these days, counted by hand."""
    return sum(
        refund["amount"]["amount"]
        for refund in order.refunds
        if refund["status"] != "failed"
        and refund["reason"] != "duplicate"
        and f"{FIRST - timedelta(days=1)}T18:30:00Z" <= refund["created_at"] < f"{LAST}T18:30:00Z"
    )


@pytest.mark.parametrize("query", ["activity=sales", "activity=sales&from=2026-11-23&to=soon", "activity=x&from=2026-11-22"])
def test_activity_needs_its_days(staff: Client, query: str) -> None:
    answer = staff.get(f"admin/orders?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def _listed(staff: Client, link: str) -> int:
    """How many things the page behind a link of the dashboard shows."""
    path, _, query = link.removeprefix("/").partition("?")
    answer = staff.get(f"admin/{path}?{query}&limit=100")
    assert answer.status_code == 200, (link, answer.json())
    body = answer.json()
    return len(body["results"]) if path == "desk" else body["total"]


def test_every_need_leads_to_the_list_of_what_it_counts(staff: Client, settings: Any) -> None:
    settings.CAPTURE_MODE = "manual"
    variants = [make_variant(price=inr(900_00), on_hand=units) for units in (1, 2, 3, 4, 5, 6, 500)]
    _archive(make_variant(price=inr(900_00), on_hand=1))
    plenty = variants[-1]
    make_order((plenty, 1), engraving="NOOR")
    engraved = make_order((plenty, 2), engraving="ILA")
    make_order((plenty, 1))
    make_order((plenty, 1), paid=False)
    sent_in_part = make_order((plenty, 2))
    line = sent_in_part.lines.get()
    staff.post(f"admin/orders/{sent_in_part.number}/fulfil", {"lines": [{"id": str(line.pk), "quantity": 1}]})
    for name in ("order.paid", "order.fulfilled"):
        OutboxEvent.objects.create(name=name, key=engraved.number, payload={}, parked_at=timezone.now())
    set_aside = make_order((plenty, 1), paid=False)
    Order.objects.filter(pk=set_aside.pk).update(payment_status="authorized", held_until=timezone.now() + timedelta(hours=5))

    needs = staff.get("admin/analytics/summary").json()["needs_you"]
    counts = {need["kind"]: need["count"] for need in needs}
    assert counts == {
        "to_capture": 1, "event_parked": 2, "to_engrave": 2, "to_fulfil": 4, "to_ship": 1, "low_stock": None, "running_low": 6,
    }  # fmt: skip
    assert {need["kind"]: _listed(staff, need["link"]) for need in needs if need["count"]} == {
        kind: count for kind, count in counts.items() if count
    }
    for need in needs:
        assert need["count"] is None or need["title"].startswith(f"{need['count']} "), need
        assert need["count"] or staff.get(f"admin{need['link']}").json()["sku"] == need["link"].rpartition("/")[2]


def test_a_role_is_told_only_of_what_it_can_open(staff_as: Callable[[str], Client]) -> None:
    variant = make_variant(price=inr(900_00), on_hand=2)
    make_order((variant, 1))
    client = staff_as("owner")
    assert client.user is not None
    client.user.roles.update(permissions=["analytics.view", "inventory.view"])
    kinds = {need["kind"] for need in client.get("admin/analytics/summary").json()["needs_you"]}
    assert kinds == {"low_stock"}


def _archive(variant: Variant) -> None:
    Variant.objects.filter(pk=variant.pk).update(archived_at=timezone.now())
