"""Money goes back once, never more than came, and the books say where it is."""

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
    """Ten of a bottle, paid, no webhooks."""
    gateway.without_webhooks()
    variant = make_variant(price=inr(PRICE), on_hand=20)
    placed = guest.buy((variant.sku, 10))
    told = gateway.pay(placed["payment"]["gateway_order_id"])
    assert guest.verify(placed, told).status_code == 200
    return placed | {"variant": variant.pk, "pay": told["razorpay_payment_id"], "line": placed["order"]["lines"][0]["id"]}


def refund(staff: Client, placed: dict[str, Any], key: str = "", **body: Any) -> Any:
    path = f"admin/orders/{placed['order']['number']}/refund"
    return staff.post(path, {"reason": "broken"} | body, **with_key(key or str(uuid.uuid4())))


def unsold(placed: dict[str, Any]) -> int:
    """Units in the building that nobody has paid for."""
    item = StockItem.objects.get(pk=placed["variant"])
    return item.on_hand - item.committed


def at_gateway(gateway: LocalGateway) -> int:
    return sum(refund["amount"] for refund in gateway.state()["refunds"] if refund["status"] != "failed")


def hear_again() -> None:
    Refund.objects.filter(retry_at__isnull=False).update(retry_at=timezone.now())
    jobs.process_refunds()


def test_all_that_is_left_goes_back_and_the_books_are_as_if_it_had_not_been(
    staff: Client, paid: dict[str, Any], gateway: LocalGateway
) -> None:
    answer = refund(staff, paid, restock=True)
    assert answer.status_code == 201, answer.content
    order = answer.json()
    assert (order["payment_status"], order["refundable"]["amount"]) == ("refunded", 0)
    assert [(row["status"], row["amount"]["amount"]) for row in order["refunds"]] == [("processed", 10 * PRICE)]
    assert at_gateway(gateway) == 10 * PRICE
    assert unsold(paid) == 20
    assert order["lines"][0]["cancelled_quantity"] == 10
    books = {account: sum_ for (account, _), sum_ in balances().items() if sum_}
    fee = Payment.objects.get().fee_amount or 0
    assert books[Account.GATEWAY] == -fee
    assert Account.TAX not in books
    assert Account.REFUNDS_DUE not in books
    assert books[Account.SALES] + books[Account.REFUNDS] == 0
    again = refund(staff, paid)
    assert (again.status_code, again.json()["code"]) == (409, "nothing_to_refund")


def test_units_go_back_by_line_and_are_not_sent_any_more(staff: Client, paid: dict[str, Any], gateway: LocalGateway) -> None:
    order = refund(staff, paid, lines=[{"id": paid["line"], "quantity": 3}], restock=True).json()
    assert order["refundable"]["amount"] == 7 * PRICE
    assert order["payment_status"] == "partially_refunded"
    assert unsold(paid) == 13
    number = paid["order"]["number"]
    too_many = staff.post(f"admin/orders/{number}/fulfil", {"lines": [{"id": paid["line"], "quantity": 8}]})
    assert too_many.status_code == 409
    left = {"lines": [{"id": paid["line"], "quantity": 7}]}
    sent = staff.post(f"admin/orders/{number}/fulfil", left).json()
    assert (sent["status"], sent["lines"][0]["fulfilled_quantity"]) == ("fulfilled", 7)
    # One of those that were sent comes back broken: it is paid for, and not put on the shelf.
    order = refund(staff, paid, lines=[{"id": paid["line"], "quantity": 1}]).json()
    assert (order["lines"][0]["returned_quantity"], unsold(paid)) == (0, 13)
    order = refund(staff, paid, lines=[{"id": paid["line"], "quantity": 2}], restock=True).json()
    assert (order["lines"][0]["returned_quantity"], unsold(paid)) == (2, 15)
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
def test_what_can_not_be_refunded_is_said_and_nothing_moves(
    staff: Client, paid: dict[str, Any], gateway: LocalGateway, body: dict[str, Any], code: str
) -> None:
    refused = refund(staff, paid, **body)
    assert refused.json()["code"] == code
    assert not Refund.objects.exists()
    assert at_gateway(gateway) == 0


def test_the_same_refund_ten_times_at_once_and_once_more_is_one(
    shop: RunningShop, paid: dict[str, Any], gateway: LocalGateway
) -> None:
    token = access_token(make_staff())
    path, key = f"admin/orders/{paid['order']['number']}/refund", str(uuid.uuid4())
    body = {"reason": "broken", "amount": {"amount": 5 * PRICE, "currency": "INR"}}

    def press(_: int) -> tuple[int, bytes]:
        answer = Shopper(shop.url, access=token).call("POST", path, body, Idempotency_Key=key)
        return answer.status_code, answer.content

    with ThreadPoolExecutor(10) as pool:
        answers = set(pool.map(press, range(10)))
    answers.add(press(0))
    assert [status for status, _ in answers] == [201]
    assert at_gateway(gateway) == 5 * PRICE
    assert Refund.objects.count() == 1


def test_eight_refunds_of_a_fifth_at_once_are_five(shop: RunningShop, paid: dict[str, Any], gateway: LocalGateway) -> None:
    token = access_token(make_staff())
    path = f"admin/orders/{paid['order']['number']}/refund"
    body = {"reason": "broken", "amount": {"amount": 2 * PRICE, "currency": "INR"}}

    def press(_: int) -> int:
        return Shopper(shop.url, access=token).call("POST", path, body, Idempotency_Key=str(uuid.uuid4())).status_code

    with ThreadPoolExecutor(8) as pool:
        answers = sorted(pool.map(press, range(8)))
    assert answers == [201] * 5 + [409] * 3
    assert at_gateway(gateway) == 10 * PRICE
    assert Order.objects.get().payment_status == "refunded"


