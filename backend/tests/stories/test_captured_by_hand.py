"""Payments that are only authorised: taken once, before dispatch, or let go of and told about."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone

from noirel.accounts.services.tokens import access_token
from noirel.core import events
from noirel.core.domain.money import inr
from noirel.core.models import AuditEntry
from noirel.inventory.models import StockItem
from noirel.ledger.models import Entry
from noirel.orders.models import Order, OrderEvent
from noirel.payments import jobs
from noirel.payments.models import GatewayEvent, Payment, Refund, UnmatchedPayment
from noirel.payments.razorpay import gateway as client
from noirel.payments.services.apply_update import apply_payment_update
from tests.client import Client
from tests.make import make_staff, make_variant
from tests.shopping import LocalGateway, RunningShop, Shopper, all_lines, free_port, order_path, wait_until

pytestmark = pytest.mark.django_db(transaction=True)
PRICE = 12_500_00
THREE_DAYS = 3 * 24 * 3600


@pytest.fixture(scope="module")
def by_hand(programs: tuple[RunningShop, LocalGateway]) -> Iterator[RunningShop]:
    """A second API on the same database, that captures by hand."""
    shop = RunningShop(port=free_port(), gateway_url=programs[1].url, database=connection.settings_dict, CAPTURE_MODE="manual")
    yield shop
    shop.stop()


@pytest.fixture
def guest(by_hand: RunningShop, gateway: LocalGateway, settings: Any) -> Iterator[Shopper]:
    settings.CAPTURE_MODE = "manual"
    gateway.without_webhooks()
    shopper = Shopper(by_hand.url)
    yield shopper
    shopper.http.close()


@pytest.fixture
def authorised(guest: Shopper, gateway: LocalGateway) -> dict[str, Any]:
    """One of a bottle, authorised by the bank, known to the shop."""
    variant = make_variant(price=inr(PRICE), on_hand=3)
    placed = guest.buy((variant.sku, 1))
    told = gateway.pay(placed["payment"]["gateway_order_id"])
    answer = guest.verify(placed, told)
    assert (answer.status_code, answer.json()["payment_status"]) == (200, "authorized"), answer.content
    assert answer.json()["payment"]["is_set_aside"] is True
    return placed | {"variant": variant.pk, "pay": told["razorpay_payment_id"], "told": told}


def order_of(placed: dict[str, Any]) -> Order:
    return Order.objects.get(number=placed["order"]["number"])


def stock(placed: dict[str, Any]) -> tuple[int, int]:
    """Units that nobody has paid for, and those of them that checkouts hold."""
    item = StockItem.objects.get(pk=placed["variant"])
    return item.on_hand - item.committed, item.reserved


def at_gateway(gateway: LocalGateway) -> list[str]:
    return [payment["status"] for payment in gateway.state()["payments"]]


def hold_ends(placed: dict[str, Any]) -> None:
    Order.objects.filter(number=placed["order"]["number"]).update(held_until=timezone.now() - timedelta(seconds=1))


def three_days_pass(gateway: LocalGateway) -> None:
    gateway.door("clock", advance=THREE_DAYS + 60)
    Payment.objects.filter(check_at__isnull=False).update(check_at=timezone.now())
    jobs.reconcile_payments()
    jobs.expire_unpaid_orders()


def test_an_authorised_order_keeps_its_stock_and_is_captured_when_it_is_sent(
    staff: Client, guest: Shopper, authorised: dict[str, Any], gateway: LocalGateway
) -> None:
    assert at_gateway(gateway) == ["authorized"]
    jobs.reconcile_payments()
    hold = order_of(authorised).held_until
    assert hold is not None
    assert hold > timezone.now() + timedelta(days=2)
    jobs.expire_unpaid_orders()
    assert stock(authorised) == (3, 1)
    shown = staff.get(f"admin/orders/{authorised['order']['number']}").json()
    assert (shown["status"], shown["payment_status"]) == ("pending_payment", "authorized")
    assert shown["capture_by"] is not None
    assert not Entry.objects.exists()
    sent = staff.post(
        f"admin/orders/{authorised['order']['number']}/fulfil",
        all_lines(shown) | {"carrier": "Blue Dart", "tracking_number": "BD1"},
    )
    assert sent.status_code == 200, sent.content
    assert (sent.json()["status"], sent.json()["payment_status"], sent.json()["capture_by"]) == ("fulfilled", "paid", None)
    assert at_gateway(gateway) == ["captured"]
    assert stock(authorised) == (2, 0)


def test_eight_clicks_a_dispatch_and_the_clock_at_once_are_one_capture(
    by_hand: RunningShop, authorised: dict[str, Any], gateway: LocalGateway, settings: Any
) -> None:
    token = access_token(make_staff())
    path = f"admin/orders/{authorised['order']['number']}"
    Payment.objects.update(check_at=timezone.now())

    def press(n: int) -> int:
        if n == 8:
            jobs.reconcile_payments()
            connection.close()
            return 200
        tail = "/fulfil" if n == 9 else "/capture"
        body = all_lines(authorised["order"]) if n == 9 else {}
        return Shopper(by_hand.url, access=token).call("POST", f"{path}{tail}", body).status_code

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(press, range(10)))
    assert answers == [200] * 10
    assert at_gateway(gateway) == ["captured"]
    assert Entry.objects.filter(kind="capture").count() == 1
    assert Entry.objects.filter(kind="sale").count() == 1
    assert OrderEvent.objects.filter(type="order.paid").count() == 1
    assert order_of(authorised).status == "fulfilled"


@pytest.mark.parametrize("fault", ["cut", "timeout", "error_500", "html_502", "hang"])
def test_a_capture_whose_answer_was_lost_is_looked_up_and_not_an_error_twice(
    staff: Client, authorised: dict[str, Any], gateway: LocalGateway, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("noirel.payments.razorpay.TIMEOUT", (1, 1))
    path = f"admin/orders/{authorised['order']['number']}/capture"
    gateway.fault("payment.capture", fault)
    first = staff.post(path, {})
    assert (first.status_code, first.json()["code"]) == (503, "gateway_unavailable")
    again = staff.post(path, {})
    assert (again.status_code, again.json()["payment_status"]) == (200, "paid"), again.content
    assert staff.post(path, {}).status_code == 200
    assert Entry.objects.filter(kind="capture").count() == 1
    (written,) = AuditEntry.objects.filter(action="orders.capture")
    assert written.after == {"amount": inr(PRICE).json()}


def test_a_capture_that_died_on_the_way_is_found_by_the_poller(
    staff: Client, authorised: dict[str, Any], gateway: LocalGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("noirel.payments.razorpay.TIMEOUT", (1, 1))
    gateway.fault("payment.capture", "cut")
    assert staff.post(f"admin/orders/{authorised['order']['number']}/capture", {}).status_code == 503
    jobs.reconcile_payments()
    assert order_of(authorised).status == "paid"


def test_what_is_let_go_of_is_not_sent_and_the_shopper_is_told(
    staff: Client, guest: Shopper, authorised: dict[str, Any], gateway: LocalGateway
) -> None:
    three_days_pass(gateway)
    order = guest.order(authorised)
    assert (order["status"], order["payment_status"]) == ("expired", "failed")
    assert "Nothing was charged: what the bank had set aside is free again." in [e["message"] for e in order["timeline"]]
    assert stock(authorised) == (3, 0)
    number = authorised["order"]["number"]
    for act, code in (("fulfil", "order_state"), ("capture", "nothing_to_capture")):
        refused = staff.post(f"admin/orders/{number}/{act}", all_lines(order) if act == "fulfil" else {})
        assert (refused.status_code, refused.json()["code"]) == (409, code)
    events.deliver_due()
    to_buyer = [letter.subject for letter in mail.outbox if letter.to == ["ira@example.com"]]
    assert to_buyer == [f"Your order {number}", f"Order {number} was not charged"]
    assert not Entry.objects.exists()
    assert not Refund.objects.exists()


def test_a_capture_after_the_bank_let_go_says_so_and_ends_the_order(
    staff: Client, authorised: dict[str, Any], gateway: LocalGateway
) -> None:
    gateway.door("clock", advance=THREE_DAYS + 60)
    refused = staff.post(f"admin/orders/{authorised['order']['number']}/capture", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "nothing_to_capture")
    jobs.expire_unpaid_orders()
    assert (order_of(authorised).status, stock(authorised)) == ("expired", (3, 0))


def test_the_events_of_what_was_let_go_of_in_any_order_change_nothing_more(
    guest: Shopper, shop: RunningShop, authorised: dict[str, Any], gateway: LocalGateway
) -> None:
    gateway.http.delete(f"{gateway.url}/_test/faults", timeout=10)
    gateway.fault("webhook", "hold", times=None)
    three_days_pass(gateway)
    gateway.door("webhooks/replay", order="reversed")
    wait_until(lambda: all(event["state"] == "delivered" for event in gateway.state()["webhooks"]))
    wait_until(lambda: not GatewayEvent.objects.filter(applied_at=None).exists())
    jobs.expire_unpaid_orders()
    assert (order_of(authorised).status, order_of(authorised).payment_status) == ("expired", "failed")
    assert OrderEvent.objects.filter(type="payment.let_go").count() == 1
    assert not Refund.objects.exists()


def test_staff_are_warned_once_before_the_deadline(authorised: dict[str, Any]) -> None:
    jobs.warn_of_captures()
    assert not OrderEvent.objects.filter(type="payment.capture_due").exists()
    Payment.objects.update(capture_by=timezone.now() + timedelta(hours=20))
    jobs.warn_of_captures()
    jobs.warn_of_captures()
    (warning,) = OrderEvent.objects.filter(type="payment.capture_due")
    assert not warning.is_public
    assert "Capture this payment by" in warning.message


def test_past_the_deadline_an_order_is_kept_while_the_gateway_still_holds_its_money(
    staff: Client, authorised: dict[str, Any]
) -> None:
    hold_ends(authorised)
    Payment.objects.update(check_at=None)  # asking is over, by the schedule
    jobs.expire_unpaid_orders()
    kept = order_of(authorised).held_until
    assert kept is not None
    assert kept > timezone.now() + timedelta(minutes=50)
    assert staff.post(f"admin/orders/{authorised['order']['number']}/capture", {}).status_code == 200


def test_a_cancelled_order_is_never_captured(
    staff: Client, guest: Shopper, authorised: dict[str, Any], gateway: LocalGateway
) -> None:
    number = authorised["order"]["number"]
    assert guest.order(authorised)["can_cancel"]
    assert guest.call("POST", order_path(authorised, "/cancel"), {}).status_code == 200
    assert (order_of(authorised).status, stock(authorised)) == ("cancelled", (3, 0))
    assert staff.post(f"admin/orders/{number}/capture", {}).json()["code"] == "nothing_to_capture"
    Payment.objects.update(check_at=timezone.now())
    jobs.reconcile_payments()
    assert at_gateway(gateway) == ["authorized"]
    three_days_pass(gateway)
    assert (order_of(authorised).status, order_of(authorised).payment_status) == ("cancelled", "failed")


def test_an_order_that_expired_before_the_bank_said_yes_is_revived_at_once(guest: Shopper, gateway: LocalGateway) -> None:
    variant = make_variant(price=inr(PRICE), on_hand=1)
    placed = guest.buy((variant.sku, 1)) | {"variant": variant.pk}
    hold_ends(placed)
    jobs.expire_unpaid_orders()
    gateway.pay(placed["payment"]["gateway_order_id"])
    Payment.objects.update(check_at=timezone.now())
    jobs.reconcile_payments()
    assert (order_of(placed).status, stock(placed)) == ("paid", (0, 0))
    assert at_gateway(gateway) == ["captured"]


def test_a_second_authorisation_is_never_taken(authorised: dict[str, Any], gateway: LocalGateway, staff: Client) -> None:
    second = gateway.pay(authorised["payment"]["gateway_order_id"], "authorize")["razorpay_payment_id"]
    apply_payment_update(client().payment(second), source="test")
    assert staff.post(f"admin/orders/{authorised['order']['number']}/capture", {}).status_code == 200
    gateway.door("clock", advance=THREE_DAYS + 60)
    apply_payment_update(client().payment(second), source="test")
    assert sorted(at_gateway(gateway)) == ["captured", "refunded"]
    assert (order_of(authorised).status, order_of(authorised).payment_status) == ("paid", "paid")
    assert not UnmatchedPayment.objects.exists()


def test_a_wrong_sum_that_was_never_taken_leaves_the_desk_when_it_is_let_go_of(guest: Shopper, gateway: LocalGateway) -> None:
    placed = guest.buy((make_variant(price=inr(PRICE), on_hand=3).sku, 1))
    gateway.fault("report", "change", amount_delta=-1, times=None)
    told = gateway.pay(placed["payment"]["gateway_order_id"], "authorize")
    guest.verify(placed, told)
    stray = UnmatchedPayment.objects.get()
    assert (stray.kind, stray.is_captured, stray.fate) == ("mismatch", False, "waiting")
    gateway.door("clock", advance=THREE_DAYS + 60)
    jobs.poll_uncaptured_unmatched()
    assert UnmatchedPayment.objects.get().fate == "waiting"  # it was asked about a moment ago
    UnmatchedPayment.objects.update(updated_at=timezone.now() - timedelta(days=1))
    jobs.poll_uncaptured_unmatched()
    assert UnmatchedPayment.objects.get().fate == "returned"
    assert at_gateway(gateway) == ["refunded"]


def listed(staff: Client, view: str) -> list[str]:
    return [row["number"] for row in staff.get(f"admin/orders?view={view}").json()["results"]]


def needs(staff: Client) -> dict[str, tuple[str, str]]:
    answer = staff.get("admin/analytics/summary?from=2026-01-01&to=2026-01-02")
    return {entry["kind"]: (entry["title"], entry["link"]) for entry in answer.json()["needs_you"]}


def test_what_waits_to_be_captured_is_a_work_list_with_the_nearest_deadline_first(
    staff: Client, guest: Shopper, authorised: dict[str, Any], gateway: LocalGateway
) -> None:
    second = guest.buy((make_variant(price=inr(PRICE), on_hand=3).sku, 1))
    guest.verify(second, gateway.pay(second["payment"]["gateway_order_id"]))
    guest.buy((make_variant(price=inr(PRICE), on_hand=3).sku, 1))  # never paid: nothing to capture
    numbers = [placed["order"]["number"] for placed in (authorised, second)]
    soon = timezone.now() + timedelta(hours=5)
    Order.objects.filter(number=numbers[1]).update(held_until=soon)
    assert listed(staff, "to_capture") == numbers[::-1]
    first = staff.get("admin/orders?view=to_capture&limit=1").json()
    assert first["total"] == 2
    assert (
        staff.get(f"admin/orders?view=to_capture&limit=1&cursor={first['next']}").json()["results"][0]["number"] == numbers[0]
    )
    deadline = staff.get("admin/orders?view=to_capture").json()["results"][1]["capture_by"]
    assert deadline == staff.get(f"admin/orders/{numbers[0]}").json()["capture_by"]
    assert needs(staff)["to_capture"] == ("2 payments to capture", "/orders?view=to_capture")
    for number in numbers:
        assert staff.post(f"admin/orders/{number}/capture", {}).status_code == 200
    assert listed(staff, "to_capture") == []
    assert "to_capture" not in needs(staff)


def test_whoever_may_capture_is_reminded_by_mail_once_before_the_bank_lets_go(
    staff_as: Any, authorised: dict[str, Any]
) -> None:
    packer = staff_as("packer").user
    make_staff(role="owner", is_active=False)
    events.deliver_due()
    mail.outbox.clear()
    Payment.objects.update(capture_by=timezone.now() + timedelta(hours=20))
    for _ in range(2):
        jobs.warn_of_captures()
        events.deliver_due()
    (letter,) = mail.outbox
    number = authorised["order"]["number"]
    assert letter.to == [packer.email]
    assert letter.subject.startswith("Capture ₹12,")
    assert f"for order {number} by " in letter.subject
    assert letter.subject.endswith(" IST")
    assert f"/admin/orders/{number}" in str(letter.body)


def test_a_payment_that_was_not_captured_in_time_is_told_to_staff_and_buyer(
    staff: Client, authorised: dict[str, Any], gateway: LocalGateway
) -> None:
    events.deliver_due()
    mail.outbox.clear()
    three_days_pass(gateway)
    events.deliver_due()
    number = authorised["order"]["number"]
    assert staff.user is not None
    assert {(letter.to[0], letter.subject) for letter in mail.outbox} == {
        ("ira@example.com", f"Order {number} was not charged"),
        (staff.user.email, f"Order {number} was not captured in time"),
    }
    assert listed(staff, "released") == [number]
    assert needs(staff)["released"] == ("1 payment not captured in time", "/orders?view=released")
    assert staff.get(f"admin/orders/{number}").json()["payments"][0]["error_reason"] == "let_go"


@pytest.mark.parametrize("by_staff", [True, False])
def test_a_cancelled_order_tells_its_buyer_that_the_bank_releases_what_it_holds(
    staff: Client, guest: Shopper, authorised: dict[str, Any], by_staff: bool
) -> None:
    events.deliver_due()
    mail.outbox.clear()
    number = authorised["order"]["number"]
    if by_staff:
        assert staff.post(f"admin/orders/{number}/cancel", {"reason": "asked"}).status_code == 200
    else:
        assert guest.call("POST", order_path(authorised, "/cancel"), {}).status_code == 200
    events.deliver_due()
    (letter,) = mail.outbox
    assert (letter.to, letter.subject) == (["ira@example.com"], f"Order {number} is cancelled")
    assert "Nothing was charged. Your bank still holds ₹12," in str(letter.body)


def test_a_buyer_hears_once_of_each_cancellation_and_never_of_an_order_that_was_not_begun(
    staff: Client, guest: Shopper, gateway: LocalGateway, settings: Any
) -> None:
    def cancelled(*, by_staff: bool, pay: bool) -> list[str]:
        placed = guest.buy((make_variant(price=inr(PRICE), on_hand=3).sku, 1))
        number = placed["order"]["number"]
        if pay:
            guest.verify(placed, gateway.pay(placed["payment"]["gateway_order_id"]))
            assert staff.post(f"admin/orders/{number}/capture", {}).json()["status"] == "paid"
        events.deliver_due()
        mail.outbox.clear()
        if by_staff:
            assert staff.post(f"admin/orders/{number}/cancel", {"reason": "asked"}).json()["status"] == "cancelled"
        else:
            assert guest.call("POST", order_path(placed, "/cancel"), {}).status_code == 200
        jobs.process_refunds()
        events.deliver_due()
        return [letter.subject.replace(number, "N") for letter in mail.outbox]

    assert cancelled(by_staff=True, pay=False) == ["Order N is cancelled"]
    assert cancelled(by_staff=False, pay=False) == []  # they know, and were told of no order before
    (refund,) = cancelled(by_staff=True, pay=True)
    assert refund.endswith("is on its way back to you")
    gateway.fault("order.create", "error_500", times=None)
    mail.outbox.clear()
    assert guest.check_out(guest.bag((make_variant(price=inr(PRICE), on_hand=3).sku, 1))).status_code == 503
    events.deliver_due()
    assert mail.outbox == []
