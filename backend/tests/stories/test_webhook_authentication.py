"""Authentication of webhooks: signatures, accounts, test and live keys, and changes of the secret."""

import hashlib
import hmac
import json
import logging
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.utils import timezone

from noirel.core.domain.money import inr
from noirel.orders.models import Order
from noirel.payments import jobs
from noirel.payments.models import GatewayAccount, GatewayEvent, Payment, RetiredSecret, UnverifiedEvent
from tests.client import Client
from tests.make import make_variant
from tests.shopping import ACCOUNT, LocalGateway, RunningShop, Shopper, order_path, wait_until
from tests.stories.test_payment_failures import captured_event, send

pytestmark = pytest.mark.django_db(transaction=True)
PRICE = 12_500_00


@pytest.fixture
def placed(guest: Shopper, gateway: LocalGateway) -> dict[str, Any]:
    gateway.without_webhooks()
    return guest.buy((make_variant(price=inr(PRICE), on_hand=5).sku, 1))


def event_for(placed: dict[str, Any], **changes: Any) -> bytes:
    event = json.loads(captured_event(placed["payment"]["gateway_order_id"], amount=placed["payment"]["amount"]))
    return json.dumps(event | changes).encode()


def signed(body: bytes, secret: str) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def post_webhook(client: Client, body: bytes, signature: str) -> int:
    response = client.post(
        "webhooks/razorpay", body, content_type="application/json", HTTP_X_RAZORPAY_SIGNATURE=signature,
        HTTP_X_RAZORPAY_EVENT_ID="evt_1",
    )  # fmt: skip
    return int(response.status_code)


def status_of(placed: dict[str, Any]) -> str:
    return Order.objects.get(number=placed["order"]["number"]).status


