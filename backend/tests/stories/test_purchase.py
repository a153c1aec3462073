"""Purchases from the cart to a paid order, over HTTP, with the gateway as a program of its own."""

from typing import Any

import pytest

from noirel.core.domain.money import inr
from noirel.inventory.models import StockItem
from noirel.orders.models import Order, OrderEvent
from noirel.payments.models import GatewayEvent, Payment, UnmatchedPayment
from tests.make import make_variant
from tests.shopping import LocalGateway, Shopper, order_path, wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def stock(variant: Any) -> tuple[int, int, int]:
    """On hand, reserved, committed."""
    item = StockItem.objects.get(pk=variant.pk)
    return item.on_hand, item.reserved, item.committed


def test_a_guest_buys_two_products_and_the_browser_verifies_the_payment(guest: Shopper, gateway: LocalGateway) -> None:
    gateway.without_webhooks()
    encre, ambre = make_variant(price=inr(12_500_00), on_hand=3), make_variant(price=inr(4_900_00), on_hand=9)
    placed = guest.buy((encre.sku, 1), (ambre.sku, 2))
    assert placed["payment"]["amount"] == 22_300_00
    assert (stock(encre), stock(ambre)) == ((3, 1, 0), (9, 2, 0))
    assert placed["order"]["status"] == "pending_payment"
    assert placed["order"]["payment"]["checkout"] == placed["payment"]

    payment_result = gateway.pay(placed["payment"]["gateway_order_id"])
    first = guest.verify(placed, payment_result)
    assert first.status_code == 200, first.text
    assert (first.json()["status"], first.json()["payment_status"]) == ("paid", "paid")
    assert first.json()["totals"]["total"] == {"amount": 22_300_00, "currency": "INR"}
    assert first.json()["totals"]["tax"]["amount"] == 3_401_70
    assert guest.verify(placed, payment_result).json() == first.json()
    assert (stock(encre), stock(ambre)) == ((3, 0, 1), (9, 0, 2))
    assert [event["type"] for event in first.json()["timeline"]] == ["order.placed", "order.paid"]


def test_a_webhook_alone_marks_an_order_paid_if_the_browser_was_closed(guest: Shopper, gateway: LocalGateway) -> None:
    variant = make_variant(price=inr(12_500_00), on_hand=1)
    placed = guest.buy((variant.sku, 1))
    gateway.pay(placed["payment"]["gateway_order_id"], method="upi")
    wait_until(lambda: guest.order(placed)["status"] == "paid")
    settled: dict[str, Any] = {"state": "captured", "method": "upi", "failure": None, "is_set_aside": False, "checkout": None}
    settled |= {"dispute_status": "none", "taken_back": {"amount": 0, "currency": "INR"}}
    assert guest.order(placed)["payment"] == settled
    assert stock(variant) == (1, 0, 1)


@pytest.mark.parametrize("order", ["created", "reversed"])
def test_repeated_webhooks_and_verifications_in_any_order_take_effect_once(
    guest: Shopper, gateway: LocalGateway, order: str
) -> None:
    gateway.fault("webhook", "hold", times=None)
    variant = make_variant(price=inr(12_500_00), on_hand=2)
    placed = guest.buy((variant.sku, 1))
    payment_result = gateway.pay(placed["payment"]["gateway_order_id"])
    assert guest.verify(placed, payment_result).json()["status"] == "paid"
    gateway.http.delete(f"{gateway.url}/_test/faults")
    for _ in range(3):
        assert gateway.door("webhooks/replay", order=order)["count"] >= 2
        assert guest.verify(placed, payment_result).json()["status"] == "paid"
    wait_until(lambda: GatewayEvent.objects.filter(applied_at__isnull=False).count() >= 2)
    assert OrderEvent.objects.filter(type="order.paid").count() == 1
    assert Payment.objects.get().status == "captured"
    assert stock(variant) == (2, 0, 1)
    assert not UnmatchedPayment.objects.exists()


