"""Between bag and bank: what other shops lose money over, and what happens here instead."""

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
from tests.make import make_variant
from tests.shopping import ADDRESS, LocalGateway, RunningShop, Shopper, order_path, wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def stock(variant: Any) -> tuple[int, int]:
    """Units that nobody has paid for, and those of them that checkouts hold."""
    item = StockItem.objects.get(pk=variant.pk)
    return item.on_hand - item.committed, item.reserved


def let_the_hold_end() -> None:
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


def test_a_total_the_buyer_has_not_seen_is_refused_with_the_new_one(guest: Shopper, gateway: LocalGateway) -> None:
    variant = make_variant(price=inr(12_500_00), on_hand=3)
    cart = guest.bag((variant.sku, 1))
    answer = guest.check_out(cart, expected_total={"amount": 9_900_00, "currency": "INR"})
    assert (answer.status_code, answer.json()["code"]) == (409, "total_changed")
    assert answer.json()["total"] == {"amount": 12_500_00, "currency": "INR"}
    assert answer.json()["expected_total"] == {"amount": 9_900_00, "currency": "INR"}
    assert answer.json()["totals"]["subtotal"] == {"amount": 12_500_00, "currency": "INR"}
    assert stock(variant) == (3, 0)
    assert not Order.objects.exists()


def test_what_is_gone_by_the_time_of_checkout_is_named_with_what_is_left(guest: Shopper, gateway: LocalGateway) -> None:
    variant = make_variant(price=inr(12_500_00), on_hand=2)
    slow = guest.bag((variant.sku, 2))
    guest.buy((variant.sku, 1))
    answer = guest.check_out(slow)
    assert (answer.status_code, answer.json()["code"]) == (409, "out_of_stock")
    assert answer.json()["lines"] == [{"sku": variant.sku, "requested": 2, "available": 1}]
    assert stock(variant) == (2, 1)


def test_an_empty_bag_and_a_wrong_address_say_so(guest: Shopper, gateway: LocalGateway) -> None:
    empty = guest.check_out(guest.bag())
    assert (empty.status_code, empty.json()["code"]) == (409, "cart_empty")
    cart = guest.bag((make_variant(price=inr(12_500_00), on_hand=2).sku, 1))
    wrong = guest.check_out(cart, shipping_address=ADDRESS | {"postcode": "4000"})
    assert wrong.status_code == 400
    assert [error["field"] for error in wrong.json()["errors"]] == ["shipping_address.postcode"]
    nowhere = guest.check_out(cart, shipping_method="by-owl")
    assert [error["field"] for error in nowhere.json()["errors"]] == ["shipping_method"]
    unnamed = guest.call("POST", "checkout", {})
    assert (unnamed.status_code, unnamed.json()["code"]) == (400, "idempotency_key_required")


def test_ten_presses_of_the_button_make_one_order(guest: Shopper, shop: RunningShop, gateway: LocalGateway) -> None:
    variant = make_variant(price=inr(12_500_00), on_hand=9)
    cart, key = guest.bag((variant.sku, 1)), str(uuid.uuid4())
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: Shopper(shop.url).check_out(cart, key=key), range(10)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert Order.objects.count() == 1
    assert len(gateway.state()["orders"]) == 1
    assert stock(variant) == (9, 1)


def test_a_gateway_that_is_away_leaves_stock_and_bag_as_they_were(guest: Shopper, gateway: LocalGateway) -> None:
    variant = make_variant(price=inr(12_500_00), on_hand=2)
    cart, key = guest.bag((variant.sku, 2)), str(uuid.uuid4())
    gateway.fault("order.create", "html_502")
    away = guest.check_out(cart, key=key)
    assert (away.status_code, away.json()["code"]) == (503, "gateway_unavailable")
    assert stock(variant) == (2, 0)
    assert Order.objects.get().status == "cancelled"
    assert guest.call("GET", f"carts/{cart['id']}").json()["item_count"] == 2
    again = guest.check_out(cart, key=key)
    assert again.status_code == 201
    assert stock(variant) == (2, 2)


