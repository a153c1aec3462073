"""Failures between cart and payment that must lose neither money nor stock."""

import hashlib
import hmac
import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import requests
from django.conf import settings
from django.utils import timezone

from noirel.backoffice.audit import run_checks
from noirel.core.domain.money import inr
from noirel.core.viewer import SYSTEM
from noirel.inventory.models import StockItem
from noirel.inventory.services import change_terms
from noirel.orders.models import Order, OrderEvent
from noirel.payments import jobs
from noirel.payments.api.shop import RAZORPAY_FIELDS
from noirel.payments.models import GatewayEvent, Payment, Refund, UnmatchedPayment
from tests.client import Client
from tests.make import make_variant
from tests.shopping import ADDRESS, LocalGateway, RunningShop, Shopper, order_path, wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def stock(variant: Any) -> tuple[int, int]:
    """Units on hand that are not committed, and how many of them are reserved."""
    item = StockItem.objects.get(pk=variant.pk)
    return item.on_hand - item.committed, item.reserved


def expire_holds() -> None:
    Order.objects.update(held_until=timezone.now() - timedelta(seconds=1))


def send(shop: RunningShop, body: bytes, *, signature: str | None = None, event_id: str = "") -> requests.Response:
    signed = hmac.new(settings.RAZORPAY_WEBHOOK_SECRET.encode(), body, hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/json", "X-Razorpay-Event-Id": event_id}
    if signature is None or signature:
        headers["X-Razorpay-Signature"] = signed if signature is None else signature
    return requests.post(f"{shop.url}/api/v1/webhooks/razorpay", data=body, headers=headers, timeout=20)


def captured_event(order_id: str, *, payment_id: str = "pay_0000000000001A", amount: int = 12_500_00) -> bytes:
    payment = {
        "id": payment_id, "entity": "payment", "amount": amount, "currency": "INR", "status": "captured",
        "order_id": order_id, "method": "upi", "fee": 295_00, "tax": 45_00, "description": "Encre / 50 ml ₹",
    }  # fmt: skip
    event = {"entity": "event", "account_id": "acc_1", "event": "payment.captured", "payload": {"payment": {"entity": payment}}}
    return json.dumps(event, ensure_ascii=False).encode()


def test_checkout_with_an_outdated_total_is_refused_and_returns_the_current_one(guest: Shopper, gateway: LocalGateway) -> None:
    variant = make_variant(price=inr(12_500_00), on_hand=3)
    cart = guest.bag((variant.sku, 1))
    response = guest.check_out(cart, expected_total={"amount": 9_900_00, "currency": "INR"})
    assert (response.status_code, response.json()["code"]) == (409, "total_changed")
    assert response.json()["total"] == {"amount": 12_500_00, "currency": "INR"}
    assert response.json()["expected_total"] == {"amount": 9_900_00, "currency": "INR"}
    assert response.json()["totals"]["subtotal"] == {"amount": 12_500_00, "currency": "INR"}
    assert stock(variant) == (3, 0)
    assert not Order.objects.exists()


def test_checkout_names_lines_that_went_out_of_stock_with_the_available_quantity(guest: Shopper, gateway: LocalGateway) -> None:
    variant = make_variant(price=inr(12_500_00), on_hand=2)
    second_cart = guest.bag((variant.sku, 2))
    guest.buy((variant.sku, 1))
    response = guest.check_out(second_cart)
    assert (response.status_code, response.json()["code"]) == (409, "out_of_stock")
    assert response.json()["lines"] == [{"sku": variant.sku, "requested": 2, "available": 1}]
    assert stock(variant) == (2, 1)


def test_checkout_refuses_an_empty_cart_and_names_invalid_fields(guest: Shopper, gateway: LocalGateway) -> None:
    empty_cart = guest.check_out(guest.bag())
    assert (empty_cart.status_code, empty_cart.json()["code"]) == (409, "cart_empty")
    cart = guest.bag((make_variant(price=inr(12_500_00), on_hand=2).sku, 1))
    wrong_postcode = guest.check_out(cart, shipping_address=ADDRESS | {"postcode": "4000"})
    assert wrong_postcode.status_code == 400
    assert [error["field"] for error in wrong_postcode.json()["errors"]] == ["shipping_address.postcode"]
    unknown_method = guest.check_out(cart, shipping_method="by-owl")
    assert [error["field"] for error in unknown_method.json()["errors"]] == ["shipping_method"]
    without_key = guest.call("POST", "checkout", {})
    assert (without_key.status_code, without_key.json()["code"]) == (400, "idempotency_key_required")


def test_ten_concurrent_checkouts_with_one_key_place_one_order(
    guest: Shopper, shop: RunningShop, gateway: LocalGateway
) -> None:
    variant = make_variant(price=inr(12_500_00), on_hand=9)
    cart, key = guest.bag((variant.sku, 1)), str(uuid.uuid4())
    with ThreadPoolExecutor(10) as pool:
        responses = list(pool.map(lambda _: Shopper(shop.url).check_out(cart, key=key), range(10)))
    assert {response.status_code for response in responses} == {201}
    assert len({response.content for response in responses}) == 1
    assert Order.objects.count() == 1
    assert len(gateway.state()["orders"]) == 1
    assert stock(variant) == (9, 1)


def test_stock_and_cart_are_unchanged_if_the_gateway_is_unavailable_at_checkout(guest: Shopper, gateway: LocalGateway) -> None:
    variant = make_variant(price=inr(12_500_00), on_hand=2)
    cart, key = guest.bag((variant.sku, 2)), str(uuid.uuid4())
    gateway.fault("order.create", "html_502")
    unavailable = guest.check_out(cart, key=key)
    assert (unavailable.status_code, unavailable.json()["code"]) == (503, "gateway_unavailable")
    assert stock(variant) == (2, 0)
    assert Order.objects.get().status == "cancelled"
    assert guest.call("GET", f"carts/{cart['id']}").json()["item_count"] == 2
    retried = guest.check_out(cart, key=key)
    assert retried.status_code == 201
    assert stock(variant) == (2, 2)


@pytest.mark.parametrize("signature", ["", "0" * 63, "0" * 64, "é" * 64, "0" * 5_000])
def test_a_webhook_with_an_invalid_signature_is_refused_and_not_applied(
    guest: Shopper, shop: RunningShop, gateway: LocalGateway, signature: str
) -> None:
    placed = guest.buy((make_variant(price=inr(12_500_00), on_hand=2).sku, 1))
    body = captured_event(placed["payment"]["gateway_order_id"])
    response = send(shop, body, signature=signature.encode().decode("latin-1"))
    assert (response.status_code, response.json()["code"]) == (400, "signature_invalid")
    assert not GatewayEvent.objects.exists()
    assert guest.order(placed)["status"] == "pending_payment"


def test_webhook_signatures_are_verified_over_the_raw_body(guest: Shopper, shop: RunningShop, gateway: LocalGateway) -> None:
    placed = guest.buy((make_variant(price=inr(12_500_00), on_hand=2).sku, 1))
    body = captured_event(placed["payment"]["gateway_order_id"]).replace(b"/", b"\\/").replace(b": ", b" :\n ")
    signed = hmac.new(settings.RAZORPAY_WEBHOOK_SECRET.encode(), body, hashlib.sha256).hexdigest()
    encoded_again = json.dumps(json.loads(body)).encode()
    assert send(shop, encoded_again, signature=signed).status_code == 400
    assert send(shop, body, event_id="ev_1").status_code == 200
    assert guest.order(placed)["status"] == "paid"
    assert send(shop, b"\xff\xfe not text").status_code == 200  # signed, so it is stored and left to staff
    assert GatewayEvent.objects.filter(applied_at__isnull=True).count() == 1


def test_an_event_delivered_seventy_times_takes_effect_once(guest: Shopper, shop: RunningShop, gateway: LocalGateway) -> None:
    variant = make_variant(price=inr(12_500_00), on_hand=2)
    placed = guest.buy((variant.sku, 1))
    body = captured_event(placed["payment"]["gateway_order_id"])
    with ThreadPoolExecutor(8) as pool:
        responses = list(pool.map(lambda at: send(shop, body, event_id=f"ev_{at % 7}"), range(70)))
    assert {response.status_code for response in responses} == {200}
    assert GatewayEvent.objects.count() == 1
    assert OrderEvent.objects.filter(type="order.paid").count() == 1
    assert stock(variant) == (1, 0)


def test_a_webhook_for_an_unknown_order_is_stored_and_applied_later(
    guest: Shopper, shop: RunningShop, gateway: LocalGateway
) -> None:
    placed = guest.buy((make_variant(price=inr(12_500_00), on_hand=2).sku, 1))
    gateway_order_id = placed["payment"]["gateway_order_id"]
    Payment.objects.update(gateway_order_id=None)  # as if the process had died before storing it
    assert send(shop, captured_event(gateway_order_id)).status_code == 200
    event = GatewayEvent.objects.get()
    assert (event.applied_at, event.tries) == (None, 1)
    Payment.objects.update(gateway_order_id=gateway_order_id)
    GatewayEvent.objects.update(retry_at=timezone.now())
    jobs.retry_webhooks()
    assert guest.order(placed)["status"] == "paid"


def test_a_failure_that_arrives_after_the_success_changes_nothing(guest: Shopper, gateway: LocalGateway) -> None:
    gateway.fault("webhook", "hold", times=None)
    placed = guest.buy((make_variant(price=inr(12_500_00), on_hand=2).sku, 1))
    gateway.pay(placed["payment"]["gateway_order_id"], "failure")
    payment_result = gateway.pay(placed["payment"]["gateway_order_id"])
    assert guest.verify(placed, payment_result).json()["status"] == "paid"
    gateway.http.delete(f"{gateway.url}/_test/faults", timeout=10)
    gateway.door("webhooks/release", order="reversed")
    wait_until(lambda: GatewayEvent.objects.filter(name="payment.failed", applied_at__isnull=False).exists())
    order = guest.order(placed)
    assert (order["status"], order["payment"]["state"]) == ("paid", "captured")


def test_polling_finds_a_payment_that_no_webhook_reported(guest: Shopper, gateway: LocalGateway) -> None:
    gateway.without_webhooks()
    variant = make_variant(price=inr(12_500_00), on_hand=1)
    placed = guest.buy((variant.sku, 1))
    gateway.pay(placed["payment"]["gateway_order_id"])
    jobs.reconcile_payments()
    assert guest.order(placed)["status"] == "pending_payment"  # not due yet
    Payment.objects.update(check_at=timezone.now())
    jobs.reconcile_payments()
    assert guest.order(placed)["status"] == "paid"
    assert stock(variant) == (0, 0)


def test_an_order_expires_only_after_the_gateway_was_asked(guest: Shopper, gateway: LocalGateway) -> None:
    gateway.without_webhooks()
    paid, unpaid = make_variant(price=inr(12_500_00), on_hand=1), make_variant(price=inr(900_00), on_hand=1)
    first, second = guest.buy((paid.sku, 1)), guest.buy((unpaid.sku, 1))
    gateway.pay(first["payment"]["gateway_order_id"])
    expire_holds()
    gateway.fault("order.payments", "error_503", times=2)
    jobs.expire_unpaid_orders()
    assert (stock(paid), stock(unpaid)) == ((1, 1), (1, 1))  # unknown is not unpaid
    jobs.expire_unpaid_orders()
    assert guest.order(first)["status"] == "paid"
    expired = guest.order(second)
    assert (expired["status"], expired["held_until"], expired["payment"]["checkout"]) == ("expired", None, None)
    assert (stock(paid), stock(unpaid)) == ((0, 0), (1, 0))
    late_retry = guest.call("POST", order_path(second, "/payment/retry"), {})
    assert (late_retry.status_code, late_retry.json()["code"]) == (409, "order_not_payable")


def test_an_expired_order_returns_its_lines_to_the_cart(guest: Shopper, gateway: LocalGateway) -> None:
    variant, other = make_variant(price=inr(12_500_00), on_hand=3), make_variant(price=inr(900_00), on_hand=3)
    cart = guest.bag((variant.sku, 2))
    assert guest.check_out(cart).status_code == 201
    assert guest.call("GET", f"carts/{cart['id']}").json()["lines"] == []
    guest.call("POST", f"carts/{cart['id']}/lines", {"sku": other.sku, "quantity": 1})
    expire_holds()
    jobs.expire_unpaid_orders()
    lines = guest.call("GET", f"carts/{cart['id']}").json()["lines"]
    assert {(line["sku"], line["quantity"]) for line in lines} == {(variant.sku, 2), (other.sku, 1)}


def test_a_late_payment_revives_the_order_if_all_units_are_available(guest: Shopper, gateway: LocalGateway) -> None:
    gateway.without_webhooks()
    variant = make_variant(price=inr(12_500_00), on_hand=1)
    placed = guest.buy((variant.sku, 1))
    expire_holds()
    jobs.expire_unpaid_orders()
    payment_result = gateway.pay(placed["payment"]["gateway_order_id"])
    assert guest.verify(placed, payment_result).json()["status"] == "paid"
    assert stock(variant) == (0, 0)
    assert not UnmatchedPayment.objects.exists()


def test_a_late_payment_for_a_sold_out_order_is_refunded_once(guest: Shopper, gateway: LocalGateway) -> None:
    gateway.without_webhooks()
    variant = make_variant(price=inr(12_500_00), on_hand=1)
    placed = guest.buy((variant.sku, 1))
    expire_holds()
    jobs.expire_unpaid_orders()
    winner = guest.buy((variant.sku, 1))
    guest.verify(winner, gateway.pay(winner["payment"]["gateway_order_id"]))
    payment_result = gateway.pay(placed["payment"]["gateway_order_id"])
    assert guest.verify(placed, payment_result).json()["status"] == "expired"
    assert stock(variant) == (0, 0)
    gateway.fault("refund.create", "cut")  # accepted by the gateway, but the response is lost
    for _ in range(3):
        Refund.objects.filter(retry_at__isnull=False).update(retry_at=timezone.now())
        jobs.refund_unmatched_payments()
        jobs.process_refunds()
    refunds = gateway.state()["refunds"]
    assert [refund["amount"] for refund in refunds] == [12_500_00]
    unmatched = UnmatchedPayment.objects.get()
    assert (unmatched.kind, unmatched.refunded_amount) == ("late", 12_500_00)
    assert Refund.objects.get().gateway_refund_id == refunds[0]["id"]
    order = guest.order(placed)
    assert [refund["amount"]["amount"] for refund in order["refunds"]] == [12_500_00]
    assert order["payment_status"] == "refunded"


def test_a_second_payment_for_an_order_is_refunded(guest: Shopper, staff: Client, gateway: LocalGateway) -> None:
    variant = make_variant(price=inr(12_500_00), on_hand=2)
    placed = guest.buy((variant.sku, 1))
    gateway.pay(placed["payment"]["gateway_order_id"])
    wait_until(lambda: guest.order(placed)["status"] == "paid")
    second_payment = gateway.pay(placed["payment"]["gateway_order_id"], second=True)
    wait_until(UnmatchedPayment.objects.exists)
    jobs.refund_unmatched_payments()
    unmatched = UnmatchedPayment.objects.get()
    assert (unmatched.kind, unmatched.fate, unmatched.gateway_payment_id) == (
        "duplicate",
        "returned",
        second_payment["razorpay_payment_id"],
    )
    assert guest.order(placed)["payment_status"] == "paid"
    assert stock(variant) == (1, 0)
    (refund,) = staff.get(f"admin/orders/{placed['order']['number']}").json()["refunds"]
    assert (refund["origin"], refund["reason"]) == ("stray", "duplicate")
    assert refund["gateway_payment_id"] == unmatched.gateway_payment_id


def test_the_captured_payment_counts_although_another_was_authorized_first(
    shop: RunningShop, guest: Shopper, gateway: LocalGateway
) -> None:
    gateway.without_webhooks()
    placed = guest.buy((make_variant(price=inr(12_500_00), on_hand=2).sku, 1))
    authorized = gateway.pay(placed["payment"]["gateway_order_id"], "authorize")
    event = captured_event(placed["payment"]["gateway_order_id"], payment_id=authorized["razorpay_payment_id"])
    send(shop, event.replace(b'"captured"', b'"authorized"').replace(b"payment.captured", b"payment.authorized"))
    assert guest.order(placed)["payment_status"] == "authorized"
    captured = gateway.pay(placed["payment"]["gateway_order_id"], second=True)
    jobs.reconcile_payments()
    assert guest.order(placed)["status"] == "paid"
    assert Payment.objects.get().gateway_payment_id == captured["razorpay_payment_id"]
    assert not UnmatchedPayment.objects.exists()


def test_an_authorized_payment_that_the_gateway_released_pays_for_nothing(guest: Shopper, gateway: LocalGateway) -> None:
    gateway.without_webhooks()
    variant = make_variant(price=inr(12_500_00), on_hand=1)
    placed = guest.buy((variant.sku, 1))
    gateway.fault("payment.capture", "error_503", times=None)
    payment_result = gateway.pay(placed["payment"]["gateway_order_id"], "authorize")
    assert guest.verify(placed, payment_result).status_code == 503
    Payment.objects.update(
        status="authorized", gateway_payment_id=payment_result["razorpay_payment_id"], check_at=timezone.now()
    )
    gateway.fault("report", "change", status="refunded", times=None)
    jobs.reconcile_payments()
    order = guest.order(placed)
    assert (order["status"], order["payment_status"]) == ("pending_payment", "failed")
    expire_holds()
    jobs.expire_unpaid_orders()
    assert guest.order(placed)["status"] == "expired"
    assert stock(variant) == (1, 0)


def test_cancelling_releases_stock_and_refunds_a_paid_order(guest: Shopper, gateway: LocalGateway) -> None:
    variant = make_variant(price=inr(12_500_00), on_hand=2)
    placed = guest.buy((variant.sku, 1))
    for _ in range(2):
        cancelled = guest.call("POST", order_path(placed, "/cancel"), {})
        assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")
    assert stock(variant) == (2, 0)
    other = guest.buy((variant.sku, 1))
    guest.verify(other, gateway.pay(other["payment"]["gateway_order_id"]))
    cancelled_paid = guest.call("POST", order_path(other, "/cancel"), {})
    assert (cancelled_paid.json()["status"], cancelled_paid.json()["payment_status"]) == ("cancelled", "refunded")
    assert stock(variant) == (2, 0)


def test_an_order_number_alone_gives_no_access(guest: Shopper, gateway: LocalGateway) -> None:
    placed = guest.buy((make_variant(price=inr(12_500_00), on_hand=2).sku, 1))
    number = placed["order"]["number"]
    gateway.without_webhooks()
    payment_result = gateway.pay(placed["payment"]["gateway_order_id"], "failure")
    for method, path, body in [
        ("GET", f"orders/{number}", None),
        ("GET", f"orders/{number}?token={'0' * 64}", None),
        ("GET", f"orders/{number}?token=%E2%82%AC", None),
        ("POST", f"orders/{number}/cancel", {}),
        ("POST", f"orders/{number}/payment/retry", {}),
        ("POST", f"orders/{number}/payment/verify", dict.fromkeys(RAZORPAY_FIELDS, "x")),
        ("GET", f"admin/orders/{number}", None),
    ]:  # fmt: skip
        response = guest.call(method, path, body)
        assert response.status_code in {401, 404}, path
    assert guest.order(placed)["status"] == "pending_payment"
    assert payment_result["error"]["code"]


def test_the_callback_form_of_the_payment_window_redirects_to_the_order(
    guest: Shopper, shop: RunningShop, gateway: LocalGateway
) -> None:
    gateway.without_webhooks()
    placed = guest.buy((make_variant(price=inr(12_500_00), on_hand=2).sku, 1))
    url = f"{shop.url}/api/v1/{order_path(placed, '/payment/callback')}"
    failed = requests.post(url, data={"error[code]": "BAD_REQUEST_ERROR"}, allow_redirects=False, timeout=20)
    assert failed.status_code == 303
    payment_result = gateway.pay(placed["payment"]["gateway_order_id"])
    forged = requests.post(url, data=payment_result | {"razorpay_signature": "0" * 64}, allow_redirects=False, timeout=20)
    assert forged.status_code == 400
    paid = requests.post(url, data=payment_result, allow_redirects=False, timeout=20)
    assert paid.status_code == 303
    assert f"/checkout/pay/{placed['order']['number']}" in paid.headers["Location"]
    assert guest.order(placed)["status"] == "paid"


def test_an_order_that_fails_to_expire_does_not_block_others(guest: Shopper, gateway: LocalGateway) -> None:
    inconsistent, other = (make_variant(price=inr(12_500_00), on_hand=2) for _ in range(2))
    guest.buy((inconsistent.sku, 1))
    guest.buy((other.sku, 1))
    expire_holds()
    StockItem.objects.filter(pk=inconsistent.pk).update(reserved=0)  # an inconsistency: releasing would make it negative
    jobs.expire_unpaid_orders()
    assert list(Order.objects.order_by("pk").values_list("status", flat=True)) == ["pending_payment", "expired"]
    assert stock(other) == (2, 0)
    StockItem.objects.filter(pk=inconsistent.pk).update(reserved=1)
    jobs.expire_unpaid_orders()
    assert stock(inconsistent) == (2, 0)


def test_an_unmatched_payment_that_fails_to_be_refunded_does_not_block_others(guest: Shopper, gateway: LocalGateway) -> None:
    variant = make_variant(price=inr(12_500_00), on_hand=4)
    for _ in range(2):
        placed = guest.buy((variant.sku, 1))
        assert guest.call("POST", order_path(placed, "/cancel"), {}).status_code == 200
        gateway.pay(placed["payment"]["gateway_order_id"])
    wait_until(lambda: UnmatchedPayment.objects.count() == 2)
    first, second = UnmatchedPayment.objects.order_by("created_at")
    Payment.objects.filter(strays=first).update(refunded_amount=1)  # an inconsistency: the refund exceeds what is left
    jobs.refund_unmatched_payments()
    assert UnmatchedPayment.objects.get(pk=second.pk).remaining_amount == 0
    Payment.objects.filter(strays=first).update(refunded_amount=0)
    jobs.refund_unmatched_payments()
    wait_until(lambda: UnmatchedPayment.objects.filter(fate="returned").count() == 2)


def test_a_late_payment_reserves_nothing_for_a_variant_that_is_no_longer_tracked(guest: Shopper, gateway: LocalGateway) -> None:
    gateway.without_webhooks()
    untracked, tracked = (make_variant(price=inr(12_500_00), on_hand=1) for _ in range(2))
    placed = guest.buy((untracked.sku, 1), (tracked.sku, 1))
    expire_holds()
    jobs.expire_unpaid_orders()
    change_terms(untracked.sku, actor=SYSTEM, is_tracked=False)
    payment_result = gateway.pay(placed["payment"]["gateway_order_id"])
    assert guest.verify(placed, payment_result).json()["status"] == "paid"
    assert (stock(untracked), stock(tracked)) == ((1, 0), (0, 0))
    assert run_checks() == []
