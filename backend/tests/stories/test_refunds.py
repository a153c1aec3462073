"""Refunds happen once, never exceed the payment, and are booked in the ledger."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.utils import timezone

from noirel.accounts.services.tokens import access_token
from noirel.core.domain.money import inr
from noirel.inventory.models import StockItem
from noirel.ledger.accounts import Account
from noirel.ledger.selectors import balances
from noirel.orders.models import Order, OrderEvent
from noirel.payments import jobs
from noirel.payments.models import Payment, Refund
from tests.client import Client, with_key
from tests.make import make_staff, make_variant
from tests.shopping import LocalGateway, RunningShop, Shopper, wait_until

pytestmark = pytest.mark.django_db(transaction=True)
PRICE = 1_000_00


@pytest.fixture
def paid(guest: Shopper, gateway: LocalGateway) -> dict[str, Any]:
    """A paid order of ten units; the gateway sends no webhooks."""
    gateway.without_webhooks()
    variant = make_variant(price=inr(PRICE), on_hand=20)
    placed = guest.buy((variant.sku, 10))
    payment_result = gateway.pay(placed["payment"]["gateway_order_id"])
    assert guest.verify(placed, payment_result).status_code == 200
    return placed | {
        "variant": variant.pk,
        "pay": payment_result["razorpay_payment_id"],
        "line": placed["order"]["lines"][0]["id"],
    }


def refund(staff: Client, placed: dict[str, Any], key: str = "", **body: Any) -> Any:
    path = f"admin/orders/{placed['order']['number']}/refund"
    return staff.post(path, {"reason": "broken"} | body, **with_key(key or str(uuid.uuid4())))


def uncommitted_units(placed: dict[str, Any]) -> int:
    """Units on hand that are not committed to orders."""
    item = StockItem.objects.get(pk=placed["variant"])
    return item.on_hand - item.committed


def refunded_at_gateway(gateway: LocalGateway) -> int:
    return sum(refund["amount"] for refund in gateway.state()["refunds"] if refund["status"] != "failed")


def process_refunds_now() -> None:
    Refund.objects.filter(retry_at__isnull=False).update(retry_at=timezone.now())
    jobs.process_refunds()


def test_a_full_refund_returns_everything_left_and_cancels_out_in_the_ledger(
    staff: Client, paid: dict[str, Any], gateway: LocalGateway
) -> None:
    response = refund(staff, paid, restock=True)
    assert response.status_code == 201, response.content
    order = response.json()
    assert (order["payment_status"], order["refundable"]["amount"]) == ("refunded", 0)
    assert [(row["status"], row["amount"]["amount"]) for row in order["refunds"]] == [("processed", 10 * PRICE)]
    assert refunded_at_gateway(gateway) == 10 * PRICE
    assert uncommitted_units(paid) == 20
    assert order["lines"][0]["cancelled_quantity"] == 10
    account_balances = {account: amount for (account, _), amount in balances().items() if amount}
    fee = Payment.objects.get().fee_amount or 0
    assert account_balances[Account.GATEWAY] == -fee
    assert Account.TAX not in account_balances
    assert Account.REFUNDS_DUE not in account_balances
    assert account_balances[Account.SALES] + account_balances[Account.REFUNDS] == 0
    repeated = refund(staff, paid)
    assert (repeated.status_code, repeated.json()["code"]) == (409, "nothing_to_refund")


def test_refunded_units_are_cancelled_or_returned_by_line(staff: Client, paid: dict[str, Any], gateway: LocalGateway) -> None:
    order = refund(staff, paid, lines=[{"id": paid["line"], "quantity": 3}], restock=True).json()
    assert order["refundable"]["amount"] == 7 * PRICE
    assert order["payment_status"] == "partially_refunded"
    assert uncommitted_units(paid) == 13
    number = paid["order"]["number"]
    too_many = staff.post(f"admin/orders/{number}/fulfil", {"lines": [{"id": paid["line"], "quantity": 8}]})
    assert too_many.status_code == 409
    left = {"lines": [{"id": paid["line"], "quantity": 7}]}
    sent = staff.post(f"admin/orders/{number}/fulfil", left).json()
    assert (sent["status"], sent["lines"][0]["fulfilled_quantity"]) == ("fulfilled", 7)
    # One of the shipped units comes back broken: it is refunded, but not restocked.
    order = refund(staff, paid, lines=[{"id": paid["line"], "quantity": 1}]).json()
    assert (order["lines"][0]["returned_quantity"], uncommitted_units(paid)) == (0, 13)
    order = refund(staff, paid, lines=[{"id": paid["line"], "quantity": 2}], restock=True).json()
    assert (order["lines"][0]["returned_quantity"], uncommitted_units(paid)) == (2, 15)
    refused = refund(staff, paid, lines=[{"id": paid["line"], "quantity": 5}])
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "lines.0.quantity")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"amount": {"amount": 10 * PRICE + 1, "currency": "INR"}}, "refund_too_large"),
        ({"amount": {"amount": 99, "currency": "INR"}}, "invalid"),
        ({"amount": {"amount": -5, "currency": "INR"}}, "invalid"),
        ({"amount": {"amount": 500, "currency": "JPY"}}, "invalid"),
        ({"lines": [{"id": str(uuid.uuid4()), "quantity": 1}]}, "invalid"),
    ],
)
def test_an_invalid_refund_is_refused_and_changes_nothing(
    staff: Client, paid: dict[str, Any], gateway: LocalGateway, body: dict[str, Any], code: str
) -> None:
    refused = refund(staff, paid, **body)
    assert refused.json()["code"] == code
    assert not Refund.objects.exists()
    assert refunded_at_gateway(gateway) == 0


def test_concurrent_requests_with_one_key_make_one_refund(
    shop: RunningShop, paid: dict[str, Any], gateway: LocalGateway
) -> None:
    token = access_token(make_staff())
    path, key = f"admin/orders/{paid['order']['number']}/refund", str(uuid.uuid4())
    body = {"reason": "broken", "amount": {"amount": 5 * PRICE, "currency": "INR"}}

    def send_request(_: int) -> tuple[int, bytes]:
        response = Shopper(shop.url, access=token).call("POST", path, body, Idempotency_Key=key)
        return response.status_code, response.content

    with ThreadPoolExecutor(10) as pool:
        responses = set(pool.map(send_request, range(10)))
    responses.add(send_request(0))
    assert [status for status, _ in responses] == [201]
    assert refunded_at_gateway(gateway) == 5 * PRICE
    assert Refund.objects.count() == 1


def test_concurrent_refunds_never_exceed_the_payment(shop: RunningShop, paid: dict[str, Any], gateway: LocalGateway) -> None:
    token = access_token(make_staff())
    path = f"admin/orders/{paid['order']['number']}/refund"
    body = {"reason": "broken", "amount": {"amount": 2 * PRICE, "currency": "INR"}}

    def send_request(_: int) -> int:
        return Shopper(shop.url, access=token).call("POST", path, body, Idempotency_Key=str(uuid.uuid4())).status_code

    with ThreadPoolExecutor(8) as pool:
        responses = sorted(pool.map(send_request, range(8)))
    assert responses == [201] * 5 + [409] * 3
    assert refunded_at_gateway(gateway) == 10 * PRICE
    assert Order.objects.get().payment_status == "refunded"


@pytest.mark.parametrize("fault", ["cut", "timeout", "hang", "error_500", "html_502"])
def test_a_refund_whose_response_was_lost_is_looked_up_before_it_is_sent_again(
    staff: Client, paid: dict[str, Any], gateway: LocalGateway, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("noirel.payments.razorpay.TIMEOUT", (1, 1))
    gateway.fault("refund.create", fault)
    order = refund(staff, paid, amount={"amount": 4 * PRICE, "currency": "INR"}).json()
    assert order["refunds"][0]["status"] == "pending"
    assert order["refundable"]["amount"] == 6 * PRICE
    process_refunds_now()
    process_refunds_now()
    assert Refund.objects.get().status == "processed"
    assert refunded_at_gateway(gateway) == 4 * PRICE


def test_a_webhook_may_arrive_before_the_response_of_the_refund_call(
    staff: Client, guest: Shopper, gateway: LocalGateway
) -> None:
    variant = make_variant(price=inr(PRICE), on_hand=3)
    placed = guest.buy((variant.sku, 2))
    guest.verify(placed, gateway.pay(placed["payment"]["gateway_order_id"]))
    gateway.fault("refund.create", "slow", seconds=1.5)
    order = refund(staff, placed | {"variant": variant.pk}, restock=True).json()
    assert [row["status"] for row in order["refunds"]] == ["processed"]
    wait_until(lambda: Refund.objects.get().status == "processed")
    assert StockItem.objects.get(pk=variant.pk).on_hand == 3
    assert OrderEvent.objects.filter(type="refund.processed").count() == 1


def test_a_refund_made_on_the_gateways_dashboard_is_recorded(guest: Shopper, gateway: LocalGateway) -> None:
    variant = make_variant(price=inr(PRICE), on_hand=10)
    placed = guest.buy((variant.sku, 10))
    payment_result = gateway.pay(placed["payment"]["gateway_order_id"])
    guest.verify(placed, payment_result)
    gateway.door(f"payments/{payment_result['razorpay_payment_id']}/refund", amount=3 * PRICE)
    wait_until(lambda: Refund.objects.filter(status="processed").exists())
    external_refund = Refund.objects.get()
    assert (external_refund.origin, external_refund.amount) == ("external", 3 * PRICE)
    assert guest.order(placed)["payment_status"] == "partially_refunded"
    item = StockItem.objects.get(pk=variant.pk)
    assert (item.on_hand, item.committed, item.available) == (10, 10, 0)
    assert balances()[(Account.REFUNDS_DUE, "INR")] == 0


def test_a_failed_refund_releases_the_amount_it_reserved(staff: Client, paid: dict[str, Any], gateway: LocalGateway) -> None:
    gateway.fault("refund", "failed")
    order = refund(staff, paid, amount={"amount": 4 * PRICE, "currency": "INR"}).json()
    process_refunds_now()
    order = staff.get(f"admin/orders/{paid['order']['number']}").json()
    assert [row["status"] for row in order["refunds"]] == ["failed"]
    assert (order["payment_status"], order["refundable"]["amount"]) == ("paid", 10 * PRICE)
    assert refund(staff, paid).status_code == 201
    process_refunds_now()
    assert refunded_at_gateway(gateway) == 10 * PRICE
    assert (Account.TAX, "INR") not in {key for key, amount in balances().items() if amount}


def test_a_pending_refund_is_polled_until_it_is_final(staff: Client, paid: dict[str, Any], gateway: LocalGateway) -> None:
    gateway.fault("refund", "pending", seconds=3600)
    order = refund(staff, paid).json()
    assert [row["status"] for row in order["refunds"]] == ["pending"]
    process_refunds_now()
    assert Refund.objects.get().status == "pending"
    gateway.door(f"refunds/{Refund.objects.get().gateway_refund_id}/process")
    process_refunds_now()
    assert Refund.objects.get().status == "processed"
    assert Refund.objects.get().retry_at is None


def test_a_cancelled_order_is_refunded_although_the_gateway_was_unavailable(
    staff: Client, paid: dict[str, Any], gateway: LocalGateway
) -> None:
    number = paid["order"]["number"]
    gateway.fault("refund.create", "error_503")
    cancelled = staff.post(f"admin/orders/{number}/cancel", {"reason": "asked"}, **with_key("cancel-1")).json()
    assert (cancelled["status"], cancelled["payment_status"]) == ("cancelled", "refunded")
    assert [row["status"] for row in cancelled["refunds"]] == ["pending"]
    assert uncommitted_units(paid) == 20
    process_refunds_now()
    assert Refund.objects.get().status == "requested"
    process_refunds_now()
    assert refunded_at_gateway(gateway) == 10 * PRICE
    assert Refund.objects.get().status == "processed"


def test_refunding_requires_permission_and_an_idempotency_key(staff_as: Any, client: Client, paid: dict[str, Any]) -> None:
    for client_, status in ((staff_as("packer"), 403), (client, 401)):
        assert refund(client_, paid).status_code == status
    no_key = staff_as("owner").post(f"admin/orders/{paid['order']['number']}/refund", {"reason": "x"})
    assert (no_key.status_code, no_key.json()["code"]) == (400, "idempotency_key_required")


def test_cancelling_a_paid_order_requires_permission_to_refund(
    staff: Client, staff_as: Any, paid: dict[str, Any], gateway: LocalGateway
) -> None:
    number, packer = paid["order"]["number"], staff_as("packer")
    assert packer.get(f"orders/{number}").status_code == 200
    for path in (f"orders/{number}/cancel", f"orders/{number}/payment/retry"):
        assert packer.post(path, {}).status_code == 404
    refused = packer.post(f"admin/orders/{number}/cancel", {"reason": "asked"})
    assert (refused.status_code, refused.json()["code"]) == (403, "permission_denied")
    assert Order.objects.get(number=number).status == "paid"
    assert not Refund.objects.exists()
    assert gateway.state()["refunds"] == []
    assert staff.post(f"admin/orders/{number}/cancel", {"reason": "asked"}).status_code == 200


def test_a_packer_may_cancel_an_unpaid_order(staff_as: Any, guest: Shopper, gateway: LocalGateway) -> None:
    placed = guest.buy((make_variant(price=inr(PRICE), on_hand=1).sku, 1))
    response = staff_as("packer").post(f"admin/orders/{placed['order']['number']}/cancel", {"reason": "asked"})
    assert (response.status_code, response.json()["status"]) == (200, "cancelled")


def test_a_pending_refund_is_not_shown_as_sent(
    staff: Client, guest: Shopper, paid: dict[str, Any], gateway: LocalGateway
) -> None:
    gateway.fault("refund", "pending", seconds=60)
    order = refund(staff, paid, lines=[{"id": paid["line"], "quantity": 3}]).json()
    assert (order["payment_status"], order["is_refund_pending"]) == ("partially_refunded", True)
    assert guest.order(paid)["is_refund_pending"]
    assert staff.get("admin/orders").json()["results"][0]["is_refund_pending"]
    gateway.door("clock", advance=120)
    Refund.objects.update(retry_at=timezone.now())
    jobs.process_refunds()
    order = staff.get(f"admin/orders/{paid['order']['number']}").json()
    assert (order["refunds"][0]["status"], order["is_refund_pending"]) == ("processed", False)
    assert not staff.get("admin/orders").json()["results"][0]["is_refund_pending"]