@pytest.mark.parametrize("signature", ["", "0" * 63, "0" * 64, "é" * 64, "0" * 5_000])
def test_a_webhook_that_is_not_the_gateways_is_refused_and_not_kept(
    guest: Shopper, shop: RunningShop, gateway: LocalGateway, signature: str
) -> None:
    placed = guest.buy((make_variant(price=inr(12_500_00), on_hand=2).sku, 1))
    body = captured_event(placed["payment"]["gateway_order_id"])
    answer = send(shop, body, signature=signature.encode().decode("latin-1"))
    assert (answer.status_code, answer.json()["code"]) == (400, "signature_invalid")
    assert not GatewayEvent.objects.exists()
    assert guest.order(placed)["status"] == "pending_payment"


def test_the_raw_bytes_are_what_is_signed(guest: Shopper, shop: RunningShop, gateway: LocalGateway) -> None:
    placed = guest.buy((make_variant(price=inr(12_500_00), on_hand=2).sku, 1))
    body = captured_event(placed["payment"]["gateway_order_id"]).replace(b"/", b"\\/").replace(b": ", b" :\n ")
    signed = hmac.new(settings.RAZORPAY_WEBHOOK_SECRET.encode(), body, hashlib.sha256).hexdigest()
    encoded_again = json.dumps(json.loads(body)).encode()
    assert send(shop, encoded_again, signature=signed).status_code == 400
    assert send(shop, body, event_id="ev_1").status_code == 200
    assert guest.order(placed)["status"] == "paid"
    assert send(shop, b"\xff\xfe not text").status_code == 200  # signed, so kept, and parked for a person
    assert GatewayEvent.objects.filter(applied_at__isnull=True).count() == 1


def test_one_event_seventy_times_has_one_effect(guest: Shopper, shop: RunningShop, gateway: LocalGateway) -> None:
    variant = make_variant(price=inr(12_500_00), on_hand=2)
    placed = guest.buy((variant.sku, 1))
    body = captured_event(placed["payment"]["gateway_order_id"])
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda at: send(shop, body, event_id=f"ev_{at % 7}"), range(70)))
    assert {answer.status_code for answer in answers} == {200}
    assert GatewayEvent.objects.count() == 1
    assert OrderEvent.objects.filter(type="order.paid").count() == 1
    assert stock(variant) == (1, 0)


def test_a_webhook_about_an_unknown_order_is_kept_and_found_later(
    guest: Shopper, shop: RunningShop, gateway: LocalGateway
) -> None:
    placed = guest.buy((make_variant(price=inr(12_500_00), on_hand=2).sku, 1))
    known = placed["payment"]["gateway_order_id"]
    Payment.objects.update(gateway_order_id=None)  # as if we had died before writing it down
    assert send(shop, captured_event(known)).status_code == 200
    event = GatewayEvent.objects.get()
    assert (event.applied_at, event.tries) == (None, 1)
    Payment.objects.update(gateway_order_id=known)
    GatewayEvent.objects.update(retry_at=timezone.now())
    jobs.retry_webhooks()
    assert guest.order(placed)["status"] == "paid"


def test_a_failure_that_comes_after_the_success_changes_nothing(guest: Shopper, gateway: LocalGateway) -> None:
    gateway.fault("webhook", "hold", times=None)
    placed = guest.buy((make_variant(price=inr(12_500_00), on_hand=2).sku, 1))
    gateway.pay(placed["payment"]["gateway_order_id"], "failure")
    told = gateway.pay(placed["payment"]["gateway_order_id"])
    assert guest.verify(placed, told).json()["status"] == "paid"
    gateway.http.delete(f"{gateway.url}/_test/faults", timeout=10)
    gateway.door("webhooks/release", order="reversed")
    wait_until(lambda: GatewayEvent.objects.filter(name="payment.failed", applied_at__isnull=False).exists())
    order = guest.order(placed)
    assert (order["status"], order["payment"]["state"]) == ("paid", "captured")


def test_nobody_tells_us_and_the_poller_finds_the_money(guest: Shopper, gateway: LocalGateway) -> None:
    gateway.without_webhooks()
    variant = make_variant(price=inr(12_500_00), on_hand=1)
    placed = guest.buy((variant.sku, 1))
    gateway.pay(placed["payment"]["gateway_order_id"])
    jobs.reconcile_payments()
    assert guest.order(placed)["status"] == "pending_payment"  # not its time yet
    Payment.objects.update(check_at=timezone.now())
    jobs.reconcile_payments()
    assert guest.order(placed)["status"] == "paid"
    assert stock(variant) == (0, 0)


