"""Reads: what an order's payments say, and which ones to ask about."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from noirel.orders.lifecycle import PaymentStatus, Status
from noirel.orders.models import Order
from noirel.payments.lifecycle import OPEN, State
from noirel.payments.models import Payment


def attempts_of(order: Order) -> list[Payment]:
    """Every attempt to pay this order, the first one first."""
    return list(Payment.objects.filter(order_id=order.pk).order_by("attempt"))


def open_attempt(attempts: Sequence[Payment]) -> Payment | None:
    """The one attempt that can still be paid, if there is one."""
    return next((payment for payment in attempts if payment.status in OPEN), None)


def is_payable(order: Order, *, at: datetime) -> bool:
    """Whether a shopper may be sent to pay this order now."""
    return order.status == Status.PENDING_PAYMENT and order.held_until is not None and order.held_until > at


def payment_status_of(attempts: Sequence[Payment], current: PaymentStatus) -> PaymentStatus:
    """The sum over the rows. What was refunded is the refunds' business and stays."""
    if current in {PaymentStatus.PARTIALLY_REFUNDED, PaymentStatus.REFUNDED}:
        return current
    states = {State(payment.status) for payment in attempts}
    if State.CAPTURED in states:
        return PaymentStatus.PAID
    if State.AUTHORIZED in states:
        return PaymentStatus.AUTHORIZED
    if State.FAILED in states:
        return PaymentStatus.FAILED
    return PaymentStatus.PENDING


def summary_of(attempts: Sequence[Payment]) -> list[dict[str, Any]]:
    """What is written on the order for its readers, an entry an attempt."""
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
        }
        for payment in attempts
    ]
