"""Whatever waits in the review queue: what is proposed for it works, and what changes nothing says so."""

import hashlib
import json
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from noirel.backoffice.audit import compare_with_gateway, run_checks
from noirel.backoffice.models import Settlement, SettlementLine
from noirel.backoffice.reconciliation.runs import run_audit
from noirel.backoffice.reconciliation.sweep import sweep_window
from noirel.core import events
from noirel.core.domain.money import inr
from noirel.core.models import OutboxEvent
from noirel.inventory.models import StockItem
from noirel.ledger.services import post
from noirel.payments import books, jobs
from noirel.payments.lifecycle import DisputeUpdate, RefundUpdate
from noirel.payments.models import GatewayAccount, GatewayEvent, Payment, Refund, UnmatchedPayment, UnverifiedEvent
from noirel.payments.services.apply_dispute_update import apply_dispute_update
from noirel.payments.services.apply_refund_update import apply_refund_update
from noirel.payments.services.webhook_auth import secrets_fingerprint
from tests.client import Client, with_key
from tests.make import make_variant
from tests.shopping import ACCOUNT, LocalGateway, Shopper
from tests.stories.test_payment_failures import captured_event
from tests.stories.test_reconciliation import around_now, pay_unknown_order
from tests.stories.test_review_queue_decisions import place_overpaid_order, process_refunds_now, queue_items, resolve

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.unproved]
PRICE = 12_500_00


@pytest.fixture(autouse=True)
def quiet(gateway: LocalGateway) -> None:
    gateway.without_webhooks()


class Shop:
    """What the makers of items need."""

    def __init__(self, guest: Shopper, gateway: LocalGateway, staff: Client) -> None:
        self.guest, self.gateway, self.staff = guest, gateway, staff

    def order(self) -> dict[str, Any]:
        return self.guest.buy((make_variant(price=inr(PRICE), on_hand=5).sku, 1))

    def paid(self) -> dict[str, Any]:
        placed = self.order()
        told = self.gateway.pay(placed["payment"]["gateway_order_id"])
        assert self.guest.verify(placed, told).json()["status"] == "paid"
        return placed | {"pay": told["razorpay_payment_id"]}

    def act(self, placed: dict[str, Any], verb: str, **body: Any) -> Any:
        path = f"admin/orders/{placed['order']['number']}/{verb}"
        return self.staff.post(path, {"reason": "asked"} | body, **with_key(str(uuid.uuid4())))


@pytest.fixture
def shop_of(guest: Shopper, gateway: LocalGateway, staff: Client) -> Shop:
    return Shop(guest, gateway, staff)


def parked(name: str, payload: dict[str, Any], *, account: str = ACCOUNT, **more: Any) -> GatewayEvent:
    body = json.dumps({"entity": "event", "event": name, "account_id": account, "payload": payload}).encode()
    event_id, content_hash = uuid.uuid4().hex, hashlib.sha256(body).hexdigest()
    return GatewayEvent.objects.create(
        event_id=event_id, content_hash=content_hash, name=name, account_id=account, body=body, tries=12, retry_at=None, **more
    )


def payment_entity(placed: dict[str, Any] | None, **more: Any) -> dict[str, Any]:
    entity = {
        "id": "pay_0000000000000Q", "entity": "payment", "amount": PRICE, "currency": "INR", "status": "captured",
        "order_id": placed["payment"]["gateway_order_id"] if placed else "order_of_nobody", "method": "card",
    }  # fmt: skip
    return {"payment": {"entity": entity | more}}


def wrong_sum(shop: Shop) -> None:
    placed = shop.order()
    shop.gateway.fault("report", "change", amount_delta=-500_00, times=None)
    shop.guest.verify(placed, shop.gateway.pay(placed["payment"]["gateway_order_id"]))


def right_sum_after_a_wrong_one(shop: Shop) -> None:
    placed = shop.order()
    shop.gateway.fault("report", "change", amount_delta=-500_00, times=None)
    shop.guest.verify(placed, shop.gateway.pay(placed["payment"]["gateway_order_id"]))
    shop.gateway.http.delete(f"{shop.gateway.url}/_test/faults", timeout=10)
    shop.gateway.without_webhooks()
    shop.guest.verify(placed, shop.gateway.pay(placed["payment"]["gateway_order_id"], second=True))


def too_much(shop: Shop) -> None:
    place_overpaid_order(shop.guest, shop.gateway, make_variant(price=inr(PRICE), on_hand=2))


def only_authorised(shop: Shop) -> None:
    placed = shop.order()
    shop.gateway.fault("report", "change", amount_delta=-500_00, times=None)
    shop.guest.verify(placed, shop.gateway.pay(placed["payment"]["gateway_order_id"], "authorize"))