def test_expiry_asks_the_gateway_before_it_lets_go(guest: Shopper, gateway: LocalGateway) -> None:
    gateway.without_webhooks()
    paid, unpaid = make_variant(price=inr(12_500_00), on_hand=1), make_variant(price=inr(900_00), on_hand=1)
    first, second = guest.buy((paid.sku, 1)), guest.buy((unpaid.sku, 1))
    gateway.pay(first["payment"]["gateway_order_id"])
    let_the_hold_end()
    gateway.fault("order.payments", "error_503", times=2)
    jobs.expire_unpaid_orders()
    assert (stock(paid), stock(unpaid)) == ((1, 1), (1, 1))  # unknown is not unpaid
    jobs.expire_unpaid_orders()
    assert guest.order(first)["status"] == "paid"
    expired = guest.order(second)
    assert (expired["status"], expired["held_until"], expired["payment"]["checkout"]) == ("expired", None, None)
    assert (stock(paid), stock(unpaid)) == ((0, 0), (1, 0))
    late = guest.call("POST", order_path(second, "/payment/retry"), {})
    assert (late.status_code, late.json()["code"]) == (409, "order_not_payable")


def test_an_expired_order_puts_its_bottles_back_into_the_bag(guest: Shopper, gateway: LocalGateway) -> None:
    variant, other = make_variant(price=inr(12_500_00), on_hand=3), make_variant(price=inr(900_00), on_hand=3)
    cart = guest.bag((variant.sku, 2))
    assert guest.check_out(cart).status_code == 201
    assert guest.call("GET", f"carts/{cart['id']}").json()["lines"] == []
    guest.call("POST", f"carts/{cart['id']}/lines", {"sku": other.sku, "quantity": 1})
    let_the_hold_end()
    jobs.expire_unpaid_orders()
    lines = guest.call("GET", f"carts/{cart['id']}").json()["lines"]
    assert {(line["sku"], line["quantity"]) for line in lines} == {(variant.sku, 2), (other.sku, 1)}


def test_late_money_revives_the_order_when_every_unit_is_still_there(guest: Shopper, gateway: LocalGateway) -> None:
    gateway.without_webhooks()
    variant = make_variant(price=inr(12_500_00), on_hand=1)
    placed = guest.buy((variant.sku, 1))
    let_the_hold_end()
    jobs.expire_unpaid_orders()
    told = gateway.pay(placed["payment"]["gateway_order_id"])
    assert guest.verify(placed, told).json()["status"] == "paid"
    assert stock(variant) == (0, 0)
    assert not UnmatchedPayment.objects.exists()


def test_late_money_for_what_is_gone_goes_back_once(guest: Shopper, gateway: LocalGateway) -> None:
    gateway.without_webhooks()
    variant = make_variant(price=inr(12_500_00), on_hand=1)
    placed = guest.buy((variant.sku, 1))
    let_the_hold_end()
    jobs.expire_unpaid_orders()
    winner = guest.buy((variant.sku, 1))
    guest.verify(winner, gateway.pay(winner["payment"]["gateway_order_id"]))
    told = gateway.pay(placed["payment"]["gateway_order_id"])
    assert guest.verify(placed, told).json()["status"] == "expired"
    assert stock(variant) == (0, 0)
    gateway.fault("refund.create", "cut")  # taken over there, and the answer is lost
    for _ in range(3):
        Refund.objects.filter(retry_at__isnull=False).update(retry_at=timezone.now())
        jobs.refund_unmatched_payments()
        jobs.process_refunds()
    refunds = gateway.state()["refunds"]
    assert [refund["amount"] for refund in refunds] == [12_500_00]
    stray = UnmatchedPayment.objects.get()
    assert (stray.kind, stray.refunded_amount) == ("late", 12_500_00)
    assert Refund.objects.get().gateway_refund_id == refunds[0]["id"]
    order = guest.order(placed)
    assert [refund["amount"]["amount"] for refund in order["refunds"]] == [12_500_00]
    assert order["payment_status"] == "refunded"


