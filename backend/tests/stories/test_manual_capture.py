"""Manual capture: authorized payments are captured once, before dispatch, or released with a notice."""

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
def manual_capture_shop(programs: tuple[RunningShop, LocalGateway]) -> Iterator[RunningShop]:
    """A second API server on the same database with manual capture."""
    shop = RunningShop(port=free_port(), gateway_url=programs[1].url, database=connection.settings_dict, CAPTURE_MODE="manual")
    yield shop
    shop.stop()


@pytest.fixture
def guest(manual_capture_shop: RunningShop, gateway: LocalGateway, settings: Any) -> Iterator[Shopper]:
    settings.CAPTURE_MODE = "manual"
    gateway.without_webhooks()
    shopper = Shopper(manual_capture_shop.url)
    yield shopper
    shopper.http.close()


@pytest.fixture
def authorized(guest: Shopper, gateway: LocalGateway) -> dict[str, Any]:
    """An order of one unit with an authorized payment."""
    variant = make_variant(price=inr(PRICE), on_hand=3)
    placed = guest.buy((variant.sku, 1))
    payment_result = gateway.pay(placed["payment"]["gateway_order_id"])
    response = guest.verify(placed, payment_result)
    assert (response.status_code, response.json()["payment_status"]) == (200, "authorized"), response.content
    assert response.json()["payment"]["is_set_aside"] is True
    return placed | {"variant": variant.pk, "pay": payment_result["razorpay_payment_id"], "told": payment_result}


def order_of(placed: dict[str, Any]) -> Order:
    return Order.objects.get(number=placed["order"]["number"])


def stock(placed: dict[str, Any]) -> tuple[int, int]:
    """Units on hand that are not committed, and how many of them are reserved."""
    item = StockItem.objects.get(pk=placed["variant"])
    return item.on_hand - item.committed, item.reserved


def gateway_statuses(gateway: LocalGateway) -> list[str]:
    return [payment["status"] for payment in gateway.state()["payments"]]


def expire_hold(placed: dict[str, Any]) -> None:
    Order.objects.filter(number=placed["order"]["number"]).update(held_until=timezone.now() - timedelta(seconds=1))


def advance_three_days(gateway: LocalGateway) -> None:
    gateway.door("clock", advance=THREE_DAYS + 60)
    Payment.objects.filter(check_at__isnull=False).update(check_at=timezone.now())
    jobs.reconcile_payments()
    jobs.expire_unpaid_orders()


def test_an_authorized_order_keeps_its_stock_and_is_captured_when_it_is_sent(
    staff: Client, guest: Shopper, authorized: dict[str, Any], gateway: LocalGateway
) -> None:
    assert gateway_statuses(gateway) == ["authorized"]
    jobs.reconcile_payments()
    hold = order_of(authorized).held_until
    assert hold is not None
    assert hold > timezone.now() + timedelta(days=2)
    jobs.expire_unpaid_orders()
    assert stock(authorized) == (3, 1)
    order_json = staff.get(f"admin/orders/{authorized['order']['number']}").json()
    assert (order_json["status"], order_json["payment_status"]) == ("pending_payment", "authorized")
    assert order_json["capture_by"] is not None
    assert not Entry.objects.exists()
    sent = staff.post(
        f"admin/orders/{authorized['order']['number']}/fulfil",
        all_lines(order_json) | {"carrier": "Blue Dart", "tracking_number": "BD1"},
    )
    assert sent.status_code == 200, sent.content
    assert (sent.json()["status"], sent.json()["payment_status"], sent.json()["capture_by"]) == ("fulfilled", "paid", None)
    assert gateway_statuses(gateway) == ["captured"]
    assert stock(authorized) == (2, 0)


def test_concurrent_captures_by_staff_dispatch_and_polling_capture_once(
    manual_capture_shop: RunningShop, authorized: dict[str, Any], gateway: LocalGateway, settings: Any
) -> None:
    token = access_token(make_staff())
    path = f"admin/orders/{authorized['order']['number']}"
    Payment.objects.update(check_at=timezone.now())

    def send_request(n: int) -> int:
        if n == 8:
            jobs.reconcile_payments()
            connection.close()
            return 200
        tail = "/fulfil" if n == 9 else "/capture"
        body = all_lines(authorized["order"]) if n == 9 else {}
        return Shopper(manual_capture_shop.url, access=token).call("POST", f"{path}{tail}", body).status_code

    with ThreadPoolExecutor(10) as pool:
        responses = list(pool.map(send_request, range(10)))
    assert responses == [200] * 10
    assert gateway_statuses(gateway) == ["captured"]
    assert Entry.objects.filter(kind="capture").count() == 1
    assert Entry.objects.filter(kind="sale").count() == 1
    assert OrderEvent.objects.filter(type="order.paid").count() == 1
    assert order_of(authorized).status == "fulfilled"


