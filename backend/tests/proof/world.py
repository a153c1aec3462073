"""A whole shop for a machine to play with: its doors, its clock's jobs, and the real gateway, whose webhooks it holds."""

import hashlib
import hmac
import json
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from noirel.backoffice.audit import Finding, run_checks
from noirel.core import events
from noirel.core.domain.money import inr
from noirel.ledger.accounts import Account
from noirel.ledger.selectors import balances
from noirel.orders.models import Order, OrderLine
from noirel.payments import jobs
from noirel.payments.models import GatewayEvent, Payment, Refund, UnmatchedPayment
from tests.client import Client, with_key
from tests.make import make_drop, make_variant
from tests.shopping import ADDRESS, LocalGateway, wait_until

KEPT = {"accounts", "pricing", "contenttypes", "auth"}
PRICES = (12_500_00, 4_900_00, 900_00)
ON_HAND = 6
# The last of them is sold in a drop; both people live at one address.
PEOPLE = ("ira@example.com", "bo@example.com")
PER_PERSON, PER_ADDRESS = 2, 3


def forget_everything() -> None:
    """An empty shop: much cheaper than Django's own flush, which a thousand examples can't afford."""
    tables = [model._meta.db_table for model in apps.get_models() if model._meta.app_label not in KEPT]
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE")


def deliver_to(door: Client, body: str, *, event_id: str, signed: bool = True) -> int:
    """Bring a webhook's body to the shop; the status it answers."""
    signature = hmac.new(settings.RAZORPAY_WEBHOOK_SECRET.encode(), body.encode(), hashlib.sha256).hexdigest()
    answer = door.generic(
        "POST",
        "webhooks/razorpay",
        body,
        content_type="application/json",
        HTTP_X_RAZORPAY_SIGNATURE=signature if signed else signature[::-1],
        HTTP_X_RAZORPAY_EVENT_ID=event_id,
    )
    return int(answer.status_code)


@dataclass
class Purchase:
    """What a shopper knows of one order."""

    number: str
    token: str
    gateway_order: str
    lines: list[dict[str, Any]]
    told: list[dict[str, str]] = field(default_factory=list)
    earlier: set[str] = field(default_factory=set)  # gateway orders of attempts before this one

    def path(self, tail: str = "") -> str:
        return f"orders/{self.number}{tail}?token={self.token}"


@dataclass
class Bag:
    cart: str
    key: str = ""
    body: dict[str, Any] = field(default_factory=dict)