def test_the_second_of_two_payments_for_one_order_goes_back(guest: Shopper, gateway: LocalGateway) -> None:
    variant = make_variant(price=inr(12_500_00), on_hand=2)
    placed = guest.buy((variant.sku, 1))
    gateway.pay(placed["payment"]["gateway_order_id"])
    wait_until(lambda: guest.order(placed)["status"] == "paid")
    twice = gateway.pay(placed["payment"]["gateway_order_id"], second=True)
    wait_until(UnmatchedPayment.objects.exists)
    jobs.refund_unmatched_payments()
    stray = UnmatchedPayment.objects.get()
    assert (stray.kind, stray.fate, stray.gateway_payment_id) == ("duplicate", "returned", twice["razorpay_payment_id"])
    assert guest.order(placed)["payment_status"] == "paid"
    assert stock(variant) == (1, 0)


def test_the_captured_one_of_two_payments_pays_though_the_other_was_authorised_first(
    shop: RunningShop, guest: Shopper, gateway: LocalGateway
) -> None:
    gateway.without_webhooks()
    placed = guest.buy((make_variant(price=inr(12_500_00), on_hand=2).sku, 1))
    held = gateway.pay(placed["payment"]["gateway_order_id"], "authorize")
    told = captured_event(placed["payment"]["gateway_order_id"], payment_id=held["razorpay_payment_id"])
    send(shop, told.replace(b'"captured"', b'"authorized"').replace(b"payment.captured", b"payment.authorized"))
    assert guest.order(placed)["payment_status"] == "authorized"
    taken = gateway.pay(placed["payment"]["gateway_order_id"], second=True)
    jobs.reconcile_payments()
    assert guest.order(placed)["status"] == "paid"
    assert Payment.objects.get().gateway_payment_id == taken["razorpay_payment_id"]
    assert not UnmatchedPayment.objects.exists()


def test_authorised_money_that_the_gateway_gave_back_pays_nothing(guest: Shopper, gateway: LocalGateway) -> None:
    gateway.without_webhooks()
    variant = make_variant(price=inr(12_500_00), on_hand=1)
    placed = guest.buy((variant.sku, 1))
    gateway.fault("payment.capture", "error_503", times=None)
    told = gateway.pay(placed["payment"]["gateway_order_id"], "authorize")
    assert guest.verify(placed, told).status_code == 503
    Payment.objects.update(status="authorized", gateway_payment_id=told["razorpay_payment_id"], check_at=timezone.now())
    gateway.fault("report", "change", status="refunded", times=None)
    jobs.reconcile_payments()
    order = guest.order(placed)
    assert (order["status"], order["payment_status"]) == ("pending_payment", "failed")
    let_the_hold_end()
    jobs.expire_unpaid_orders()
    assert guest.order(placed)["status"] == "expired"
    assert stock(variant) == (1, 0)


def test_a_cancelled_order_is_let_go_and_a_paid_ones_money_goes_back(guest: Shopper, gateway: LocalGateway) -> None:
    variant = make_variant(price=inr(12_500_00), on_hand=2)
    placed = guest.buy((variant.sku, 1))
    for _ in range(2):
        cancelled = guest.call("POST", order_path(placed, "/cancel"), {})
        assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")
    assert stock(variant) == (2, 0)
    other = guest.buy((variant.sku, 1))
    guest.verify(other, gateway.pay(other["payment"]["gateway_order_id"]))
    gone = guest.call("POST", order_path(other, "/cancel"), {})
    assert (gone.json()["status"], gone.json()["payment_status"]) == ("cancelled", "refunded")
    assert stock(variant) == (2, 0)