@pytest.mark.parametrize("fault", ["cut", "timeout", "error_500", "html_502", "hang"])
def test_a_capture_whose_response_was_lost_can_be_repeated(
    staff: Client, authorized: dict[str, Any], gateway: LocalGateway, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("noirel.payments.razorpay.TIMEOUT", (1, 1))
    path = f"admin/orders/{authorized['order']['number']}/capture"
    gateway.fault("payment.capture", fault)
    first = staff.post(path, {})
    assert (first.status_code, first.json()["code"]) == (503, "gateway_unavailable")
    again = staff.post(path, {})
    assert (again.status_code, again.json()["payment_status"]) == (200, "paid"), again.content
    assert staff.post(path, {}).status_code == 200
    assert Entry.objects.filter(kind="capture").count() == 1
    (entry,) = AuditEntry.objects.filter(action="orders.capture")
    assert entry.after == {"amount": inr(PRICE).json()}


def test_polling_finds_a_capture_whose_response_was_lost(
    staff: Client, authorized: dict[str, Any], gateway: LocalGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("noirel.payments.razorpay.TIMEOUT", (1, 1))
    gateway.fault("payment.capture", "cut")
    assert staff.post(f"admin/orders/{authorized['order']['number']}/capture", {}).status_code == 503
    jobs.reconcile_payments()
    assert order_of(authorized).status == "paid"


def test_an_order_whose_authorization_lapsed_expires_and_the_buyer_is_notified(
    staff: Client, guest: Shopper, authorized: dict[str, Any], gateway: LocalGateway
) -> None:
    advance_three_days(gateway)
    order = guest.order(authorized)
    assert (order["status"], order["payment_status"]) == ("expired", "failed")
    assert "Nothing was charged: what the bank had set aside is free again." in [e["message"] for e in order["timeline"]]
    assert stock(authorized) == (3, 0)
    number = authorized["order"]["number"]
    for action, code in (("fulfil", "order_state"), ("capture", "nothing_to_capture")):
        refused = staff.post(f"admin/orders/{number}/{action}", all_lines(order) if action == "fulfil" else {})
        assert (refused.status_code, refused.json()["code"]) == (409, code)
    events.deliver_due()
    to_buyer = [message.subject for message in mail.outbox if message.to == ["ira@example.com"]]
    assert to_buyer == [f"Your order {number}", f"Order {number} was not charged"]
    assert not Entry.objects.exists()
    assert not Refund.objects.exists()


def test_capturing_after_the_authorization_lapsed_is_refused_and_the_order_expires(
    staff: Client, authorized: dict[str, Any], gateway: LocalGateway
) -> None:
    gateway.door("clock", advance=THREE_DAYS + 60)
    refused = staff.post(f"admin/orders/{authorized['order']['number']}/capture", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "nothing_to_capture")
    jobs.expire_unpaid_orders()
    assert (order_of(authorized).status, stock(authorized)) == ("expired", (3, 0))


def test_webhooks_of_a_lapsed_authorization_in_any_order_take_effect_once(
    guest: Shopper, shop: RunningShop, authorized: dict[str, Any], gateway: LocalGateway
) -> None:
    gateway.http.delete(f"{gateway.url}/_test/faults", timeout=10)
    gateway.fault("webhook", "hold", times=None)
    advance_three_days(gateway)
    gateway.door("webhooks/replay", order="reversed")
    wait_until(lambda: all(event["state"] == "delivered" for event in gateway.state()["webhooks"]))
    wait_until(lambda: not GatewayEvent.objects.filter(applied_at=None).exists())
    jobs.expire_unpaid_orders()
    assert (order_of(authorized).status, order_of(authorized).payment_status) == ("expired", "failed")
    assert OrderEvent.objects.filter(type="payment.let_go").count() == 1
    assert not Refund.objects.exists()


def test_staff_are_warned_once_before_the_deadline(authorized: dict[str, Any]) -> None:
    jobs.warn_of_captures()
    assert not OrderEvent.objects.filter(type="payment.capture_due").exists()
    Payment.objects.update(capture_by=timezone.now() + timedelta(hours=20))
    jobs.warn_of_captures()
    jobs.warn_of_captures()
    (warning,) = OrderEvent.objects.filter(type="payment.capture_due")
    assert not warning.is_public
    assert "Capture this payment by" in warning.message


def test_an_order_past_its_deadline_is_kept_while_its_payment_is_still_authorized(
    staff: Client, authorized: dict[str, Any]
) -> None:
    expire_hold(authorized)
    Payment.objects.update(check_at=None)  # polling has ended
    jobs.expire_unpaid_orders()
    held_until = order_of(authorized).held_until
    assert held_until is not None
    assert held_until > timezone.now() + timedelta(minutes=50)
    assert staff.post(f"admin/orders/{authorized['order']['number']}/capture", {}).status_code == 200


def test_a_cancelled_order_is_never_captured(
    staff: Client, guest: Shopper, authorized: dict[str, Any], gateway: LocalGateway
) -> None:
    number = authorized["order"]["number"]
    assert guest.order(authorized)["can_cancel"]
    assert guest.call("POST", order_path(authorized, "/cancel"), {}).status_code == 200
    assert (order_of(authorized).status, stock(authorized)) == ("cancelled", (3, 0))
    assert staff.post(f"admin/orders/{number}/capture", {}).json()["code"] == "nothing_to_capture"
    Payment.objects.update(check_at=timezone.now())
    jobs.reconcile_payments()
    assert gateway_statuses(gateway) == ["authorized"]
    advance_three_days(gateway)
    assert (order_of(authorized).status, order_of(authorized).payment_status) == ("cancelled", "failed")


def test_an_order_that_expired_before_the_authorization_is_revived_at_once(guest: Shopper, gateway: LocalGateway) -> None:
    variant = make_variant(price=inr(PRICE), on_hand=1)
    placed = guest.buy((variant.sku, 1)) | {"variant": variant.pk}
    expire_hold(placed)
    jobs.expire_unpaid_orders()
    gateway.pay(placed["payment"]["gateway_order_id"])
    Payment.objects.update(check_at=timezone.now())
    jobs.reconcile_payments()
    assert (order_of(placed).status, stock(placed)) == ("paid", (0, 0))
    assert gateway_statuses(gateway) == ["captured"]


def test_a_second_authorization_is_never_captured(authorized: dict[str, Any], gateway: LocalGateway, staff: Client) -> None:
    second = gateway.pay(authorized["payment"]["gateway_order_id"], "authorize")["razorpay_payment_id"]
    apply_payment_update(client().payment(second), source="test")
    assert staff.post(f"admin/orders/{authorized['order']['number']}/capture", {}).status_code == 200
    gateway.door("clock", advance=THREE_DAYS + 60)
    apply_payment_update(client().payment(second), source="test")
    assert sorted(gateway_statuses(gateway)) == ["captured", "refunded"]
    assert (order_of(authorized).status, order_of(authorized).payment_status) == ("paid", "paid")
    assert not UnmatchedPayment.objects.exists()


def test_an_uncaptured_payment_of_a_wrong_amount_leaves_the_review_queue_when_it_lapses(
    guest: Shopper, gateway: LocalGateway
) -> None:
    placed = guest.buy((make_variant(price=inr(PRICE), on_hand=3).sku, 1))
    gateway.fault("report", "change", amount_delta=-1, times=None)
    payment_result = gateway.pay(placed["payment"]["gateway_order_id"], "authorize")
    guest.verify(placed, payment_result)
    unmatched = UnmatchedPayment.objects.get()
    assert (unmatched.kind, unmatched.is_captured, unmatched.fate) == ("mismatch", False, "waiting")
    gateway.door("clock", advance=THREE_DAYS + 60)
    jobs.poll_uncaptured_unmatched()
    assert UnmatchedPayment.objects.get().fate == "waiting"  # polled a moment ago
    UnmatchedPayment.objects.update(updated_at=timezone.now() - timedelta(days=1))
    jobs.poll_uncaptured_unmatched()
    assert UnmatchedPayment.objects.get().fate == "returned"
    assert gateway_statuses(gateway) == ["refunded"]


def numbers_in_view(staff: Client, view: str) -> list[str]:
    return [row["number"] for row in staff.get(f"admin/orders?view={view}").json()["results"]]


def dashboard_items(staff: Client) -> dict[str, tuple[str, str]]:
    response = staff.get("admin/analytics/summary?from=2026-01-01&to=2026-01-02")
    return {entry["kind"]: (entry["title"], entry["link"]) for entry in response.json()["needs_you"]}


def test_orders_to_capture_are_a_work_list_with_the_nearest_deadline_first(
    staff: Client, guest: Shopper, authorized: dict[str, Any], gateway: LocalGateway
) -> None:
    second = guest.buy((make_variant(price=inr(PRICE), on_hand=3).sku, 1))
    guest.verify(second, gateway.pay(second["payment"]["gateway_order_id"]))
    guest.buy((make_variant(price=inr(PRICE), on_hand=3).sku, 1))  # never paid: nothing to capture
    numbers = [placed["order"]["number"] for placed in (authorized, second)]
    soon = timezone.now() + timedelta(hours=5)
    Order.objects.filter(number=numbers[1]).update(held_until=soon)
    assert numbers_in_view(staff, "to_capture") == numbers[::-1]
    first = staff.get("admin/orders?view=to_capture&limit=1").json()
    assert first["total"] == 2
    assert (
        staff.get(f"admin/orders?view=to_capture&limit=1&cursor={first['next']}").json()["results"][0]["number"] == numbers[0]
    )
    deadline = staff.get("admin/orders?view=to_capture").json()["results"][1]["capture_by"]
    assert deadline == staff.get(f"admin/orders/{numbers[0]}").json()["capture_by"]
    assert dashboard_items(staff)["to_capture"] == ("2 payments to capture", "/orders?view=to_capture")
    for number in numbers:
        assert staff.post(f"admin/orders/{number}/capture", {}).status_code == 200
    assert numbers_in_view(staff, "to_capture") == []
    assert "to_capture" not in dashboard_items(staff)


def test_staff_who_may_capture_are_reminded_by_mail_once_before_the_deadline(staff_as: Any, authorized: dict[str, Any]) -> None:
    packer = staff_as("packer").user
    make_staff(role="owner", is_active=False)
    events.deliver_due()
    mail.outbox.clear()
    Payment.objects.update(capture_by=timezone.now() + timedelta(hours=20))
    for _ in range(2):
        jobs.warn_of_captures()
        events.deliver_due()
    (message,) = mail.outbox
    number = authorized["order"]["number"]
    assert message.to == [packer.email]
    assert message.subject.startswith("Capture ₹12,")
    assert f"for order {number} by " in message.subject
    assert message.subject.endswith(" IST")
    assert f"/admin/orders/{number}" in str(message.body)


def test_staff_and_buyer_are_notified_of_a_payment_that_was_not_captured_in_time(
    staff: Client, authorized: dict[str, Any], gateway: LocalGateway
) -> None:
    events.deliver_due()
    mail.outbox.clear()
    advance_three_days(gateway)
    events.deliver_due()
    number = authorized["order"]["number"]
    assert staff.user is not None
    assert {(message.to[0], message.subject) for message in mail.outbox} == {
        ("ira@example.com", f"Order {number} was not charged"),
        (staff.user.email, f"Order {number} was not captured in time"),
    }
    assert numbers_in_view(staff, "released") == [number]
    assert dashboard_items(staff)["released"] == ("1 payment not captured in time", "/orders?view=released")
    assert staff.get(f"admin/orders/{number}").json()["payments"][0]["error_reason"] == "let_go"


@pytest.mark.parametrize("by_staff", [True, False])
def test_the_cancellation_mail_says_that_the_bank_releases_the_authorization(
    staff: Client, guest: Shopper, authorized: dict[str, Any], by_staff: bool
) -> None:
    events.deliver_due()
    mail.outbox.clear()
    number = authorized["order"]["number"]
    if by_staff:
        assert staff.post(f"admin/orders/{number}/cancel", {"reason": "asked"}).status_code == 200
    else:
        assert guest.call("POST", order_path(authorized, "/cancel"), {}).status_code == 200
    events.deliver_due()
    (message,) = mail.outbox
    assert (message.to, message.subject) == (["ira@example.com"], f"Order {number} is cancelled")
    assert "Nothing was charged. Your bank still holds ₹12," in str(message.body)


def test_a_buyer_gets_one_mail_per_cancellation_and_none_for_an_order_that_failed_at_checkout(
    staff: Client, guest: Shopper, gateway: LocalGateway, settings: Any
) -> None:
    def mails_after_cancelling(*, by_staff: bool, pay: bool) -> list[str]:
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
        return [message.subject.replace(number, "N") for message in mail.outbox]

    assert mails_after_cancelling(by_staff=True, pay=False) == ["Order N is cancelled"]
    assert mails_after_cancelling(by_staff=False, pay=False) == []  # cancelled by the buyer before any mail about the order
    (refund,) = mails_after_cancelling(by_staff=True, pay=True)
    assert refund.endswith("is on its way back to you")
    gateway.fault("order.create", "error_500", times=None)
    mail.outbox.clear()
    assert guest.check_out(guest.bag((make_variant(price=inr(PRICE), on_hand=3).sku, 1))).status_code == 503
    events.deliver_due()
    assert mail.outbox == []
