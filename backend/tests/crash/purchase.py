"""One purchase, and everything the world may bring to the shop for it: once, again, by another door."""

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from noirel.core import events
from noirel.core.domain.money import inr
from noirel.core.models import IdempotencyRecord, OutboxEvent
from noirel.inventory.models import StockItem
from noirel.orders.models import Order
from noirel.payments import jobs
from noirel.payments.models import GatewayEvent, Payment, Refund, UnmatchedPayment
from tests.client import Client
from tests.crash.zygote import Zygote
from tests.make import make_variant
from tests.shopping import ADDRESS, LocalGateway

PRICES, UNITS, ON_HAND = (12_500_00, 4_900_00), (2, 1), 3


@dataclass
class Purchase:
    """Two bottles, three units, one shopper; nobody else wants these."""

    gateway: LocalGateway
    zygote: Zygote
    staff_token: str
    guest: Client = field(default_factory=Client)
    key: str = field(default_factory=lambda: str(uuid.uuid4()))
    cart: dict[str, Any] = field(default_factory=dict)
    placed: dict[str, Any] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)

    # What a shopper, the gateway, staff and the clock do.

    def fill_bag(self) -> None:
        self.variants = [make_variant(price=inr(price), on_hand=ON_HAND) for price in PRICES]
        self.cart = self.guest.post("carts", {}).json()
        for variant, units in zip(self.variants, UNITS, strict=True):
            path = f"carts/{self.cart['id']}/lines"
            self.cart = self.guest.post(path, {"sku": variant.sku, "quantity": units}).json()

    def checkout(self) -> dict[str, Any]:
        body = {
            "cart": self.cart["id"],
            "email": "ira@example.com",
            "shipping_address": ADDRESS,
            "shipping_method": "standard",
            "expected_total": self.cart["totals"]["total"],
        }
        return request("checkout", body, **{"Idempotency-Key": self.key})

    def check_out(self) -> None:
        """The shopper's (next) try, with the key of the first."""
        status, answer = self.ask(self.checkout())
        assert status == 201, answer
        self.placed = answer

    def pay(self, outcome: str = "success") -> None:
        """In the gateway's window, where the shop is not asked."""
        if not self.placed:
            self.check_out()
        if not self.told:
            self.told = self.gateway.pay(self.placed["payment"]["gateway_order_id"], outcome)

    def verify(self) -> dict[str, Any]:
        return request(f"orders/{self.placed['order']['number']}/payment/verify?token={self.placed['order_token']}", self.told)

    def browser_returns(self) -> None:
        self.pay()
        status, answer = self.ask(self.verify())
        assert status == 200, answer

    def retry(self) -> dict[str, Any]:
        return request(f"orders/{self.placed['order']['number']}/payment/retry?token={self.placed['order_token']}", {})

    def retry_again(self) -> None:
        status, answer = self.ask(self.retry())
        assert status == 200, answer

    def webhook(self, name: str) -> dict[str, Any]:
        """The gateway's first event of this name about this purchase, signed by it."""
        return next(self._delivery(event) for event in self._events() if event["event"] == name)

    def webhooks(self) -> None:
        """All that the gateway has to say, from the first."""
        for event in self._events():
            self._deliver(event)

    def webhooks_reversed(self) -> None:
        for event in reversed(self._events()):
            self._deliver(event)

    def pay_and_be_told_by_webhook(self) -> None:
        self.pay()
        self.webhooks()

    def pay_and_be_found(self) -> None:
        self.pay()
        self.reconcile()

    def refund(self) -> dict[str, Any]:
        body = {"reason": "broken", "amount": {"amount": 1_000_00, "currency": "INR"}}
        return self._by_staff("refund", body)

    def refund_again(self) -> None:
        status, answer = self.ask(self.refund())
        assert status == 201, answer

    def cancel(self) -> dict[str, Any]:
        return self._by_staff("cancel", {"reason": "asked"})

    def cancel_again(self) -> None:
        status, answer = self.ask(self.cancel())
        assert status == 200, answer

    def fulfil(self) -> dict[str, Any]:
        lines = [{"id": line["id"], "quantity": line["quantity"]} for line in self.placed["order"]["lines"]]
        return self._by_staff("fulfil", {"lines": lines, "carrier": "Blue Dart", "tracking_number": "BD1"})

    def fulfil_again(self) -> None:
        status, answer = self.ask(self.fulfil())
        assert status == 200, answer

    def ask_refunds(self) -> None:
        Refund.objects.filter(retry_at__isnull=False, order__checkout_key=self.key).update(retry_at=timezone.now())
        jobs.process_refunds()

    def reconcile(self) -> None:
        Payment.objects.filter(check_at__isnull=False, order__checkout_key=self.key).update(check_at=timezone.now())
        jobs.reconcile_payments()

    def retry_webhooks(self) -> None:
        GatewayEvent.objects.filter(retry_at__isnull=False).update(retry_at=timezone.now())
        jobs.retry_webhooks()

    def return_strays(self) -> None:
        jobs.refund_unmatched_payments()

    def time_out(self) -> None:
        """The hold has run out."""
        Order.objects.filter(checkout_key=self.key, held_until__isnull=False).update(
            held_until=timezone.now() - timedelta(seconds=1)
        )

    def expire(self) -> None:
        self.time_out()
        jobs.expire_unpaid_orders()

    def drain(self) -> None:
        """The outbox, when the lease of who died over it has run out."""
        OutboxEvent.objects.filter(done_at__isnull=True).update(not_before=timezone.now())
        while events.deliver_due():
            pass

    def everything_again(self) -> None:
        """Whatever was told is told once more, and the clock goes round twice."""
        if self.told:
            for deliver in (self.browser_returns, self.webhooks, self.webhooks_reversed):
                deliver()
        for _ in range(2):
            for job in (self.reconcile, self.retry_webhooks, self.return_strays, self.ask_refunds, self.drain):
                job()

    # What is there.

    @property
    def order(self) -> Order | None:
        return Order.objects.filter(checkout_key=self.key).first()

    def at_gateway(self, kind: str) -> list[dict[str, Any]]:
        """What the gateway holds of this purchase: "orders", "payments" or "refunds"."""
        order = self.order
        if order is None:
            return []
        orders = [found for attempt in order.attempts.all() for found in self._get(f"orders?receipt={attempt.receipt}")]
        if kind == "orders":
            return orders
        payments = [payment for found in orders for payment in self._get(f"orders/{found['id']}/payments")]
        if kind == "payments":
            return payments
        return [refund for payment in payments for refund in self._get(f"payments/{payment['id']}/refunds")]

    def on_disk(self) -> str:
        """What a restart finds, in words."""
        order = self.order
        kept = IdempotencyRecord.objects.filter(key__in=self.keys).count()
        if order is None:
            return "nothing of the order"
        said = [f"order {order.get_status_display().lower()}"]
        for attempt in order.attempts.all():
            known = "" if attempt.gateway_order_id else ", gateway order unknown"
            said.append(f"attempt {attempt.status}{known}")
        heard = [event for event in GatewayEvent.objects.order_by("-id")[:20] if self._is_about(event, order)]
        if heard:
            said.append(f"webhook {'applied' if all(event.applied_at for event in heard) else 'kept, not applied'}")
        said += [f"stray money {stray.fate}" for stray in UnmatchedPayment.objects.filter(payment__order=order)]
        said += [f"refund {refund.status}" for refund in Refund.objects.filter(order=order)]
        if kept:
            said.append("answer kept")
        waiting = OutboxEvent.objects.filter(key=order.number, name="order.paid", done_at=None)
        if order.paid_at:
            said.append("receipt waiting" if waiting else "receipt sent")
        there = [f"order{'s' * (len(self.at_gateway('orders')) > 1)}"] if self.at_gateway("orders") else []
        there += [f"payment {payment['status']}" for payment in self.at_gateway("payments")]
        there += [f"refund {refund['status']}" for refund in self.at_gateway("refunds")]
        return f"{', '.join(said)}; at the gateway: {', '.join(there) or 'nothing'}"

    def _is_about(self, event: GatewayEvent, order: Order) -> bool:
        ids = [attempt.gateway_order_id or "-" for attempt in order.attempts.all()]
        return any(name.encode() in bytes(event.body) for name in ids)

    @property
    def keys(self) -> list[str]:
        return [self.key, f"staff-{self.key}"]

    def stock(self) -> list[tuple[int, int, int]]:
        """On hand, reserved and committed, by variant."""
        rows = StockItem.objects.filter(pk__in=[variant.pk for variant in self.variants]).order_by("pk")
        return [(row.on_hand, row.reserved, row.committed) for row in rows]

    def mails(self, template: str) -> set[str]:
        """The mails about this order by Message-ID, by which a mailbox shows one once."""
        order = self.order
        found = [
            message_from_bytes(path.read_bytes())["Message-ID"].strip() for path in Path(settings.MAIL_FOLDER).glob("*.eml")
        ]
        return {name for name in found if order and name.startswith(f"<{template}.{order.number}")}

    def ask(self, asked: dict[str, Any]) -> tuple[int, Any]:
        """A request to a process that lives."""
        headers = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in asked["headers"].items()}
        answer: Any = self.guest.generic(asked["method"], asked["path"], asked["body"], "application/json", **headers)
        return answer.status_code, answer.json()

    def _by_staff(self, act: str, body: dict[str, Any]) -> dict[str, Any]:
        headers = {"Idempotency-Key": f"staff-{self.key}", "Authorization": f"Bearer {self.staff_token}"}
        return request(f"admin/orders/{self.placed['order']['number']}/{act}", body, **headers)

    def _get(self, path: str) -> list[dict[str, Any]]:
        account = (settings.RAZORPAY_KEY_ID, settings.RAZORPAY_KEY_SECRET)
        answer = self.gateway.http.get(f"{self.gateway.url}/v1/{path}", auth=account, timeout=10)
        assert answer.ok, answer.text
        return list(answer.json()["items"])

    def _events(self) -> list[dict[str, Any]]:
        order = self.placed["payment"]["gateway_order_id"]
        queue = self.gateway.http.get(f"{self.gateway.url}/_test/webhooks?about={order}", timeout=10).json()
        return list(queue)

    def _delivery(self, event: dict[str, Any]) -> dict[str, Any]:
        asked = request("webhooks/razorpay", None)
        headers = {"X-Razorpay-Signature": event["signature"], "X-Razorpay-Event-Id": event["event_id"]}
        return asked | {"body": event["body"], "headers": headers}

    def _deliver(self, event: dict[str, Any]) -> None:
        status, answer = self.ask(self._delivery(event))
        assert status == 200, answer


def request(path: str, body: Any, **headers: str) -> dict[str, Any]:
    """A POST as both a living and a dying process understand it."""
    return {"method": "POST", "path": f"/api/v1/{path}", "body": json.dumps(body), "headers": headers}


Step = Callable[[Purchase], None]
