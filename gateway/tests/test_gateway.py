"""The gateway over a real socket: the unmodified Python SDK, webhooks, faults, and a kill -9."""

import hashlib
import hmac
import json
import time
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import razorpay  # type: ignore[import-untyped]
import requests

from gateway.tests.conftest import KEY, SECRET, WEBHOOK_SECRET, Gateway, Shop


def test_a_payment_goes_from_order_to_refund_with_the_official_sdk(gateway: Gateway) -> None:
    order = gateway.order(receipt="NE-1", notes={})
    assert (order["status"], order["notes"], order["attempts"]) == ("created", [], 0)
    gateway.door(f"orders/{order['id']}/pay", outcome="failure", method="upi")
    paid = gateway.door(f"orders/{order['id']}/pay", outcome="success", method="card")
    assert gateway.client.utility.verify_payment_signature(paid)
    payment = gateway.client.payment.fetch(paid["razorpay_payment_id"])
    assert (payment["status"], payment["fee"], payment["tax"]) == ("captured", 1180, 180)
    order = gateway.client.order.fetch(order["id"])
    assert (order["status"], order["amount_paid"], order["amount_due"], order["attempts"]) == ("paid", 50_000, 0, 2)
    gateway.client.payment.refund(payment["id"], {"amount": 20_000})
    assert gateway.client.payment.fetch(payment["id"])["refund_status"] == "partial"
    with pytest.raises(razorpay.errors.BadRequestError, match="greater than amount captured"):
        gateway.client.payment.refund(payment["id"], {"amount": 30_001})
    gateway.client.payment.refund(payment["id"], {})
    assert gateway.client.payment.fetch(payment["id"])["status"] == "refunded"
    with pytest.raises(razorpay.errors.BadRequestError, match="fully refunded already"):
        gateway.client.payment.refund(payment["id"], {})


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"amount": None}, "The amount field is required."),
        ({"amount": 1.5}, "The amount must be an integer."),
        ({"amount": 99}, "The amount must be at least INR 1.00"),
        ({"amount": 10**10}, "Amount exceeds maximum amount allowed."),
        ({"amount": 99_991, "currency": "KWD"}, "last digit"),
        ({"currency": None}, "The currency field is required."),
        ({"receipt": "x" * 41}, "The receipt may not be greater than 40"),
        ({"notes": {str(n): "x" for n in range(16)}}, "less than or equal to 15"),
        ({"colour": "red"}, "colour is/are not required and should not be sent"),
    ],
)
def test_a_wrong_order_is_refused_in_razorpays_words(gateway: Gateway, fields: dict[str, Any], said: str) -> None:
    with pytest.raises(razorpay.errors.BadRequestError, match=said):
        gateway.order(**fields)
    assert gateway.client.order.all()["count"] == 0


def test_lists_are_newest_first_and_paged(gateway: Gateway) -> None:
    made = [gateway.order(receipt=f"r{n}")["id"] for n in range(12)]
    assert [order["id"] for order in gateway.client.order.all()["items"]] == made[::-1][:10]
    assert [order["id"] for order in gateway.client.order.all({"count": 5, "skip": 10})["items"]] == made[1::-1]
    assert gateway.client.order.all({"receipt": "r3"})["items"][0]["id"] == made[3]
    with pytest.raises(razorpay.errors.BadRequestError, match="may not be greater than 100"):
        gateway.client.order.all({"count": 101})


def test_manual_capture_happens_once_and_for_the_whole_amount(gateway: Gateway) -> None:
    order = gateway.order(payment={"capture": "manual"})
    payment_id = gateway.door(f"orders/{order['id']}/pay", outcome="success")["razorpay_payment_id"]
    with pytest.raises(razorpay.errors.BadRequestError, match="equal to the amount authorized"):
        gateway.client.payment.capture(payment_id, 49_999, {"currency": "INR"})
    assert gateway.client.payment.capture(payment_id, 50_000, {"currency": "INR"})["status"] == "captured"
    with pytest.raises(razorpay.errors.BadRequestError, match="already been captured"):
        gateway.client.payment.capture(payment_id, 50_000, {"currency": "INR"})


def test_a_repeated_refund_key_gives_the_first_answer(gateway: Gateway) -> None:
    order = gateway.order()
    payment_id = gateway.door(f"orders/{order['id']}/pay", outcome="success")["razorpay_payment_id"]

    def refund(key: str, amount: int) -> requests.Response:
        return requests.post(
            f"{gateway.url}/v1/payments/{payment_id}/refund",
            json={"amount": amount},
            auth=(KEY, SECRET),
            headers={"X-Refund-Idempotency": key},
            timeout=10,
        )

    first = refund("refund-key-1", 1000)
    assert refund("refund-key-1", 1000).json() == first.json()
    assert refund("refund-key-1", 2000).status_code == 409
    assert refund("short", 1000).status_code == 400
    assert gateway.client.payment.fetch(payment_id)["amount_refunded"] == 1000


def test_webhooks_are_signed_and_sent_again_until_taken(gateway: Gateway, shop: Shop) -> None:
    shop.status = 500
    order = gateway.order()
    gateway.door(f"orders/{order['id']}/pay", outcome="success")
    shop.wait_for(3)
    shop.status = 200
    events = shop.wait_for(6)
    assert {event["event"] for event in events} == {"payment.authorized", "payment.captured", "order.paid"}
    headers, body = shop.came[0]
    wanted = hmac.new(WEBHOOK_SECRET.encode(), body, hashlib.sha256).hexdigest()
    assert headers["X-Razorpay-Signature"] == wanted
    assert len({headers["X-Razorpay-Event-Id"] for headers, _ in shop.came}) == 3