def second_payment_that_could_not_go_back(shop: Shop) -> None:
    placed = shop.paid()
    second = shop.gateway.pay(placed["payment"]["gateway_order_id"], second=True)
    shop.guest.verify(placed, second)
    shop.gateway.fault("refund", "failed")
    jobs.refund_unmatched_payments()
    process_refunds_now()


def nobodys_money(shop: Shop) -> None:
    pay_unknown_order(shop.gateway)
    sweep_window(*around_now())


def failed_refund(shop: Shop) -> None:
    placed = shop.paid()
    shop.gateway.fault("refund", "failed")
    shop.act(placed, "refund", amount={"amount": 1_000_00, "currency": "INR"})
    process_refunds_now()


def failed_refund_of_a_cancelled_order(shop: Shop) -> None:
    placed = shop.paid()
    shop.gateway.fault("refund", "failed")
    shop.act(placed, "cancel")
    process_refunds_now()


def failed_refund_that_is_too_old(shop: Shop) -> None:
    failed_refund_of_a_cancelled_order(shop)
    Payment.objects.update(captured_at=timezone.now() - timedelta(days=181))


def impossible_refund(shop: Shop) -> None:
    placed = shop.paid()
    total = placed["order"]["totals"]["total"]["amount"]
    apply_refund_update(RefundUpdate("rfnd_1", placed["pay"], total, "INR", "processed"), source="test")
    apply_refund_update(RefundUpdate("rfnd_2", placed["pay"], 5_00, "INR", "processed"), source="test")


def open_dispute(shop: Shop) -> None:
    placed = shop.paid()
    apply_dispute_update(DisputeUpdate("disp_1", placed["pay"], PRICE, "INR", "open", at=1), source="test")


def unknown_line(shop: Shop) -> None:
    settlement = Settlement.objects.create(
        id="setl_1", amount=-90_00, fees=0, tax=0, currency="INR", utr="", created_at=timezone.now()
    )
    SettlementLine.objects.create(
        settlement=settlement, entity_id="adj_1", type="adjustment", amount=90_00, credit=0, debit=90_00, fee=0, tax=0,
        currency="INR", problem="We know of no adjustment like this.",
    )  # fmt: skip


def settlement_that_does_not_add_up(shop: Shop) -> None:
    Settlement.objects.create(
        id="setl_2", amount=50_00, fees=0, tax=0, currency="INR", utr="", created_at=timezone.now(), problem="It is empty."
    )
    post(books.settled("setl_2", amount=50_00, currency="INR"))


def another_accounts_webhook(shop: Shop) -> None:
    GatewayAccount.objects.create(account_id=ACCOUNT)
    parked("payment.captured", payment_entity(shop.order()), account="acc_Somebody000000", mark="other_account")


def webhook_of_other_keys(shop: Shop) -> None:
    placed = shop.order()
    Payment.objects.update(key_id="rzp_live_NoirelTests")
    parked("payment.captured", payment_entity(placed), mark="other_mode")


def unreadable_webhook(shop: Shop) -> None:
    parked("payment.captured", {"payment": {}})


def webhook_of_a_known_order(shop: Shop) -> None:
    parked("payment.failed", payment_entity(shop.order(), status="failed"), problem="OperationalError: gone away")


def webhook_of_money_the_gateway_holds(shop: Shop) -> None:
    parked(
        "payment.captured", payment_entity(None, id=pay_unknown_order(shop.gateway)), problem="no attempt has the gateway order"
    )


def webhook_of_a_payment_the_gateway_does_not_know(shop: Shop) -> None:
    parked("payment.captured", payment_entity(None), problem="no attempt has the gateway order")


def refund_webhook_of_money_the_gateway_holds(shop: Shop) -> None:
    pay = pay_unknown_order(shop.gateway, amount=777_00)
    refund = shop.gateway.door(f"payments/{pay}/refund", amount=100_00)
    entity = {name: refund[name] for name in ("id", "amount", "currency", "status")} | {"payment_id": pay}
    parked("refund.processed", {"refund": {"entity": entity}}, problem="we know of no captured payment")


def unverified_webhooks(shop: Shop) -> None:
    UnverifiedEvent.objects.create(
        content_hash="0" * 64,
        signature="0" * 64,
        body=captured_event("order_1", amount=1_00),
        checked_with=secrets_fingerprint(),
    )


def parked_event(shop: Shop) -> None:
    OutboxEvent.objects.create(name="order.delivered", key="NE-1", payload={}, attempts=12, parked_at=timezone.now())


def finding_that_is_mended(shop: Shop) -> None:
    variant = make_variant(price=inr(PRICE), on_hand=2)
    StockItem.objects.filter(pk=variant.pk).update(on_hand=3)
    run_audit()
    StockItem.objects.filter(pk=variant.pk).update(on_hand=2)


