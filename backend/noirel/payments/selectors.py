"""Queries about the payments, refunds and disputes of orders."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet

from noirel.core.db import prepared
from noirel.orders.lifecycle import PaymentStatus, Status
from noirel.orders.models import Order
from noirel.payments.lifecycle import OPEN, DisputeState, RefundState, State
from noirel.payments.models import Dispute, Payment, Refund


def attempts_of(order: Order) -> list[Payment]:
    """Return every attempt to pay an order, oldest first."""
    return prepared.select(Payment, "order_id = %s ORDER BY attempt", order.pk)


def unanswered_attempts() -> QuerySet[Payment]:
    """Return attempts whose real state at the gateway may differ from ours, oldest first.

    These are attempts about which the gateway was asked and has not answered since, and authorized payments that are to be
    captured at once. Not included are abandoned attempts the gateway has reported as unpaid (they are still polled for days,
    because a bank may authorize late) and authorized payments that wait for staff to capture them.
    """
    to_capture = Q(status=State.AUTHORIZED)
    if settings.CAPTURE_MODE != "automatic":
        to_capture &= Q(order__status=Status.EXPIRED)
    open_questions = Payment.objects.filter(Q(unanswered_since__isnull=False) | to_capture, check_at__isnull=False)
    return open_questions.select_related("order").order_by("created_at", "pk")


def open_attempt(attempts: Sequence[Payment]) -> Payment | None:
    """Return the attempt that can still be paid, or None. An order has at most one."""
    return next((payment for payment in attempts if payment.status in OPEN), None)


def is_payable(order: Order, *, at: datetime) -> bool:
    """Whether a shopper may pay this order at the given time."""
    return order.status == Status.PENDING_PAYMENT and order.held_until is not None and order.held_until > at


def is_captured_automatically(order: Order) -> bool:
    """Whether an authorized payment of this order is captured as soon as it is reported.

    With manual capture it waits for dispatch, except for an expired order, which is revived at once or not at all. Payments of
    a cancelled order are not captured; their authorization lapses.
    """
    return settings.CAPTURE_MODE == "automatic" or order.status == Status.EXPIRED


def payment_status_of(attempts: Sequence[Payment]) -> PaymentStatus:
    """Return the payment status of an order from its attempts. Requested refunds count as refunded."""
    states = {State(payment.status) for payment in attempts}
    if State.CAPTURED in states:
        captured = sum(payment.amount for payment in attempts if payment.status == State.CAPTURED)
        refunded = sum(payment.refunded_amount for payment in attempts)
        if refunded == captured:
            return PaymentStatus.REFUNDED
        return PaymentStatus.PARTIALLY_REFUNDED if refunded else PaymentStatus.PAID
    if State.AUTHORIZED in states:
        return PaymentStatus.AUTHORIZED
    if State.FAILED in states:
        return PaymentStatus.FAILED
    return PaymentStatus.PENDING


def summary_of(attempts: Sequence[Payment]) -> list[dict[str, Any]]:
    """Return the summary of attempts that is stored on the order."""
    return [
        {
            "id": str(payment.pk),
            "key_id": payment.key_id,
            "gateway_order_id": payment.gateway_order_id,
            "gateway_payment_id": payment.gateway_payment_id,
            "status": payment.status,
            "amount": {"amount": payment.amount, "currency": payment.currency},
            "method": payment.method,
            "error_code": payment.error_code,
            "error_description": payment.error_description,
            "error_reason": payment.error_reason,
            "created_at": payment.created_at,
            "captured_at": payment.captured_at,
            "capture_by": payment.capture_by,
            "refunded_amount": payment.refunded_amount,
        }
        for payment in attempts
    ]


def disputes_over(gateway_payment_id: str, states: Iterable[DisputeState]) -> list[str]:
    """Return the ids of the disputes over a payment that are in one of these states."""
    rows = Dispute.objects.filter(gateway_payment_id=gateway_payment_id, status__in=list(states))
    return list(rows.values_list("pk", flat=True))


def disputes_summary(order: Order) -> list[dict[str, Any]]:
    """Return the summary of disputes that is stored on the order, for staff, oldest first."""
    return [
        {
            "id": dispute.pk,
            "gateway_payment_id": dispute.gateway_payment_id,
            "amount": {"amount": dispute.amount, "currency": dispute.currency},
            "amount_deducted": {"amount": dispute.amount_deducted, "currency": dispute.currency},
            "status": dispute.status,
            "phase": dispute.phase,
            "reason_code": dispute.reason_code,
            "respond_by": dispute.respond_by,
            "created_at": dispute.created_at,
            "resolved_at": dispute.resolved_at,
        }
        for dispute in Dispute.objects.filter(order=order).order_by("created_at", "id")
    ]


def refund_of(order: Order, refund_id: str) -> Refund:
    """Return one refund of an order, with the unmatched payment it returns, if any. Raises Refund.DoesNotExist."""
    return Refund.objects.select_related("stray").get(order=order, pk=refund_id)


def refunds_summary(order: Order) -> list[dict[str, Any]]:
    """Return the summary of refunds that is stored on the order, oldest first. Quarantined refunds appear on the review queue
    only.
    """
    rows = Refund.objects.filter(order=order).exclude(status=RefundState.QUARANTINED).order_by("created_at", "id")
    return [
        {
            "id": str(refund.pk),
            "amount": {"amount": refund.amount, "currency": refund.currency},
            "status": "pending" if refund.status == RefundState.REQUESTED else refund.status,
            "reason": refund.reason,
            "created_at": refund.created_at,
            "processed_at": refund.processed_at,
            "origin": refund.origin,
            "actor": refund.actor,
            "note": refund.note,
            "failure": refund.failure,
            "lines": refund.lines,
            "gateway_payment_id": refund.gateway_payment_id,
            "gateway_refund_id": refund.gateway_refund_id,
        }
        for refund in rows
    ]
