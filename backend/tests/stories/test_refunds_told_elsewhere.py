"""Refunds from the gateway's own pages, in any order, told twice, told wrong: booked once, and never more than came."""

import hashlib
import hmac
import itertools
import json
import random
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings as house
from django.core import mail
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from noirel.core import events
from noirel.core.domain.money import inr
from noirel.inventory.models import Reservation, StockItem, StockMovement
from noirel.ledger.accounts import Account
from noirel.ledger.selectors import balances
from noirel.orders.models import Order, OrderEvent
from noirel.payments import jobs
from noirel.payments.lifecycle import RefundUpdate
from noirel.payments.models import GatewayEvent, Payment, Refund, UnmatchedPayment
from noirel.payments.services.apply_refund_update import apply_refund_update
from noirel.payments.services.reconcile import adopt_refunds
from tests.client import Client, with_key
from tests.make import make_variant
from tests.shopping import ACCOUNT, LocalGateway, RunningShop, Shopper, wait_until
from tests.stories.test_what_goes_wrong import send

pytestmark = pytest.mark.django_db(transaction=True)
PRICE = 1_000_00


@pytest.fixture
def buy(guest: Shopper, gateway: LocalGateway) -> Callable[..., dict[str, Any]]:
    """Ten of a bottle, paid; the shop hears of nothing but what we let it."""

    def bought() -> dict[str, Any]:
        gateway.http.delete(f"{gateway.url}/_test/faults", timeout=10)
        gateway.fault("webhook", "hold", times=None)
        variant = make_variant(price=inr(PRICE), on_hand=20)
        placed = guest.buy((variant.sku, 10))
        told = gateway.pay(placed["payment"]["gateway_order_id"])
        assert guest.verify(placed, told).status_code == 200
        return placed | {
            "variant": variant.pk, "pay": told["razorpay_payment_id"], "line": placed["order"]["lines"][0]["id"],
            "number": placed["order"]["number"],
        }  # fmt: skip

    return bought