@pytest.mark.parametrize("kind", ["missing", "empty", "short", "upper", "wrong", "non-ascii", "huge"])
def test_an_invalid_signature_is_answered_with_400_and_logged_once(
    client: Client, placed: dict[str, Any], kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    body = event_for(placed)
    valid_signature = signed(body, django_settings.RAZORPAY_WEBHOOK_SECRET)
    header = {
        "missing": None, "empty": "", "short": valid_signature[:63], "upper": valid_signature.upper(),
        "wrong": valid_signature[::-1],
        "non-ascii": "é" * 64, "huge": "a" * 1_000_000,
    }[kind]  # fmt: skip
    headers: dict[str, Any] = {} if header is None else {"HTTP_X_RAZORPAY_SIGNATURE": header}
    with caplog.at_level(logging.WARNING, logger="noirel.payments"):
        response = client.post("webhooks/razorpay", body, content_type="application/json", **headers)
    assert (response.status_code, response.json()["code"]) == (400, "signature_invalid")
    assert len([line for line in caplog.records if line.name.startswith("noirel.payments")]) == 1
    assert not GatewayEvent.objects.exists()
    assert status_of(placed) == "pending_payment"


def test_with_a_wrong_secret_webhooks_are_stored_and_applied_once_it_is_corrected(
    shop: RunningShop, placed: dict[str, Any], settings: Any
) -> None:
    body = event_for(placed)
    for _ in range(3):
        assert send(shop, body, signature=signed(body, "the right one")).status_code == 400
    (stored,) = UnverifiedEvent.objects.all()
    assert (stored.times, bytes(stored.body)) == (3, body)
    jobs.recheck_unverified_webhooks()
    assert (status_of(placed), GatewayEvent.objects.count()) == ("pending_payment", 0)
    settings.RAZORPAY_WEBHOOK_SECRET = "the right one"
    jobs.recheck_unverified_webhooks()
    assert status_of(placed) == "paid"
    assert not UnverifiedEvent.objects.exists()
    assert GatewayEvent.objects.get().applied_at is not None


def test_unsigned_bodies_that_are_no_events_are_not_stored(client: Client, placed: dict[str, Any]) -> None:
    wrong_signature = "0" * 64
    for body in (b"{}", b"[1]", b"not json", b"\xff\xfe", b'{"entity": "event", "payload": {}, "x": "' + b"a" * 70_000 + b'"}'):
        assert post_webhook(client, body, wrong_signature) == 400
    assert post_webhook(client, event_for(placed), "short") == 400
    assert not UnverifiedEvent.objects.exists()


def test_storage_of_unverified_webhooks_is_limited(
    client: Client, placed: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("noirel.payments.services.webhook_auth.MAX_UNVERIFIED", 5)
    for n in range(9):
        assert post_webhook(client, event_for(placed, n=n), "0" * 64) == 400
    assert UnverifiedEvent.objects.count() == 5
    UnverifiedEvent.objects.update(last_at=timezone.now() - timedelta(days=16))
    jobs.recheck_unverified_webhooks()
    assert not UnverifiedEvent.objects.exists()


def test_the_previous_secret_is_accepted_for_a_day(client: Client, placed: dict[str, Any], settings: Any) -> None:
    settings.RAZORPAY_WEBHOOK_SECRET, settings.RAZORPAY_WEBHOOK_SECRET_PREVIOUS = "new", "old"
    assert post_webhook(client, event_for(placed, n=1), signed(event_for(placed, n=1), "old")) == 200
    assert status_of(placed) == "paid"
    assert post_webhook(client, event_for(placed, n=2), signed(event_for(placed, n=2), "new")) == 200
    RetiredSecret.objects.update(since=timezone.now() - timedelta(hours=25))
    assert post_webhook(client, event_for(placed, n=3), signed(event_for(placed, n=3), "old")) == 400
    assert GatewayEvent.objects.count() == 2
    assert "old" not in RetiredSecret.objects.get().fingerprint


def test_without_a_secret_no_webhook_is_accepted(client: Client, placed: dict[str, Any], settings: Any) -> None:
    settings.RAZORPAY_WEBHOOK_SECRET = ""
    assert post_webhook(client, event_for(placed), signed(event_for(placed), "")) == 400
    assert status_of(placed) == "pending_payment"


def test_the_first_account_is_pinned_and_events_of_others_are_stored_but_ignored(
    guest: Shopper, gateway: LocalGateway, settings: Any
) -> None:
    variant = make_variant(price=inr(PRICE), on_hand=5)
    first, second = guest.buy((variant.sku, 1)), guest.buy((variant.sku, 1))
    gateway.pay(first["payment"]["gateway_order_id"])
    wait_until(lambda: status_of(first) == "paid")
    assert GatewayAccount.objects.get().account_id == ACCOUNT
    gateway.fault("webhook", "as", account_id="acc_Somebody000000", times=None)
    gateway.pay(second["payment"]["gateway_order_id"])
    foreign_events = GatewayEvent.objects.filter(account_id="acc_Somebody000000")
    wait_until(lambda: foreign_events.filter(mark="other_account").count() == 3)
    jobs.retry_webhooks()
    assert status_of(second) == "pending_payment"
    assert foreign_events.filter(applied_at=None, retry_at=None).count() == 3
    # If the first account was the wrong one, a setting corrects it, and the events are replayed.
    settings.RAZORPAY_ACCOUNT_ID = "acc_Somebody000000"
    foreign_events.update(retry_at=timezone.now())
    jobs.retry_webhooks()
    assert status_of(second) == "paid"


def test_after_going_live_orders_of_the_test_keys_are_ignored(
    client: Client, guest: Shopper, shop: RunningShop, placed: dict[str, Any], settings: Any, gateway: LocalGateway,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    settings.RAZORPAY_KEY_ID = "rzp_live_NoirelTests"
    body = event_for(placed)
    with caplog.at_level(logging.WARNING, logger="noirel.payments"):
        assert post_webhook(client, body, signed(body, django_settings.RAZORPAY_WEBHOOK_SECRET)) == 200
    assert "not acted on" in caplog.text
    assert (status_of(placed), GatewayEvent.objects.get().mark) == ("pending_payment", "other_mode")
    gateway.pay(placed["payment"]["gateway_order_id"])
    Payment.objects.update(check_at=timezone.now())
    jobs.reconcile_payments()
    assert (status_of(placed), Payment.objects.get().check_at) == ("pending_payment", None)
    refused = client.post(order_path(placed, "/payment/retry"), {})
    assert (refused.status_code, refused.json()["code"]) == (409, "order_not_payable")
    # Orders made with the live keys are not affected.
    other = guest.buy((make_variant(price=inr(PRICE), on_hand=5).sku, 1))
    Payment.objects.filter(order__number=other["order"]["number"]).update(key_id=settings.RAZORPAY_KEY_ID)
    live_event = json.loads(
        captured_event(other["payment"]["gateway_order_id"], payment_id="pay_live", amount=other["payment"]["amount"])
    )
    body = json.dumps(live_event).encode()
    assert post_webhook(client, body, signed(body, django_settings.RAZORPAY_WEBHOOK_SECRET)) == 200
    assert status_of(other) == "paid"