# Each with what is proposed for it, the other acts, and the kinds of items that the proposed act leaves behind.
ITEMS: list[tuple[Callable[[Shop], None], list[str], list[str]]] = [
    (wrong_sum, ["refund"], []),
    (right_sum_after_a_wrong_one, ["accept", "refund"], ["mismatch"]),
    (too_much, ["refund", "accept"], []),
    (only_authorised, ["refund"], []),
    (second_payment_that_could_not_go_back, ["refund"], []),
    (nobodys_money, ["refund"], []),
    (failed_refund, ["refund", "dismiss"], []),
    (failed_refund_of_a_cancelled_order, ["refund"], []),
    (failed_refund_that_is_too_old, ["dismiss"], []),
    (impossible_refund, ["dismiss"], []),
    (open_dispute, ["respond"], []),
    (unknown_line, ["dismiss"], []),
    (settlement_that_does_not_add_up, ["dismiss"], []),
    (another_accounts_webhook, ["dismiss"], []),
    (webhook_of_other_keys, ["dismiss"], []),
    (unreadable_webhook, ["dismiss"], []),
    (webhook_of_a_known_order, ["retry", "dismiss"], []),
    (webhook_of_money_the_gateway_holds, ["retry"], ["unmatched"]),
    (webhook_of_a_payment_the_gateway_does_not_know, ["retry"], []),
    (refund_webhook_of_money_the_gateway_holds, ["retry"], ["unmatched"]),
    (unverified_webhooks, ["dismiss"], []),
    (parked_event, ["retry", "dismiss"], []),
    (finding_that_is_mended, ["retry"], []),
]
# The local gateway only says that it took too much: it refuses to send back more than it has.
CASES = [(made, acts, act, left) for made, acts, left in ITEMS for act in acts if (made, act) != (too_much, "refund")]


@pytest.mark.parametrize(("made", "acts", "act", "left"), CASES, ids=[f"{case[0].__name__}-{case[2]}" for case in CASES])
def test_every_act_that_is_offered_resolves_its_item_and_every_other_one_is_refused(
    shop_of: Shop, staff: Client, made: Callable[[Shop], None], acts: list[str], act: str, left: list[str]
) -> None:
    made(shop_of)
    item = next(item for item in queue_items(staff) if [choice["act"] for choice in item["acts"]] == acts)
    assert item["proposed"] == acts[0]
    for other in {"refund", "accept", "retry", "respond", "dismiss"} - set(acts):
        refused = resolve(staff, item["id"], other, "no")
        assert (refused.status_code, refused.json()["code"]) == (409, "act_not_allowed")
    done = resolve(staff, item["id"], act, "They explained it on the phone.")
    assert done.status_code == 200, done.content
    assert done.json()["says"]
    jobs.process_refunds()
    waiting = queue_items(staff)
    assert item["id"] not in [row["id"] for row in waiting]
    if act == acts[0]:
        assert [row["kind"] for row in waiting] == left
    assert resolve(staff, item["id"], act, "twice").status_code == 404


@pytest.mark.parametrize("made", [made for made, _, _ in ITEMS], ids=[made.__name__ for made, _, _ in ITEMS])
def test_the_queue_its_counts_and_reconciliation_say_the_same(
    shop_of: Shop, staff: Client, made: Callable[[Shop], None]
) -> None:
    made(shop_of)
    run_audit()
    queue, page = staff.get("admin/desk").json(), staff.get("admin/reconciliation").json()
    kinds = [item["kind"] for item in queue["results"]]
    assert {row["kind"]: row["count"] for row in queue["counts"]} == {kind: kinds.count(kind) for kind in kinds}
    assert page["review_queue"] == {"counts": queue["counts"], "total": queue["total"]}
    assert len(page["last_run"]["findings"]) == kinds.count("audit_finding")
    assert page["settlements"]["unmatched"] == kinds.count("settlement_unmatched")
    listed = staff.get("admin/reconciliation/settlements?unmatched=true").json()["results"]
    assert sum(len(row["unmatched"]) or 1 for row in listed) == kinds.count("settlement_unmatched")
    # Nothing is there twice, once as itself and once as a finding of the audit.
    subjects = [item["subject"] for item in queue["results"]]
    assert len(set(subjects)) == len(subjects)


@pytest.mark.parametrize("made", [unknown_line, settlement_that_does_not_add_up, impossible_refund])
def test_what_was_explained_is_not_found_by_an_audit_afterwards(
    shop_of: Shop, staff: Client, made: Callable[[Shop], None]
) -> None:
    made(shop_of)
    run_audit()
    for item in queue_items(staff):
        if "dismiss" in [act["act"] for act in item["acts"]]:
            assert resolve(staff, item["id"], "dismiss", "A fee for instant settlement.").status_code == 200
    # What the books themselves lack is another matter: it stays a finding.
    mine = {"settlements.matched", "settlements.lines", "gateway.refund"}
    again = [finding for finding in run_checks() + compare_with_gateway(*around_now()) if finding.check in mine]
    assert again == []
    run_audit()
    assert [item for item in queue_items(staff) if item["kind"] in {"settlement_unmatched", "refund_failed"}] == []