@pytest.mark.parametrize("fault", ["cut", "timeout", "hang", "error_500", "html_502"])
def test_a_refund_whose_answer_was_lost_is_looked_for_before_it_is_tried_again(
    staff: Client, paid: dict[str, Any], gateway: LocalGateway, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("noirel.payments.razorpay.TIMEOUT", (1, 1))
    gateway.fault("refund.create", fault)
    order = refund(staff, paid, amount={"amount": 4 * PRICE, "currency": "INR"}).json()
    assert order["refunds"][0]["status"] == "pending"
    assert order["refundable"]["amount"] == 6 * PRICE
    hear_again()
    hear_again()
    assert Refund.objects.get().status == "processed"
    assert at_gateway(gateway) == 4 * PRICE


def test_the_webhook_overtakes_our_own_call(staff: Client, guest: Shopper, gateway: LocalGateway) -> None:
    variant = make_variant(price=inr(PRICE), on_hand=3)
    placed = guest.buy((variant.sku, 2))
    guest.verify(placed, gateway.pay(placed["payment"]["gateway_order_id"]))
    gateway.fault("refund.create", "slow", seconds=1.5)
    order = refund(staff, placed | {"variant": variant.pk}, restock=True).json()
    assert [row["status"] for row in order["refunds"]] == ["processed"]
    wait_until(lambda: Refund.objects.get().status == "processed")
    assert StockItem.objects.get(pk=variant.pk).on_hand == 3
    assert OrderEvent.objects.filter(type="refund.processed").count() == 1


def test_a_refund_made_at_the_gateway_is_adopted(guest: Shopper, gateway: LocalGateway) -> None:
    variant = make_variant(price=inr(PRICE), on_hand=10)
    placed = guest.buy((variant.sku, 10))
    told = gateway.pay(placed["payment"]["gateway_order_id"])
    guest.verify(placed, told)
    gateway.door(f"payments/{told['razorpay_payment_id']}/refund", amount=3 * PRICE)
    wait_until(lambda: Refund.objects.filter(status="processed").exists())
    adopted = Refund.objects.get()
    assert (adopted.origin, adopted.amount) == ("external", 3 * PRICE)
    assert guest.order(placed)["payment_status"] == "partially_refunded"
    item = StockItem.objects.get(pk=variant.pk)
    assert (item.on_hand, item.committed, item.available) == (10, 10, 0)
    assert balances()[(Account.REFUNDS_DUE, "INR")] == 0


def test_a_refund_that_fails_gives_its_claim_back(staff: Client, paid: dict[str, Any], gateway: LocalGateway) -> None:
    gateway.fault("refund", "failed")
    order = refund(staff, paid, amount={"amount": 4 * PRICE, "currency": "INR"}).json()
    hear_again()
    order = staff.get(f"admin/orders/{paid['order']['number']}").json()
    assert [row["status"] for row in order["refunds"]] == ["failed"]
    assert (order["payment_status"], order["refundable"]["amount"]) == ("paid", 10 * PRICE)
    assert refund(staff, paid).status_code == 201
    hear_again()
    assert at_gateway(gateway) == 10 * PRICE
    assert (Account.TAX, "INR") not in {key for key, sum_ in balances().items() if sum_}


def test_a_pending_refund_is_asked_about_until_it_is_final(staff: Client, paid: dict[str, Any], gateway: LocalGateway) -> None:
    gateway.fault("refund", "pending", seconds=3600)
    order = refund(staff, paid).json()
    assert [row["status"] for row in order["refunds"]] == ["pending"]
    hear_again()
    assert Refund.objects.get().status == "pending"
    gateway.door(f"refunds/{Refund.objects.get().gateway_refund_id}/process")
    hear_again()
    assert Refund.objects.get().status == "processed"
    assert Refund.objects.get().retry_at is None


def test_a_cancelled_order_goes_back_whole_even_when_the_gateway_is_away(
    staff: Client, paid: dict[str, Any], gateway: LocalGateway
) -> None:
    number = paid["order"]["number"]
    gateway.fault("refund.create", "error_503")
    cancelled = staff.post(f"admin/orders/{number}/cancel", {"reason": "asked"}, **with_key("cancel-1")).json()
    assert (cancelled["status"], cancelled["payment_status"]) == ("cancelled", "refunded")
    assert [row["status"] for row in cancelled["refunds"]] == ["pending"]
    assert unsold(paid) == 20
    hear_again()
    assert Refund.objects.get().status == "requested"
    hear_again()
    assert at_gateway(gateway) == 10 * PRICE
    assert Refund.objects.get().status == "processed"


def test_who_may_not_refund_may_not(staff_as: Any, client: Client, paid: dict[str, Any]) -> None:
    for who, status in ((staff_as("packer"), 403), (client, 401)):
        assert refund(who, paid).status_code == status
    no_key = staff_as("owner").post(f"admin/orders/{paid['order']['number']}/refund", {"reason": "x"})
    assert (no_key.status_code, no_key.json()["code"]) == (400, "idempotency_key_required")


def test_who_may_only_look_at_orders_or_pack_them_sends_no_money_back_by_cancelling(
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


def test_who_packs_may_let_go_of_an_order_that_nobody_paid(staff_as: Any, guest: Shopper, gateway: LocalGateway) -> None:
    placed = guest.buy((make_variant(price=inr(PRICE), on_hand=1).sku, 1))
    answer = staff_as("packer").post(f"admin/orders/{placed['order']['number']}/cancel", {"reason": "asked"})
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")


def test_a_refund_that_is_only_promised_is_not_shown_as_sent(
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
