"""AdminOrder as defined by the API contract: schema and JSON side by side."""

import re
from datetime import datetime
from typing import Any

from rest_framework import serializers
from rest_framework.response import Response

from noirel.accounts.selectors import names_by_email
from noirel.core.http import MoneyField, Out, etag
from noirel.orders.as_of import as_of
from noirel.orders.disputes import refundable_amount
from noirel.orders.lifecycle import Status
from noirel.orders.models import Order, OrderEvent
from noirel.orders.selectors import OrderDetail, order_detail, orders_count_of
from noirel.orders.shapes import (
    DISPUTE_STATUSES,
    FULFILMENT_STATUSES,
    PAYMENT_STATUSES,
    REFUND_PENDING,
    STATUSES,
    OrderOut,
    RefundOut,
    format_instant,
    is_refund_pending,
    order_json,
)


class CardCustomerOut(Out):
    name = serializers.CharField()
    email = serializers.CharField()


class AdminOrderCardOut(Out):
    number = serializers.CharField()
    placed_at = serializers.DateTimeField()
    status = serializers.ChoiceField(STATUSES)
    payment_status = serializers.ChoiceField(PAYMENT_STATUSES)
    is_refund_pending = serializers.BooleanField(help_text=REFUND_PENDING)
    fulfilment_status = serializers.ChoiceField(FULFILMENT_STATUSES)
    dispute_status = serializers.ChoiceField(DISPUTE_STATUSES)
    capture_by = serializers.DateTimeField(allow_null=True, help_text="Deadline for capturing the authorized payment.")
    customer = CardCustomerOut()
    items = serializers.CharField()
    item_count = serializers.IntegerField()
    total = MoneyField()


class AdminCustomerOut(Out):
    id = serializers.UUIDField(allow_null=True)
    name = serializers.CharField()
    email = serializers.CharField()
    orders_count = serializers.IntegerField()


class PaymentAttemptOut(Out):
    id = serializers.UUIDField()
    gateway_order_id = serializers.CharField(allow_null=True)
    gateway_payment_id = serializers.CharField(allow_null=True)
    status = serializers.CharField()
    amount = MoneyField()
    method = serializers.CharField()
    error_code = serializers.CharField()
    error_description = serializers.CharField()
    error_reason = serializers.CharField(help_text="`let_go`: authorized, never captured, and released by the bank.")
    created_at = serializers.DateTimeField()
    captured_at = serializers.DateTimeField(allow_null=True)


class NoteOut(Out):
    id = serializers.IntegerField()
    author = serializers.CharField()
    text = serializers.CharField()
    at = serializers.DateTimeField()


class AdminEventOut(Out):
    at = serializers.DateTimeField()
    type = serializers.CharField()
    message = serializers.CharField()
    actor = serializers.CharField()


class AdminRefundLineOut(Out):
    id = serializers.UUIDField()
    quantity = serializers.IntegerField()
    restock = serializers.BooleanField()


class AdminRefundOut(RefundOut):
    actor = serializers.CharField()
    note = serializers.CharField()
    failure = serializers.CharField()
    gateway_payment_id = serializers.CharField(
        help_text="The payment it gives back; empty in a history from before 2026-11-29."
    )
    gateway_refund_id = serializers.CharField(allow_null=True)
    lines = AdminRefundLineOut(many=True)


class AdminDisputeOut(Out):
    id = serializers.CharField()
    gateway_payment_id = serializers.CharField()
    amount = MoneyField()
    amount_deducted = MoneyField(help_text="Amount taken by the bank; 0 unless the dispute is lost.")
    status = serializers.ChoiceField(["open", "under_review", "won", "closed", "lost"])
    phase = serializers.CharField()
    reason_code = serializers.CharField()
    respond_by = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    resolved_at = serializers.DateTimeField(allow_null=True)


class AdminOrderOut(OrderOut):
    customer = AdminCustomerOut()
    payments = PaymentAttemptOut(many=True)
    notes = NoteOut(many=True)
    events = AdminEventOut(many=True)
    refunds = AdminRefundOut(many=True)
    refundable = MoneyField(
        help_text="What is left of captured payments after refunds, requested ones included, and lost disputes."
    )
    disputes = AdminDisputeOut(many=True)
    dispute_status = serializers.ChoiceField(DISPUTE_STATUSES)
    capture_by = serializers.DateTimeField(allow_null=True, help_text="Deadline for capturing the authorized payment.")
    as_of = serializers.DateTimeField(allow_null=True, help_text="The moment the order is shown as of; null: now.")


