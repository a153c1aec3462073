"""Capture of authorized payments, by staff or before dispatch."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from noirel.core import audit_log
from noirel.core.domain.money import Money
from noirel.core.events import publish
from noirel.core.shop_time import format_moment
from noirel.core.viewer import SYSTEM, Viewer
from noirel.inventory import services as inventory
from noirel.orders.lifecycle import PaymentStatus, Status
from noirel.orders.models import Order
from noirel.orders.services.transition import add_timeline_entry, lock_order
from noirel.payments.errors import GatewayUnavailable, NothingToCapture
from noirel.payments.lifecycle import State
from noirel.payments.models import Payment
from noirel.payments.razorpay import gateway
from noirel.payments.selectors import attempts_of
from noirel.payments.services.apply_update import apply_payment_update

# The gateway's documentation gives both 3 and 5 days as its deadline. Past the former, the payment is polled once an hour.
RECHECK_INTERVAL = timedelta(hours=1)


def capture_payment(viewer: Viewer, order: Order) -> Order:
    """Capture the authorized payment of an order, and return the order. A captured payment is not an error.

    Call outside any transaction. Concurrent calls result in one capture: the gateway refuses the second one, and its state is
    fetched. Raises NothingToCapture (no payment is authorized, or the authorization has lapsed), GatewayUnavailable (the
    attempt is then polled), GatewayRefused.
    """
    attempts = attempts_of(order)
    payment = next((row for row in attempts if row.status == State.AUTHORIZED), None)
    if payment is None or order.status != Status.PENDING_PAYMENT:
        if any(row.status == State.CAPTURED for row in attempts):
            return Order.objects.get(pk=order.pk)
        raise NothingToCapture("No payment of this order waits to be captured.")
    # Due for polling at once, in case this process dies or the gateway does not answer.
    Payment.objects.filter(pk=payment.pk).update(check_at=timezone.now())
    try:
        update = gateway().capture(str(payment.gateway_payment_id), amount=payment.amount, currency=payment.currency)
    except GatewayUnavailable:
        Payment.objects.filter(pk=payment.pk, unanswered_since=None).update(unanswered_since=timezone.now())
        raise
    with transaction.atomic():
        locked = lock_order(order.pk)
        apply_payment_update(update, source="capture")
        payment.refresh_from_db()
        target = f"order:{locked.number}"
        if payment.status == State.CAPTURED and not audit_log.exists("orders.capture", target):
            amount = Money(payment.amount, payment.currency)
            audit_log.record(actor=viewer, action="orders.capture", target=target, after={"amount": amount.json()})
    if payment.status != State.CAPTURED:
        raise NothingToCapture("The bank has released this payment.")
    return Order.objects.get(pk=order.pk)


def capture_before_dispatch(payload: Mapping[str, Any]) -> None:
    """Handle `order.dispatch` before the order is sent: capture its authorized payment. Raises as capture_payment does."""
    order = Order.objects.get(number=payload["number"])
    if order.payment_status == PaymentStatus.AUTHORIZED:
        capture_payment(SYSTEM, order)


@transaction.atomic
def warn_of_capture(payment: Payment) -> None:
    """Warn staff, once, that a payment has to be captured soon. Locks its order."""
    order = lock_order(payment.order_id)
    row = Payment.objects.get(pk=payment.pk)
    if row.status != State.AUTHORIZED or row.capture_warned_at is not None or row.capture_by is None:
        return
    row.capture_warned_at = timezone.now()
    row.save(update_fields=["capture_warned_at", "updated_at"])
    order.save(update_fields=["updated_at"])
    message = f"Capture this payment by {format_moment(row.capture_by)}, or the bank releases it."
    add_timeline_entry(order, "payment.capture_due", message, is_public=False)
    publish("payment.capture_due", key=order.number, payload={"number": order.number, "payment": str(row.pk)})


@transaction.atomic
def extend_hold_for_capture(order: Order) -> None:
    """Extend the hold of an order with an authorized payment until the next poll in an hour. Locks the order."""
    locked = lock_order(order.pk)
    if locked.status != Status.PENDING_PAYMENT or locked.payment_status != PaymentStatus.AUTHORIZED:
        return
    locked.held_until = timezone.now() + RECHECK_INTERVAL
    inventory.extend_hold(locked.number, locked.held_until)
    locked.save(update_fields=["held_until", "updated_at"])