def test_a_failed_payment_is_retried_on_the_same_gateway_order(guest: Shopper, gateway: LocalGateway) -> None:
    variant = make_variant(price=inr(12_500_00), on_hand=1)
    placed = guest.buy((variant.sku, 1))
    gateway.pay(placed["payment"]["gateway_order_id"], "failure", reason="insufficient_fund")
    wait_until(lambda: guest.order(placed)["payment"]["state"] == "failed")
    failed = guest.order(placed)
    assert (failed["status"], failed["payment_status"]) == ("pending_payment", "failed")
    assert failed["payment"]["failure"]["reason"] == "insufficient_fund"

    gateway.pay(placed["payment"]["gateway_order_id"], "failure", reason="card_declined")
    wait_until(lambda: guest.order(placed)["payment"]["failure"]["reason"] == "card_declined")

    retried = guest.call("POST", order_path(placed, "/payment/retry"), {})
    assert retried.status_code == 200, retried.text
    assert retried.json()["payment"] == placed["payment"]
    payment_result = gateway.pay(placed["payment"]["gateway_order_id"])
    assert guest.verify(placed, payment_result).json()["status"] == "paid"
    assert Payment.objects.count() == 1
    refused = guest.call("POST", order_path(placed, "/payment/retry"), {})
    assert (refused.status_code, refused.json()["code"]) == (409, "order_not_payable")


def test_the_signature_of_a_cheap_order_does_not_pay_an_expensive_one(guest: Shopper, gateway: LocalGateway) -> None:
    cheap, expensive = make_variant(price=inr(100_00), on_hand=1), make_variant(price=inr(90_000_00), on_hand=1)
    small, big = guest.buy((cheap.sku, 1)), guest.buy((expensive.sku, 1))
    payment_result = gateway.pay(small["payment"]["gateway_order_id"])
    stolen = guest.verify(big, payment_result)
    assert (stolen.status_code, stolen.json()["code"]) == (400, "signature_invalid")
    forged = guest.verify(big, payment_result | {"razorpay_order_id": big["payment"]["gateway_order_id"]})
    assert (forged.status_code, forged.json()["code"]) == (400, "signature_invalid")
    assert guest.order(big)["status"] == "pending_payment"


@pytest.mark.parametrize("change", [{"amount_delta": -1}, {"amount_delta": 1}, {"currency": "USD"}])
def test_a_payment_of_another_amount_is_quarantined_and_pays_for_nothing(
    guest: Shopper, gateway: LocalGateway, change: dict[str, Any]
) -> None:
    gateway.without_webhooks()
    variant = make_variant(price=inr(12_500_00), on_hand=1)
    placed = guest.buy((variant.sku, 1))
    gateway.fault("report", "change", times=None, **change)
    payment_result = gateway.pay(placed["payment"]["gateway_order_id"])
    response = guest.verify(placed, payment_result)
    assert (response.status_code, response.json()["status"]) == (200, "pending_payment")
    assert response.json()["payment"]["state"] == "quarantined"
    unmatched = UnmatchedPayment.objects.get()
    assert (unmatched.kind, unmatched.fate, unmatched.gateway_payment_id) == (
        "mismatch",
        "waiting",
        payment_result["razorpay_payment_id"],
    )
    assert stock(variant) == (1, 1, 0)
    assert Order.objects.get().paid_at is None


def test_an_authorized_payment_is_captured_when_the_browser_verifies_it(guest: Shopper, gateway: LocalGateway) -> None:
    gateway.without_webhooks()
    placed = guest.buy((make_variant(price=inr(12_500_00), on_hand=1).sku, 1))
    payment_result = gateway.pay(placed["payment"]["gateway_order_id"], "authorize")
    assert guest.verify(placed, payment_result).json()["status"] == "paid"
    assert gateway.state()["payments"][0]["status"] == "captured"
