"""Money that needs a decision lies on one desk, with its evidence, and is settled once."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from noirel.accounts.services.tokens import access_token
from noirel.backoffice.models import Settlement, SettlementLine
from noirel.backoffice.reconciliation.runs import run_audit
from noirel.core.domain.money import inr
from noirel.core.models import AuditEntry, OutboxEvent
from noirel.inventory.models import StockItem
from noirel.ledger.accounts import Account
from noirel.ledger.selectors import balances
from noirel.orders.models import Order
from noirel.payments import jobs
from noirel.payments.models import Dispute, GatewayEvent, Payment, Refund, UnmatchedPayment
from noirel.payments.razorpay import gateway as bank
from tests.client import Client, with_key
from tests.make import make_staff, make_variant
from tests.shopping import LocalGateway, RunningShop, Shopper, order_path, wait_until
from tests.stories.test_what_goes_wrong import captured_event, send

pytestmark = pytest.mark.django_db(transaction=True)
PRICE = 12_500_00


@pytest.fixture
def short(guest: Shopper, gateway: LocalGateway) -> dict[str, Any]:
    """An order that somebody paid 500 rupees too little for."""
    gateway.without_webhooks()
    placed = guest.buy((make_variant(price=inr(PRICE), on_hand=2).sku, 1))
    gateway.fault("report", "change", amount_delta=-500_00, times=None)
    told = gateway.pay(placed["payment"]["gateway_order_id"])
    assert guest.verify(placed, told).json()["status"] == "pending_payment"
    return placed | {"pay": told["razorpay_payment_id"]}


def lies(staff: Client, query: str = "") -> list[dict[str, Any]]:
    answer = staff.get(f"admin/desk{query}")
    assert answer.status_code == 200, answer.content
    return list(answer.json()["results"])


def settle(staff: Client, item: str, act: str, note: str = "") -> Any:
    return staff.post(f"admin/desk/{item}/resolve", {"act": act, "note": note}, **with_key(str(uuid.uuid4())))


def press_at_once(shop: RunningShop, item: str, act: str) -> None:
    """Six presses by six keys: one of them does it."""
    token = access_token(make_staff())

    def press(_: int) -> int:
        call = Shopper(shop.url, access=token).call
        return call("POST", f"admin/desk/{item}/resolve", {"act": act}, Idempotency_Key=str(uuid.uuid4())).status_code

    with ThreadPoolExecutor(6) as pool:
        answers = sorted(pool.map(press, range(6)))
    assert answers[0] == 200
    assert set(answers[1:]) <= {404, 409}


def at_gateway(gateway: LocalGateway) -> list[int]:
    return [refund["amount"] for refund in gateway.state()["refunds"] if refund["status"] != "failed"]


def test_a_sum_that_does_not_match_is_shown_beside_what_was_asked_and_goes_back_once(
    staff: Client, shop: RunningShop, short: dict[str, Any], gateway: LocalGateway
) -> None:
    (item,) = lies(staff)
    assert (item["kind"], item["order"], item["subject"]) == ("mismatch", short["order"]["number"], short["pay"])
    assert item["amount"] == {"amount": PRICE - 500_00, "currency": "INR"}
    assert item["happened"].startswith("₹12,000 came in for order ")
    (amount,) = [fact for fact in item["evidence"] if fact["name"] == "Amount"]
    assert amount == {"name": "Amount", "asked": "₹12,500", "told": "₹12,000", "differs": True}
    assert (item["proposed"], [act["act"] for act in item["acts"]]) == ("refund", ["refund"])
    assert staff.get("admin/desk").json()["counts"] == [{"kind": "mismatch", "count": 1}]
    assert staff.get(f"admin/desk/{item['id']}").json() == item

    press_at_once(shop, item["id"], "refund")
    assert at_gateway(gateway) == [PRICE - 500_00]
    assert (UnmatchedPayment.objects.get().fate, lies(staff)) == ("returned", [])
    assert balances()[(Account.UNMATCHED, "INR")] == 0
    entry: Any = AuditEntry.objects.get(action="desk.refund")
    assert entry.target == f"desk:{item['id']}"
    assert entry.before["evidence"]["Amount"] == ["₹12,500", "₹12,000"]


def test_the_same_press_twice_gives_the_same_answer(staff: Client, short: dict[str, Any], gateway: LocalGateway) -> None:
    (item,) = lies(staff)
    path, key = f"admin/desk/{item['id']}/resolve", with_key("once")
    first, again = (staff.post(path, {"act": "refund"}, **key) for _ in range(2))
    assert (first.status_code, first.content) == (200, again.content)
    assert first.json()["says"] == "₹12,000 goes back to who paid it, once, in 5 to 7 working days."
    assert at_gateway(gateway) == [PRICE - 500_00]


def test_a_return_the_gateway_refuses_comes_back_to_the_desk(
    staff: Client, short: dict[str, Any], gateway: LocalGateway
) -> None:
    gateway.fault("refund", "failed")
    settle(staff, lies(staff)[0]["id"], "refund")
    hear_again()
    (item,) = lies(staff)
    assert "It was sent back, and the gateway would not" in item["happened"]
    assert settle(staff, item["id"], "refund").status_code == 200
    assert at_gateway(gateway) == [PRICE - 500_00]
    assert lies(staff) == []


def test_money_that_is_only_authorised_is_left_to_go_and_returned_if_it_is_taken_all_the_same(
    staff: Client, guest: Shopper, shop: RunningShop, gateway: LocalGateway
) -> None:
    gateway.without_webhooks()
    placed = guest.buy((make_variant(price=inr(PRICE), on_hand=2).sku, 1))
    gateway.fault("report", "change", amount_delta=-500_00, times=None)
    told = gateway.pay(placed["payment"]["gateway_order_id"], "authorize")
    guest.verify(placed, told)
    (item,) = lies(staff)
    stray = UnmatchedPayment.objects.get()
    assert item["deadline"] == (stray.created_at + timedelta(days=3)).isoformat().replace("+00:00", "Z")
    assert settle(staff, item["id"], "refund").status_code == 200
    jobs.refund_unmatched_payments()
    assert (lies(staff), at_gateway(gateway)) == ([], [])
    bank().capture(told["razorpay_payment_id"], amount=PRICE, currency="INR")
    body = captured_event(placed["payment"]["gateway_order_id"], payment_id=told["razorpay_payment_id"], amount=PRICE - 500_00)
    assert send(shop, body).status_code == 200
    jobs.refund_unmatched_payments()
    assert at_gateway(gateway) == [PRICE - 500_00]


def paid_over(guest: Shopper, gateway: LocalGateway, variant: Any) -> dict[str, Any]:
    """An order that somebody paid 200 rupees too much for."""
    gateway.without_webhooks()
    placed = guest.buy((variant.sku, 1))
    gateway.fault("report", "change", amount_delta=200_00, times=None)
    told = gateway.pay(placed["payment"]["gateway_order_id"])
    assert guest.verify(placed, told).json()["status"] == "pending_payment"
    return placed


def test_money_of_the_right_sum_that_came_after_a_wrong_one_is_taken_for_its_order(
    staff: Client, guest: Shopper, short: dict[str, Any], gateway: LocalGateway
) -> None:
    gateway.http.delete(f"{gateway.url}/_test/faults", timeout=10)
    gateway.without_webhooks()
    again = gateway.pay(short["payment"]["gateway_order_id"], second=True)
    assert guest.verify(short, again).json()["status"] == "pending_payment"  # not without a person
    wrong, right = lies(staff)
    assert [item["proposed"] for item in (wrong, right)] == ["refund", "accept"]
    taken = settle(staff, right["id"], "accept", "She rang.")
    assert (taken.status_code, taken.json()["order"]) == (200, short["order"]["number"])
    order = guest.order(short)
    assert (order["status"], order["payment_status"]) == ("paid", "paid")
    assert settle(staff, wrong["id"], "refund").status_code == 200
    assert lies(staff) == []
    assert guest.order(short)["payment_status"] == "paid"
    assert balances()[(Account.UNMATCHED, "INR")] == 0
    # It is refunded like any other order's money.
    number = short["order"]["number"]
    back = staff.post(f"admin/orders/{number}/refund", {"reason": "broken"}, **with_key("r")).json()
    assert (back["payment_status"], back["refundable"]["amount"]) == ("refunded", 0)
    assert at_gateway(gateway) == [PRICE, PRICE - 500_00]


def test_too_much_pays_for_the_order_and_the_rest_goes_back(
    staff: Client, shop: RunningShop, guest: Shopper, gateway: LocalGateway
) -> None:
    placed = paid_over(guest, gateway, make_variant(price=inr(PRICE), on_hand=2))
    (item,) = lies(staff)
    assert [act["act"] for act in item["acts"]] == ["refund", "accept"]
    assert item["acts"][1]["says"].endswith("₹200 is too much and goes back at once.")
    press_at_once(shop, item["id"], "accept")
    order = guest.order(placed)
    assert (order["status"], order["payment_status"]) == ("paid", "paid")
    assert at_gateway(gateway) == [200_00]
    stray = UnmatchedPayment.objects.get()
    assert (stray.accepted_amount, stray.refunded_amount, stray.fate) == (PRICE, 200_00, "returned")
    jobs.refund_unmatched_payments()
    assert at_gateway(gateway) == [200_00]
    number = placed["order"]["number"]
    staff.post(f"admin/orders/{number}/cancel", {"reason": "asked"}, **with_key("c"))
    assert Payment.objects.get().refunded_amount == PRICE


def test_too_much_that_can_not_be_sent_back_stays_on_the_desk(staff: Client, guest: Shopper, gateway: LocalGateway) -> None:
    placed = paid_over(guest, gateway, make_variant(price=inr(PRICE), on_hand=2))
    gateway.fault("refund", "failed")
    settle(staff, lies(staff)[0]["id"], "accept")
    hear_again()
    assert guest.order(placed)["status"] == "paid"
    (item,) = lies(staff)
    assert (item["amount"]["amount"], [act["act"] for act in item["acts"]]) == (200_00, ["refund"])
    assert item["happened"].startswith("₹200 more than order ")
    settle(staff, item["id"], "refund")
    assert (lies(staff), at_gateway(gateway)) == ([], [200_00])


def test_an_ended_order_is_revived_only_if_its_flacon_is_still_there(
    staff: Client, guest: Shopper, gateway: LocalGateway
) -> None:
    variant = make_variant(price=inr(PRICE), on_hand=1)
    placed = paid_over(guest, gateway, variant)
    Order.objects.update(held_until=timezone.now() - timedelta(seconds=1))
    jobs.expire_unpaid_orders()
    other = guest.buy((variant.sku, 1))
    (item,) = lies(staff)
    gone = settle(staff, item["id"], "accept")
    assert (gone.status_code, gone.json()["code"]) == (409, "out_of_stock")
    assert guest.order(placed)["status"] == "expired"
    assert not AuditEntry.objects.filter(action__startswith="desk").exists()
    guest.call("POST", order_path(other, "/cancel"), {})
    assert settle(staff, item["id"], "accept").status_code == 200
    assert guest.order(placed)["status"] == "paid"


def test_what_the_gateway_says_otherwise_now_is_not_taken(staff: Client, guest: Shopper, gateway: LocalGateway) -> None:
    paid_over(guest, gateway, make_variant(price=inr(PRICE), on_hand=1))
    gateway.http.delete(f"{gateway.url}/_test/faults", timeout=10)  # it never was too much
    refused = settle(staff, lies(staff)[0]["id"], "accept")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_acceptable")
    assert Order.objects.get().paid_at is None


def test_a_refund_that_failed_is_asked_for_again_or_left(staff: Client, guest: Shopper, gateway: LocalGateway) -> None:
    gateway.without_webhooks()
    placed = guest.buy((make_variant(price=inr(PRICE), on_hand=2).sku, 1))
    guest.verify(placed, gateway.pay(placed["payment"]["gateway_order_id"]))
    for _ in range(2):
        gateway.fault("refund", "failed")
        body = {"reason": "broken", "amount": {"amount": 1_000_00, "currency": "INR"}}
        staff.post(f"admin/orders/{placed['order']['number']}/refund", body, **with_key(str(uuid.uuid4())))
    hear_again()
    one, two = lies(staff, "?kind=refund_failed")
    assert [act["act"] for act in one["acts"]] == ["refund", "dismiss"]
    assert settle(staff, one["id"], "refund").status_code == 200
    unsaid = settle(staff, two["id"], "dismiss", " ")
    assert (unsaid.status_code, unsaid.json()["errors"][0]["field"]) == (400, "note")
    assert settle(staff, two["id"], "dismiss", "She took a voucher.").status_code == 200
    assert lies(staff) == []
    assert at_gateway(gateway) == [1_000_00]
    gone = settle(staff, two["id"], "refund")
    assert (gone.status_code, gone.json()["code"]) == (404, "not_found")


def test_the_refund_of_a_cancelled_order_can_not_be_left(staff: Client, guest: Shopper, gateway: LocalGateway) -> None:
    gateway.without_webhooks()
    placed = guest.buy((make_variant(price=inr(PRICE), on_hand=2).sku, 1))
    guest.verify(placed, gateway.pay(placed["payment"]["gateway_order_id"]))
    gateway.fault("refund", "failed")
    staff.post(f"admin/orders/{placed['order']['number']}/cancel", {"reason": "asked"}, **with_key("c"))
    hear_again()
    (item,) = lies(staff)
    assert [act["act"] for act in item["acts"]] == ["refund"]
    left = settle(staff, item["id"], "dismiss", "no")
    assert (left.status_code, left.json()["code"]) == (409, "act_not_allowed")
    assert settle(staff, item["id"], "refund").status_code == 200
    assert at_gateway(gateway) == [PRICE]


def test_a_dispute_waits_for_its_answer_and_comes_back_when_the_bank_asks_for_more(
    staff: Client, guest: Shopper, gateway: LocalGateway
) -> None:
    placed = guest.buy((make_variant(price=inr(PRICE), on_hand=2).sku, 1))
    told = gateway.pay(placed["payment"]["gateway_order_id"])
    guest.verify(placed, told)
    dispute = gateway.door(f"payments/{told['razorpay_payment_id']}/dispute", reason="not_as_described")
    wait_until(lambda: lies(staff))
    (item,) = lies(staff, "?kind=dispute")
    assert (item["subject"], item["order"], item["proposed"]) == (dispute["id"], placed["order"]["number"], "respond")
    assert item["happened"] == "The buyer's bank wants ₹12,500 back: not as described."
    assert datetime.fromisoformat(item["deadline"]).timestamp() == dispute["respond_by"]
    assert settle(staff, item["id"], "respond", "Sent the courier's proof.").status_code == 200
    assert lies(staff) == []
    Dispute.objects.update(told_at=F("told_at") + 60)  # as `action_required` does
    assert [row["subject"] for row in lies(staff)] == [dispute["id"]]


def test_webhooks_that_are_not_signed_as_they_should_are_one_item(
    staff: Client, shop: RunningShop, gateway: LocalGateway
) -> None:
    for number in range(3):
        body = captured_event(f"order_{number}", amount=5_00)
        assert send(shop, body, signature=f"{number}" * 64).status_code == 400
    (item,) = lies(staff)
    # Checking them again would change nothing while the secrets are the same.
    assert (item["kind"], [act["act"] for act in item["acts"]]) == ("webhook_parked", ["dismiss"])
    assert item["happened"].startswith("3 webhooks came with a signature that does not fit ours.")
    assert settle(staff, item["id"], "retry").json()["code"] == "act_not_allowed"
    assert len(lies(staff)) == 1
    assert not GatewayEvent.objects.exists()
    assert settle(staff, item["id"], "dismiss", "A script kiddie.").status_code == 200
    assert lies(staff) == []


@pytest.mark.unproved
def test_what_the_proof_found_lies_on_the_desk_until_it_is_not_found_again(staff: Client, gateway: LocalGateway) -> None:
    variant = make_variant(price=inr(PRICE), on_hand=2)
    StockItem.objects.filter(pk=variant.pk).update(on_hand=3)
    run_audit()
    (item,) = [row for row in lies(staff, "?kind=audit_finding") if "movements" in row["happened"]]
    assert (item["subject"], item["acts"][0]["act"]) == (variant.sku, "retry")
    assert item["happened"] == f"{variant.sku}: on hand 3, movements add up to 2."
    same = settle(staff, item["id"], "retry")
    assert (same.status_code, same.json()["code"]) == (409, "nothing_changed")
    assert same.json()["detail"].endswith("on hand 3, movements add up to 2.")
    assert item["id"] in [row["id"] for row in lies(staff)]
    StockItem.objects.filter(pk=variant.pk).update(on_hand=2)
    assert settle(staff, item["id"], "retry").status_code == 200
    assert lies(staff) == []


@pytest.mark.unproved
def test_a_settled_line_that_matches_nothing_is_explained_once(staff: Client, gateway: LocalGateway) -> None:
    settlement = Settlement.objects.create(
        id="setl_1", amount=-90_00, fees=0, tax=0, currency="INR", utr="UTR9", created_at=timezone.now()
    )
    SettlementLine.objects.create(
        settlement=settlement, entity_id="adj_1", type="adjustment", amount=90_00, credit=0, debit=90_00, fee=0, tax=0,
        currency="INR", problem="We know of no adjustment like this.",
    )  # fmt: skip
    (item,) = lies(staff)
    assert (item["kind"], item["subject"], item["amount"]["amount"]) == ("settlement_unmatched", "adj_1", 90_00)
    assert settle(staff, item["id"], "dismiss").status_code == 400
    assert settle(staff, item["id"], "dismiss", "A fee for instant settlement.").status_code == 200
    assert lies(staff) == []


@pytest.mark.unproved
def test_a_parked_webhook_is_applied_again_and_not_left_while_it_tells_of_unknown_money(
    staff: Client, guest: Shopper, shop: RunningShop, gateway: LocalGateway
) -> None:
    gateway.without_webhooks()
    placed = guest.buy((make_variant(price=inr(PRICE), on_hand=2).sku, 1))
    send(shop, captured_event("order_of_nobody", amount=5_00), event_id="ev_1")
    GatewayEvent.objects.update(retry_at=None, tries=12)
    (item,) = lies(staff)
    assert (item["kind"], item["subject"], item["amount"]["amount"]) == ("webhook_parked", "ev_1", 5_00)
    assert [act["act"] for act in item["acts"]] == ["retry"]
    Payment.objects.update(gateway_order_id="order_of_nobody")  # we learn of it after all
    assert settle(staff, item["id"], "retry").status_code == 200
    assert GatewayEvent.objects.get().applied_at is not None
    assert [row["kind"] for row in lies(staff)] == ["mismatch"]
    assert guest.order(placed)["status"] == "pending_payment"


@pytest.mark.unproved
def test_a_parked_event_is_told_again_or_set_aside_with_a_reason(staff: Client, gateway: LocalGateway) -> None:
    now = timezone.now()
    for name in ("order.delivered", "order.paid"):
        OutboxEvent.objects.create(name=name, key="NE-1", payload={}, attempts=12, parked_at=now, last_error="mail: down")
    one, two = lies(staff, "?kind=event_parked")
    assert settle(staff, one["id"], "retry").status_code == 200
    failed = settle(staff, two["id"], "retry")
    assert (failed.status_code, failed.json()["code"]) == (409, "nothing_changed")
    assert "KeyError" in failed.json()["detail"]
    assert settle(staff, two["id"], "dismiss", "Told her by phone.").status_code == 200
    again, left = OutboxEvent.objects.order_by("id")
    assert (again.parked_at, again.last_error) == (None, "")
    assert again.done_at is not None
    assert left.done_at is not None
    assert lies(staff) == []
    said: Any = AuditEntry.objects.get(action="desk.dismiss").after
    assert said["note"] == "Told her by phone."


def test_who_may_not_refund_does_not_sit_at_the_desk(staff_as: Any, client: Client, gateway: LocalGateway) -> None:
    for who, status in ((staff_as("packer"), 403), (client, 401)):
        assert who.get("admin/desk").status_code == status
        assert settle(who, f"stray-{uuid.uuid4()}", "refund").status_code == status
    owner = staff_as("owner")
    for nothing in ("stray-x", "refund-", "event-²", "event-99999999999999999999", "nobody-1", "x"):
        assert owner.get(f"admin/desk/{nothing}").status_code == 404
    assert owner.get("admin/desk?kind=gold").status_code == 400


def hear_again() -> None:
    Refund.objects.filter(retry_at__isnull=False).update(retry_at=timezone.now())
    jobs.process_refunds()