class World:
    """The shop's doors as methods. An answer of 500 is never right; 502 and 503 are, when the gateway is away."""

    def __init__(self, gateway: LocalGateway, staff: Client) -> None:
        forget_everything()
        gateway.reset()
        gateway.fault("webhook", "hold", times=None)
        self.gateway, self.staff, self.guest = gateway, staff, Client()
        self.variants = [make_variant(price=inr(price), on_hand=ON_HAND) for price in PRICES]
        make_drop(self.variants[-1], per_person=PER_PERSON, per_address=PER_ADDRESS)
        self.bags: list[Bag] = []
        self.purchases: list[Purchase] = []
        self.events: list[dict[str, Any]] = []
        self.steps: dict[str, int] = {}
        self.was_paid: set[str] = set()

    # Shoppers.

    def ask(self, who: Client, method: str, path: str, body: Any = None, **headers: Any) -> Any:
        answer = who.generic(
            method, path, json.dumps(body) if body is not None else "", content_type="application/json", **headers
        )
        assert answer.status_code < 500 or answer.status_code in {502, 503}, (path, answer.content)
        return answer

    def new_bag(self) -> None:
        self.bags.append(Bag(self.ask(self.guest, "POST", "carts", {}).json()["id"]))

    def check_out(self, bag: Bag, *, again: bool, off_by: int, who: int = 0) -> None:
        """Buy the bag; `again`: the same request once more, as a browser does whose answer was lost."""
        if not (again and bag.body):
            cart = self.ask(self.guest, "GET", f"carts/{bag.cart}").json()
            total = cart["totals"]["total"]
            bag.key = str(uuid.uuid4())
            bag.body = {
                "cart": bag.cart, "email": PEOPLE[who], "shipping_address": ADDRESS, "shipping_method": "standard",
                "expected_total": total | {"amount": max(0, total["amount"] + off_by)},
            }  # fmt: skip
        answer = self.ask(self.guest, "POST", "checkout", bag.body, **with_key(bag.key))
        if answer.status_code == 201:
            told = answer.json()
            if all(known.number != told["order"]["number"] for known in self.purchases):
                order, payment = told["order"], told["payment"]
                self.purchases.append(
                    Purchase(order["number"], told["order_token"], payment["gateway_order_id"], order["lines"])
                )
        else:
            assert answer.json()["code"] in {
                "cart_empty", "total_changed", "out_of_stock", "gateway_unavailable", "gateway_refused", "drop_limit",
            }, answer.content  # fmt: skip

    def pay(self, purchase: Purchase, outcome: str, *, second: bool) -> None:
        """In the gateway's window. It refuses to take money for what is paid, unless two windows were open."""
        answer = self.gateway.http.post(
            f"{self.gateway.url}/_test/orders/{purchase.gateway_order}/pay",
            json={"outcome": outcome, "second": second},
            timeout=20,
        )
        if answer.ok and "razorpay_signature" in answer.json():
            purchase.told.append(answer.json())

    def cancel(self, purchase: Purchase) -> None:
        """By staff: refused while the money is disputed, and always possible once it was lost and something is unsent."""
        before = Order.objects.get(number=purchase.number)
        answer = self.ask(self.staff, "POST", f"admin/orders/{purchase.number}/cancel", {"reason": "asked"})
        assert answer.status_code in {200, 403, 409}, answer.content
        if before.status == "paid" and before.dispute_status == "open" and before.fulfilment_status == "unfulfilled":
            assert answer.json()["code"] == "dispute_open", answer.content
        if before.status == "paid" and before.dispute_status == "lost":
            assert answer.json()["status"] in {"cancelled", "fulfilled"}, answer.content

    def pack(self, purchase: Purchase, verb: str, body: dict[str, Any]) -> None:
        """Nothing is packed of an order whose money is disputed or lost, unless staff insist and some of it is left."""
        before = Order.objects.get(number=purchase.number)
        answer = self.ask(self.staff, "POST", f"admin/orders/{purchase.number}/{verb}", body)
        assert answer.status_code in {200, 409}, answer.content
        is_paid = before.status in {"paid", "fulfilled"}
        if verb == "fulfil" and is_paid and before.dispute_status in {"open", "lost"} and not body.get("force"):
            assert answer.json()["code"] == f"dispute_{before.dispute_status}", answer.content
        lost = sum(d["amount_deducted"]["amount"] for d in before.disputes if d["status"] == "lost")
        if verb == "fulfil" and before.dispute_status == "lost" and lost >= before.total_amount and is_paid:
            assert answer.status_code == 409, answer.content

    def verify(self, purchase: Purchase, told: dict[str, str]) -> Any:
        return self.ask(self.guest, "POST", purchase.path("/payment/verify"), told)

    def dispute(self, which: int, share: int) -> None:
        """A buyer complains at their bank over a share (in percent) of what was captured."""
        captured = [payment for payment in self.gateway.state()["payments"] if payment["status"] == "captured"]
        if captured:
            payment = captured[which % len(captured)]
            self.knock(f"payments/{payment['id']}/dispute", {"amount": max(1, payment["amount"] * share // 100)})

    def move_dispute(self, which: int, act: str) -> None:
        if disputes := self.gateway.state()["disputes"]:
            self.knock(f"disputes/{disputes[which % len(disputes)]['id']}/{act}", {})

    def knock(self, path: str, body: dict[str, Any]) -> None:
        """At one of the gateway's doors, which may say no."""
        answer = self.gateway.http.post(f"{self.gateway.url}/_test/{path}", json=body, timeout=20)
        assert answer.status_code < 500, answer.text

    # The gateway's news, in the machine's hand.

    def hear(self) -> list[dict[str, Any]]:
        """Every event the gateway has made so far, the first one first."""
        self.events = self.gateway.http.get(f"{self.gateway.url}/_test/webhooks", timeout=10).json()
        return self.events

    def deliver(self, event: dict[str, Any], *, body: str | None = None, signed: bool = True, event_id: str = "") -> int:
        """Bring an event to the shop's door; another body is signed as the gateway would, or not at all."""
        raw = event["body"] if body is None else body
        return deliver_to(self.guest, raw, event_id=event_id or event["event_id"], signed=signed)

    # The clock.

    def hold_ends(self, number: str) -> None:
        Order.objects.filter(number=number, status="pending_payment").update(held_until=timezone.now() - timedelta(seconds=1))

    def run_jobs(self) -> None:
        now = timezone.now()
        GatewayEvent.objects.filter(retry_at__isnull=False).update(retry_at=now)
        Payment.objects.filter(check_at__isnull=False).update(check_at=now)
        Refund.objects.filter(retry_at__isnull=False).update(retry_at=now)
        jobs.retry_webhooks()
        jobs.reconcile_payments()
        jobs.expire_unpaid_orders()
        jobs.refund_unmatched_payments()
        jobs.process_refunds()

    def settle(self) -> None:
        """Everybody hears everything, and the clock goes on until nothing is under way."""
        self.gateway.http.delete(f"{self.gateway.url}/_test/faults", timeout=10)
        # A refund that was made to wait ends by the gateway's own clock: not between its last news and our last look.
        wait_until(lambda: all(refund["status"] != "pending" for refund in self.gateway.state()["refunds"]))
        for event in self.hear():
            assert self.deliver(event) == 200
        self.gateway.fault("webhook", "hold", times=None)
        for _ in range(3):
            self.run_jobs()
            self.capture_all()
            for event in self.hear():
                self.deliver(event)
        events.deliver_due(limit=10_000)

    def capture_all(self) -> None:
        """Staff take whatever is set aside."""
        for number in Order.objects.filter(payment_status="authorized", status="pending_payment").values_list(
            "number", flat=True
        ):
            self.ask(self.staff, "POST", f"admin/orders/{number}/capture", {})

    # What has to be true.

    def check(self) -> None:
        """After every step."""
        found = run_checks(at_rest=False)
        assert found == [], found
        paid = set(Order.objects.filter(paid_at__isnull=False).values_list("number", flat=True))
        assert self.was_paid <= paid
        self.was_paid = paid
        had = self.had_of_the_drop()
        assert max(had.values(), default=0) <= PER_PERSON
        assert sum(had.values()) <= PER_ADDRESS

    def had_of_the_drop(self) -> dict[str, int]:
        """Units of the drop in orders that wait or were paid, by person."""
        lines = OrderLine.objects.filter(variant=self.variants[-1]).exclude(
            order__paid_at=None, order__status__in=["cancelled", "expired"]
        )
        return dict(lines.values_list("order__email").annotate(units=Sum("quantity")))

    def check_at_rest(self) -> None:
        """At the end: the proof, and the gateway's own word for every paisa."""
        found: list[Finding] = run_checks()
        assert found == [], found
        state = self.gateway.state()
        ours = {payment.gateway_payment_id: payment for payment in Payment.objects.filter(status="captured")}
        strays = {stray.gateway_payment_id: stray for stray in UnmatchedPayment.objects.filter(is_captured=True)}
        back: dict[str, int] = {}
        for refund in state["refunds"]:
            if refund["status"] == "processed":
                back[refund["payment_id"]] = back.get(refund["payment_id"], 0) + refund["amount"]
        disputed = {dispute["payment_id"] for dispute in state["disputes"]}
        lost = sum(dispute["amount_deducted"] for dispute in state["disputes"])
        owed = sum(UnmatchedPayment.objects.values_list("disputed_amount", flat=True))
        assert balances().get((Account.DISPUTES, "INR"), 0) == lost - owed
        taken = 0
        for payment in state["payments"]:
            if not payment["captured"]:
                back.pop(payment["id"], None)  # only set aside, and let go
                continue
            taken += payment["amount"] - (payment["fee"] or 0)
            mine = ours.get(payment["id"]) or strays.get(payment["id"])
            assert mine is not None, f"nobody knows of {payment['id']}"
            assert (mine.amount, mine.currency) == (payment["amount"], payment["currency"])
            assert mine.refunded_amount == back.get(payment["id"], 0) == payment["amount_refunded"]
            if payment["id"] in strays:
                assert strays[payment["id"]].fate in {"returned", "waiting", "refused"} or payment["id"] in disputed
            else:
                assert ours[payment["id"]].order.paid_at is not None
        assert balances().get((Account.GATEWAY, "INR"), 0) == taken - sum(back.values()) - lost
        for order in Order.objects.all():
            assert order.status != "pending_payment" or order.payment_status in {"pending", "failed"}