def test_a_stranger_with_the_number_alone_finds_nothing(guest: Shopper, gateway: LocalGateway) -> None:
    placed = guest.buy((make_variant(price=inr(12_500_00), on_hand=2).sku, 1))
    number = placed["order"]["number"]
    gateway.without_webhooks()
    told = gateway.pay(placed["payment"]["gateway_order_id"], "failure")
    for method, path, body in [
        ("GET", f"orders/{number}", None),
        ("GET", f"orders/{number}?token={'0' * 64}", None),
        ("GET", f"orders/{number}?token=%E2%82%AC", None),
        ("POST", f"orders/{number}/cancel", {}),
        ("POST", f"orders/{number}/payment/retry", {}),
        ("POST", f"orders/{number}/payment/verify", dict.fromkeys(RAZORPAY_FIELDS, "x")),
        ("GET", f"admin/orders/{number}", None),
    ]:  # fmt: skip
        answer = guest.call(method, path, body)
        assert answer.status_code in {401, 404}, path
    assert guest.order(placed)["status"] == "pending_payment"
    assert told["error"]["code"]


def test_the_window_without_a_frame_posts_a_form_and_is_sent_to_the_order(
    guest: Shopper, shop: RunningShop, gateway: LocalGateway
) -> None:
    gateway.without_webhooks()
    placed = guest.buy((make_variant(price=inr(12_500_00), on_hand=2).sku, 1))
    url = f"{shop.url}/api/v1/{order_path(placed, '/payment/callback')}"
    failed = requests.post(url, data={"error[code]": "BAD_REQUEST_ERROR"}, allow_redirects=False, timeout=20)
    assert failed.status_code == 303
    told = gateway.pay(placed["payment"]["gateway_order_id"])
    forged = requests.post(url, data=told | {"razorpay_signature": "0" * 64}, allow_redirects=False, timeout=20)
    assert forged.status_code == 400
    paid = requests.post(url, data=told, allow_redirects=False, timeout=20)
    assert paid.status_code == 303
    assert f"/checkout/pay/{placed['order']['number']}" in paid.headers["Location"]
    assert guest.order(placed)["status"] == "paid"


def test_one_order_that_can_not_be_let_go_of_keeps_no_other_waiting(guest: Shopper, gateway: LocalGateway) -> None:
    broken, other = (make_variant(price=inr(12_500_00), on_hand=2) for _ in range(2))
    guest.buy((broken.sku, 1))
    guest.buy((other.sku, 1))
    let_the_hold_end()
    StockItem.objects.filter(pk=broken.pk).update(reserved=0)  # by hand: giving back would make it less than nothing
    jobs.expire_unpaid_orders()
    assert list(Order.objects.order_by("pk").values_list("status", flat=True)) == ["pending_payment", "expired"]
    assert stock(other) == (2, 0)
    StockItem.objects.filter(pk=broken.pk).update(reserved=1)
    jobs.expire_unpaid_orders()
    assert stock(broken) == (2, 0)


def test_stray_money_that_can_not_go_back_keeps_no_other_waiting(guest: Shopper, gateway: LocalGateway) -> None:
    variant = make_variant(price=inr(12_500_00), on_hand=4)
    for _ in range(2):
        placed = guest.buy((variant.sku, 1))
        assert guest.call("POST", order_path(placed, "/cancel"), {}).status_code == 200
        gateway.pay(placed["payment"]["gateway_order_id"])
    wait_until(lambda: UnmatchedPayment.objects.count() == 2)
    first, second = UnmatchedPayment.objects.order_by("created_at")
    Payment.objects.filter(strays=first).update(refunded_amount=1)  # by hand: it claims more than is left
    jobs.refund_unmatched_payments()
    assert UnmatchedPayment.objects.get(pk=second.pk).remaining_amount == 0
    Payment.objects.filter(strays=first).update(refunded_amount=0)
    jobs.refund_unmatched_payments()
    wait_until(lambda: UnmatchedPayment.objects.filter(fate="returned").count() == 2)


def test_late_money_for_what_is_not_counted_any_more_pays_and_holds_nothing(guest: Shopper, gateway: LocalGateway) -> None:
    gateway.without_webhooks()
    loose, counted = (make_variant(price=inr(12_500_00), on_hand=1) for _ in range(2))
    placed = guest.buy((loose.sku, 1), (counted.sku, 1))
    let_the_hold_end()
    jobs.expire_unpaid_orders()
    change_terms(loose.sku, actor=SYSTEM, is_tracked=False)
    told = gateway.pay(placed["payment"]["gateway_order_id"])
    assert guest.verify(placed, told).json()["status"] == "paid"
    assert (stock(loose), stock(counted)) == ((1, 0), (0, 0))
    assert run_checks() == []