def test_a_cut_connection_after_accepting_leaves_the_order_behind(gateway: Gateway) -> None:
    gateway.door("faults", on="order.create", do="cut")
    with pytest.raises(requests.ConnectionError):
        gateway.order(receipt="lost")
    assert (
        requests.Session()
        .get(f"{gateway.url}/v1/orders", params={"receipt": "lost"}, auth=(KEY, SECRET), timeout=10)
        .json()["count"]
        == 1
    )


def test_a_kill_loses_neither_orders_nor_undelivered_webhooks(gateway: Gateway, shop: Shop) -> None:
    gateway.door("faults", on="webhook", do="late", seconds=3, times=None)
    order = gateway.order()
    gateway.door(f"orders/{order['id']}/pay", outcome="success")
    gateway.kill()
    gateway.start()
    assert gateway.client.order.fetch(order["id"])["status"] == "paid"
    assert len(shop.wait_for(3)) == 3


def test_a_strangers_key_and_unknown_addresses_are_refused(gateway: Gateway) -> None:
    assert requests.get(f"{gateway.url}/v1/orders", auth=("x", "y"), timeout=10).status_code == 401
    unknown = requests.get(f"{gateway.url}/v1/nowhere", auth=(KEY, SECRET), timeout=10)
    assert (unknown.status_code, unknown.json()["error"]["description"]) == (
        400,
        "The requested URL was not found on the server.",
    )


def _paid(gateway: Gateway, *, fault: dict[str, Any]) -> None:
    gateway.door("faults", on="webhook", **fault)
    gateway.door(f"orders/{gateway.order()['id']}/pay", outcome="success")


def _signed(headers: dict[str, str], body: bytes) -> bool:
    return headers["X-Razorpay-Signature"] == hmac.new(WEBHOOK_SECRET.encode(), body, hashlib.sha256).hexdigest()


def test_an_event_sent_twice_keeps_its_id(gateway: Gateway, shop: Shop) -> None:
    _paid(gateway, fault={"do": "twice", "event": "order.paid"})
    shop.wait_for(4)
    ids = [headers["X-Razorpay-Event-Id"] for headers, body in shop.came if json.loads(body)["event"] == "order.paid"]
    assert len(ids) == 2
    assert len(set(ids)) == 1


def test_a_dropped_event_never_comes(gateway: Gateway, shop: Shop) -> None:
    _paid(gateway, fault={"do": "drop", "event": "payment.captured"})
    shop.wait_for(2)
    time.sleep(1.5)
    assert {json.loads(body)["event"] for _, body in shop.came} == {"payment.authorized", "order.paid"}


def test_a_tampered_event_does_not_fit_its_signature(gateway: Gateway, shop: Shop) -> None:
    _paid(gateway, fault={"do": "tamper", "event": "payment.captured"})
    shop.wait_for(3)
    fits = {json.loads(body)["event"]: _signed(headers, body) for headers, body in shop.came}
    assert fits == {"payment.authorized": True, "payment.captured": False, "order.paid": True}


def test_a_held_event_comes_when_it_is_let_go(gateway: Gateway, shop: Shop) -> None:
    _paid(gateway, fault={"do": "hold", "event": "payment.authorized"})
    shop.wait_for(2)
    assert "payment.authorized" not in {json.loads(body)["event"] for _, body in shop.came}
    gateway.door("webhooks/release")
    assert shop.wait_for(3)[-1]["event"] == "payment.authorized"


def test_reordered_events_come_the_wrong_way_round(gateway: Gateway, shop: Shop) -> None:
    _paid(gateway, fault={"do": "reorder", "event": "payment.authorized"})
    events = [event["event"] for event in shop.wait_for(3)]
    assert sorted(events) == ["order.paid", "payment.authorized", "payment.captured"]
    assert events[0] != "payment.authorized"


@pytest.mark.parametrize("fault", [{"do": "error_503"}, {"do": "html_502"}, {"do": "throttle"}])
def test_a_gateway_in_trouble_answers_as_one_and_makes_no_order(gateway: Gateway, fault: dict[str, str]) -> None:
    gateway.door("faults", on="order.create", **fault)
    answer = requests.post(
        f"{gateway.url}/v1/orders", json={"amount": 100, "currency": "INR"}, auth=(KEY, SECRET), timeout=5
    )
    assert answer.status_code == {"error_503": 503, "html_502": 502, "throttle": 429}[fault["do"]]
    assert gateway.client.order.all()["count"] == 0


def test_the_books_of_a_day_hold_what_was_captured_less_its_fee(gateway: Gateway) -> None:
    paid = gateway.door(f"orders/{gateway.order()['id']}/pay", outcome="success")
    payment = gateway.client.payment.fetch(paid["razorpay_payment_id"])
    settlement = gateway.door("settlements")
    day = datetime.fromtimestamp(settlement["created_at"], ZoneInfo("Asia/Kolkata"))
    rows = gateway.client.settlement.report({"year": day.year, "month": day.month, "day": day.day})["items"]
    row = next(row for row in rows if row["entity_id"] == payment["id"])
    assert (row["type"], row["credit"], row["fee"]) == ("payment", payment["amount"] - payment["fee"], payment["fee"])