def test_an_explained_line_of_another_sum_is_another_question(shop_of: Shop, staff: Client) -> None:
    unknown_line(shop_of)
    (item,) = queue_items(staff)
    assert resolve(staff, item["id"], "dismiss", "A fee.").status_code == 200
    SettlementLine.objects.update(debit=91_00)
    assert [row["kind"] for row in queue_items(staff)] == ["settlement_unmatched"]
    assert "settlements.matched" in {finding.check for finding in run_checks()}


def test_equal_amounts_are_not_marked_as_different(shop_of: Shop, staff: Client) -> None:
    placed = shop_of.order()
    parked("payment.captured", payment_entity(placed, amount=placed["payment"]["amount"]), problem="OperationalError: away")
    (item,) = queue_items(staff)
    facts = {fact["name"]: fact for fact in item["evidence"]}
    assert facts["Amount"]["asked"] == facts["Amount"]["told"] != ""
    assert not facts["Amount"]["differs"]
    assert not [fact["name"] for fact in item["evidence"] if fact["differs"] and fact["name"] not in {"State", "Payment"}]


def test_a_rule_and_its_name_are_not_marked_as_different(staff: Client, gateway: LocalGateway) -> None:
    StockItem.objects.filter(pk=make_variant(price=inr(PRICE), on_hand=2).pk).update(on_hand=3)
    run_audit()
    assert not [fact for item in queue_items(staff) for fact in item["evidence"] if fact["differs"]]


def test_a_webhook_says_one_reason_and_no_other(shop_of: Shop, staff: Client) -> None:
    another_accounts_webhook(shop_of)
    (item,) = queue_items(staff)
    words = " ".join([item["happened"], item["why"], *(fact["told"] for fact in item["evidence"])])
    assert "It belongs to another account at the gateway." in item["happened"]
    for contradiction in ("as often as you like", "nothing was noted", "not heard of"):
        assert contradiction not in words
    replay = staff.post(f"admin/webhook-events/{GatewayEvent.objects.get().pk}/replay", {})
    assert (replay.status_code, replay.json()["code"]) == (409, "not_applicable")
    assert replay.json()["detail"] == "It belongs to another account at the gateway."


def test_a_webhook_that_fails_again_stays_and_says_why(shop_of: Shop, staff: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    webhook_of_a_known_order(shop_of)
    (item,) = queue_items(staff)

    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr("noirel.payments.services.webhook.apply_payment_update", fail)
    same = resolve(staff, item["id"], "retry")
    assert (same.status_code, same.json()["code"]) == (409, "nothing_changed")
    assert "the disk is full" in same.json()["detail"]
    assert [row["id"] for row in queue_items(staff)] == [item["id"]]


def test_a_refund_that_is_refused_again_says_so_and_stays_in_the_queue(
    shop_of: Shop, staff: Client, gateway: LocalGateway
) -> None:
    failed_refund(shop_of)
    (item,) = queue_items(staff)
    payment = Payment.objects.get()
    gateway.door(f"payments/{payment.gateway_payment_id}/refund", amount=payment.amount)  # by hand, unheard of here
    again = resolve(staff, item["id"], "refund")
    assert (again.status_code, again.json()["code"]) == (409, "nothing_changed")
    assert [row["kind"] for row in queue_items(staff)] == ["refund_failed"]


@pytest.mark.parametrize("made", [wrong_sum, failed_refund])
def test_nothing_is_proposed_for_money_that_the_bank_reviews(
    shop_of: Shop, staff: Client, made: Callable[[Shop], None]
) -> None:
    made(shop_of)
    pay = (UnmatchedPayment.objects.first() or Refund.objects.get()).gateway_payment_id
    apply_dispute_update(DisputeUpdate("disp_1", pay, PRICE // 2, "INR", "open", at=1), source="test")
    (item,) = [row for row in queue_items(staff) if row["kind"] != "dispute"]
    assert "refund" not in [act["act"] for act in item["acts"]]
    assert "is reviewing this payment" in item["why"]


def test_a_refund_that_failed_and_was_lost_to_the_bank_is_not_asked_for_again(shop_of: Shop, staff: Client) -> None:
    failed_refund(shop_of)
    pay = Refund.objects.get().gateway_payment_id
    apply_dispute_update(DisputeUpdate("disp_1", pay, Payment.objects.get().amount, "INR", "lost", at=1), source="test")
    assert queue_items(staff) == []
    events.deliver_due()