@pytest.fixture
def paid(buy: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    return buy()


def refund(staff: Client, placed: dict[str, Any], **body: Any) -> Any:
    return staff.post(f"admin/orders/{placed['number']}/refund", {"reason": "x"} | body, **with_key(str(uuid.uuid4())))


def by_hand(gateway: LocalGateway, placed: dict[str, Any], amount: int | None = None) -> dict[str, Any]:
    more = {} if amount is None else {"amount": amount}
    return dict(gateway.door(f"payments/{placed['pay']}/refund", **more))


def order_of(placed: dict[str, Any]) -> Order:
    return Order.objects.get(number=placed["number"])


def unsold(placed: dict[str, Any]) -> int:
    """Units in the building that nobody has paid for."""
    item = StockItem.objects.get(pk=placed["variant"])
    return item.on_hand - item.committed


def refund_event(payment: str, amount: int, *, refund_id: str, receipt: str | None = None, status: str = "processed") -> bytes:
    entity = {
        "id": refund_id, "entity": "refund", "amount": amount, "currency": "INR", "payment_id": payment, "status": status,
        "receipt": receipt, "notes": [],
    }  # fmt: skip
    told = {"entity": "event", "account_id": ACCOUNT, "event": f"refund.{status}", "payload": {"refund": {"entity": entity}}}
    return json.dumps(told).encode()


def follow_up() -> None:
    for _ in range(3):
        Refund.objects.filter(retry_at__isnull=False).update(retry_at=timezone.now())
        jobs.process_refunds()


@pytest.mark.parametrize("amounts", list(itertools.permutations([2, 3, 5])))
def test_two_three_and_five_of_ten_come_to_ten_in_any_order_and_twice(
    paid: dict[str, Any], shop: RunningShop, gateway: LocalGateway, amounts: tuple[int, ...]
) -> None:
    made = {units: by_hand(gateway, paid, units * PRICE) for units in (2, 3, 5)}
    held = [event for event in gateway.state()["webhooks"] if event["event"].startswith("refund.")]
    told = {units: [e for e in held if made[units]["id"] in e["body"]] for units in made}
    for units in (*amounts, *amounts[::-1]):
        for event in told[units]:
            assert send(shop, event["body"].encode(), signature=event["signature"]).status_code == 200
    assert sorted(Refund.objects.values_list("amount", "status")) == [(n * PRICE, "processed") for n in (2, 3, 5)]
    total = paid["order"]["totals"]["total"]["amount"]
    status = "refunded" if total == 10 * PRICE else "partially_refunded"
    assert (order_of(paid).payment_status, Payment.objects.get().refunded_amount) == (status, 10 * PRICE)
    assert unsold(paid) == 10
    assert balances().get((Account.REFUNDS_DUE, "INR"), 0) == 0
    assert not OrderEvent.objects.filter(type="refund.quarantined").exists()


def test_an_event_of_more_than_is_left_is_quarantined_and_never_booked(
    paid: dict[str, Any], shop: RunningShop, gateway: LocalGateway, staff: Client
) -> None:
    total = paid["order"]["totals"]["total"]["amount"]
    by_hand(gateway, paid, 9 * PRICE)
    adopt_refunds(paid["pay"])
    before = balances()
    for event_id in ("a", "b"):
        body = refund_event(paid["pay"], total - 9 * PRICE + 1, refund_id="rfnd_TooMuch0000000")
        assert send(shop, body, event_id=event_id).status_code == 200
    assert balances() == before
    strange = Refund.objects.get(gateway_refund_id="rfnd_TooMuch0000000")
    assert strange.status == "quarantined"
    assert Payment.objects.get().refunded_amount == 9 * PRICE
    assert OrderEvent.objects.filter(type="refund.quarantined").count() == 1
    shown = staff.get("admin/desk").json()
    assert str(strange.pk) in json.dumps(shown)
    assert len(order_of(paid).refunds) == 1


def test_an_event_that_names_our_refund_with_another_sum_is_not_ours(
    paid: dict[str, Any], shop: RunningShop, staff: Client, gateway: LocalGateway
) -> None:
    gateway.fault("refund.create", "error_503")
    assert refund(staff, paid, amount={"amount": 4 * PRICE, "currency": "INR"}).status_code == 201
    ours = Refund.objects.get()
    for amount in (3 * PRICE, 40 * PRICE):
        body = refund_event(paid["pay"], amount, refund_id=f"rfnd_Strange{amount:07d}", receipt=ours.key)
        assert send(shop, body).status_code == 200
    follow_up()
    ours.refresh_from_db()
    assert (ours.status, ours.amount) == ("processed", 4 * PRICE)
    assert Refund.objects.filter(status="quarantined").count() == 2
    assert Payment.objects.get().refunded_amount == 4 * PRICE


def test_a_refund_by_hand_before_the_news_of_the_payment_is_both(
    guest: Shopper, shop: RunningShop, gateway: LocalGateway
) -> None:
    gateway.fault("webhook", "hold", times=None)
    placed = guest.buy((make_variant(price=inr(PRICE), on_hand=5).sku, 2))
    told = gateway.pay(placed["payment"]["gateway_order_id"])
    gateway.door(f"payments/{told['razorpay_payment_id']}/refund", amount=PRICE)
    held = [event for event in gateway.state()["webhooks"] if event["event"].startswith("refund.")]
    for event in reversed(held):
        send(shop, event["body"].encode(), signature=event["signature"])
    assert not GatewayEvent.objects.filter(applied_at=None).exists()
    order = Order.objects.get()
    assert (order.status, order.payment_status) == ("paid", "partially_refunded")


def test_all_of_it_went_back_before_anybody_told_us(guest: Shopper, gateway: LocalGateway) -> None:
    gateway.without_webhooks()
    placed = guest.buy((make_variant(price=inr(PRICE), on_hand=5).sku, 2))
    told = gateway.pay(placed["payment"]["gateway_order_id"])
    gateway.door(f"payments/{told['razorpay_payment_id']}/refund")
    Payment.objects.update(check_at=timezone.now())
    jobs.reconcile_payments()
    order = Order.objects.get()
    assert (order.status, order.payment_status) == ("paid", "refunded")
    fee = Payment.objects.get().fee_amount
    assert fee
    assert balances()[(Account.GATEWAY, "INR")] == -fee


def test_an_order_whose_money_went_back_by_hand_can_be_cancelled_and_its_units_come_back_once(
    paid: dict[str, Any], staff: Client, gateway: LocalGateway
) -> None:
    by_hand(gateway, paid)
    adopt_refunds(paid["pay"])
    assert (order_of(paid).payment_status, unsold(paid)) == ("refunded", 10)
    for _ in range(2):
        answer = staff.post(f"admin/orders/{paid['number']}/cancel", {"reason": "went back"})
        assert (answer.status_code, answer.json()["status"]) == (200, "cancelled"), answer.content
    assert unsold(paid) == 20
    assert len(gateway.state()["refunds"]) == 1
    assert answer.json()["lines"][0]["cancelled_quantity"] == 10


def test_units_come_back_once_when_their_refund_failed_and_was_asked_for_again(
    paid: dict[str, Any], staff: Client, gateway: LocalGateway
) -> None:
    three = [{"id": paid["line"], "quantity": 3}]
    gateway.fault("refund", "failed")
    refund(staff, paid, lines=three, restock=True)
    follow_up()
    assert (Refund.objects.get().status, unsold(paid)) == ("failed", 13)
    again = refund(staff, paid, lines=[{"id": paid["line"], "quantity": 5}], restock=True)
    assert again.status_code == 201, again.content
    follow_up()
    assert unsold(paid) == 15
    assert again.json()["lines"][0]["cancelled_quantity"] == 5
    assert Reservation.objects.get().released == 5
    assert not StockMovement.objects.filter(reason="returned").exists()  # none of them had left
    assert refund(staff, paid, restock=True).status_code == 201
    assert unsold(paid) == 20
    follow_up()


def test_part_of_stray_money_sent_back_by_hand_leaves_the_rest_to_us(
    guest: Shopper, paid: dict[str, Any], gateway: LocalGateway
) -> None:
    gateway.http.delete(f"{gateway.url}/_test/faults", timeout=10)
    second = gateway.pay(paid["payment"]["gateway_order_id"], second=True)["razorpay_payment_id"]
    wait_until(UnmatchedPayment.objects.exists)
    gateway.door(f"payments/{second}/refund", amount=PRICE)
    wait_until(lambda: Refund.objects.filter(status="processed").exists())
    assert UnmatchedPayment.objects.get().fate == "to_return"
    jobs.refund_unmatched_payments()
    wait_until(lambda: UnmatchedPayment.objects.get().fate == "returned")
    assert UnmatchedPayment.objects.get().refunded_amount == UnmatchedPayment.objects.get().amount
    events.deliver_due()
    subjects = [letter.subject for letter in mail.outbox if "on its way back" in letter.subject]
    assert len(subjects) == 2
    assert any("was paid twice" in str(letter.body) for letter in mail.outbox)
    assert Order.objects.get().payment_status == "paid"


def test_a_failed_refund_that_left_after_all_needs_room(paid: dict[str, Any], staff: Client, gateway: LocalGateway) -> None:
    gateway.fault("refund", "failed")
    refund(staff, paid)
    follow_up()
    failed = Refund.objects.get()
    assert failed.status == "failed"
    assert refund(staff, paid).status_code == 201
    follow_up()
    before = balances()
    fact = RefundUpdate(str(failed.gateway_refund_id), paid["pay"], failed.amount, "INR", "processed", key=failed.key)
    apply_refund_update(fact, source="test")
    failed.refresh_from_db()
    assert failed.status == "quarantined"
    assert balances() == before


def test_what_could_not_be_and_did_not_happen_leaves_the_desk(paid: dict[str, Any], staff: Client) -> None:
    refund(staff, paid)
    follow_up()
    before = balances()
    for status, ours in (("pending", "quarantined"), ("failed", "failed"), ("pending", "failed"), ("failed", "failed")):
        apply_refund_update(RefundUpdate("rfnd_NeverLeft00000", paid["pay"], PRICE, "INR", status), source="test")
        strange = Refund.objects.get(gateway_refund_id="rfnd_NeverLeft00000")
        assert strange.status == ours
        assert (str(strange.pk) in json.dumps(staff.get("admin/desk").json())) == (ours == "quarantined")
    assert balances() == before


def test_a_stranger_with_a_number_refunds_and_captures_nothing(
    client: Client, paid: dict[str, Any], gateway: LocalGateway
) -> None:
    number = paid["number"]
    for path, body in (
        (f"admin/orders/{number}/refund", {"reason": "x"}), (f"admin/orders/{number}/capture", {}),
        (f"admin/orders/{number}/cancel", {"reason": "x"}),
    ):  # fmt: skip
        assert client.post(path, body, **with_key(str(uuid.uuid4()))).status_code == 401
    assert client.get(f"orders/{number}").status_code == 404
    assert gateway.state()["refunds"] == []


WHO = st.sampled_from(["ours", "by hand", "lines"])
FAULTS = st.sampled_from(["", "", "failed", "pending", "cut", "error_503"])
STEPS = st.lists(st.tuples(WHO, st.integers(1, 50), FAULTS), min_size=1, max_size=6)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, seed=st.integers(0, 2**32))
def test_whatever_is_refunded_and_told_the_sum_is_the_gateways_and_never_more(
    buy: Callable[..., dict[str, Any]], staff: Client, shop: RunningShop, gateway: LocalGateway,
    steps: list[tuple[str, int, str]], seed: int,
) -> None:  # fmt: skip
    placed, chance = buy(), random.Random(seed)
    total = placed["order"]["totals"]["total"]["amount"]
    for who, tenths, fault in steps:
        amount = tenths * PRICE // 4
        if fault in {"failed", "pending"}:
            gateway.fault("refund", fault)
        elif fault and who != "by hand":
            gateway.fault("refund.create", fault)
        if who == "by hand":
            gateway.http.post(f"{gateway.url}/_test/payments/{placed['pay']}/refund", json={"amount": amount}, timeout=10)
        elif who == "ours":
            refund(staff, placed, amount={"amount": amount, "currency": "INR"})
        else:
            refund(staff, placed, lines=[{"id": placed["line"], "quantity": tenths % 10 + 1}], restock=bool(tenths % 2))
    gateway.http.delete(f"{gateway.url}/_test/faults", timeout=10)
    follow_up()  # what could not be sent before
    for made in gateway.state()["refunds"]:
        if made["payment_id"] == placed["pay"] and made["status"] == "pending":
            gateway.door(f"refunds/{made['id']}/{chance.choice(['process', 'fail'])}")
    told = [event for event in gateway.state()["webhooks"] if placed["pay"] in event["body"]] * 2
    chance.shuffle(told)
    for n, event in enumerate(told):
        body = event["body"].encode()
        signature = hmac.new(house.RAZORPAY_WEBHOOK_SECRET.encode(), body, hashlib.sha256).hexdigest()
        assert send(shop, body, signature=signature, event_id=f"{event['event_id']}-{n}").status_code == 200
    for _ in range(3):
        follow_up()
        GatewayEvent.objects.filter(applied_at=None).update(retry_at=timezone.now())
        jobs.retry_webhooks()
    held = [made for made in gateway.state()["refunds"] if made["payment_id"] == placed["pay"]]
    sent = sum(made["amount"] for made in held if made["status"] == "processed")
    payment = Payment.objects.get(gateway_payment_id=placed["pay"])
    assert payment.refunded_amount == sent <= total
    ours = Refund.objects.filter(payment=payment)
    assert sum(row.amount for row in ours if row.status == "processed") == sent
    assert not ours.filter(status__in=["requested", "pending", "quarantined"]).exists()
    books = balances(reference=placed["number"])
    assert books.get((Account.REFUNDS_DUE, "INR"), 0) == 0
    assert books[(Account.GATEWAY, "INR")] == total - (payment.fee_amount or 0) - sent