def admin_order_json(order: Order, *, at: datetime | None = None) -> dict[str, Any]:
    """Serialize an order as AdminOrder of the API contract, in its current state or as of a moment."""
    record = order_detail(order) if at is None else as_of(order_detail(order), at)
    order = record.order
    names = _names_of(record)
    return order_json(record) | {
        "as_of": format_instant(at),
        "refunds": [
            {"gateway_payment_id": ""} | entry | {"actor": names.get(entry["actor"], entry["actor"])} for entry in order.refunds
        ],
        "disputes": order.disputes,
        "dispute_status": order.dispute_status,
        "capture_by": _capture_by(order),
        "refundable": {"amount": refundable_amount(order.payments, order.disputes), "currency": order.currency},
        "customer": {
            "id": str(order.user_id) if order.user_id else None,
            "name": order.customer_name,
            "email": order.email,
            "orders_count": orders_count_of(order),
        },
        "payments": [
            {name: value for name, value in entry.items() if name not in {"key_id", "refunded_amount", "capture_by"}}
            for entry in order.payments
        ],
        "notes": [
            {
                "id": event.pk,
                "author": names.get(event.actor, event.actor),
                "text": event.message,
                "at": format_instant(event.at),
            }
            for event in record.events
            if event.type == "note"
        ],
        "events": [
            {
                "at": format_instant(event.at),
                "type": event.type,
                "message": staff_message(event),
                "actor": names.get(event.actor, event.actor),
            }
            for event in record.events
        ],
    }


def _names_of(record: OrderDetail) -> dict[str, str]:
    """Names of the people in an order's history, by the e-mail address that it was written with."""
    actors = {event.actor for event in record.events} | {entry["actor"] for entry in record.order.refunds}
    return names_by_email(actor for actor in actors if "@" in actor)


def _capture_by(order: Order) -> str | None:
    """Return the deadline for capturing the authorized payment, if there is one."""
    return next((entry.get("capture_by") for entry in order.payments if entry["status"] == "authorized"), None)


# Types of timeline entries that the shop writes and addresses to the buyer. Text written by people (notes) is not changed.
_ADDRESSED_TO_BUYER = ("payment.", "refund.", "dispute.")
_THIRD_PERSON = {"you": "the buyer", "your": "the buyer's"}


def staff_message(event: OrderEvent) -> str:
    """Return the text of a timeline entry for staff, with "you" replaced by "the buyer"."""
    if not event.type.startswith(_ADDRESSED_TO_BUYER):
        return event.message

    def third_person(match: re.Match[str]) -> str:
        replacement = _THIRD_PERSON[match[0].lower()]
        return replacement.capitalize() if match[0][0].isupper() else replacement

    return re.sub(r"\b(you|your)\b", third_person, event.message, flags=re.IGNORECASE)


def order_etag(order: Order) -> str:
    """Return the order's strong ETag. Every change of an order updates its row."""
    return etag(order.pk, order.updated_at)


def tagged_response(order: Order, *, status: int = 200) -> Response:
    """Return the order for staff with its ETag, which the next change may send in If-Match."""
    return Response(admin_order_json(order), status=status, headers={"ETag": order_etag(order)})


def admin_card_json(order: Order) -> dict[str, Any]:
    """Serialize an order as AdminOrderCard of the API contract. Its lines must be prefetched."""
    lines = list(order.lines.all())
    items = ""
    if lines:
        first = lines[0]
        items = " ".join(part for part in (first.name, first.variant_title) if part)
        if first.quantity > 1:
            items = f"{first.quantity} × {items}"
        if first.engraving:
            items += ", engraved"
        if more := order.item_count - first.quantity:
            items += f" and {more} more item{'' if more == 1 else 's'}"
    return {
        "number": order.number,
        "placed_at": format_instant(order.placed_at),
        "status": order.status,
        "payment_status": order.payment_status,
        "is_refund_pending": is_refund_pending(order),
        "fulfilment_status": order.fulfilment_status,
        "dispute_status": order.dispute_status,
        "capture_by": _capture_by(order) if order.status == Status.PENDING_PAYMENT else None,
        "customer": {"name": order.customer_name, "email": order.email},
        "items": items,
        "item_count": order.item_count,
        "total": order.total.json(),
    }
