"""Creation of payment attempts: our row first, then the order at the gateway."""

import copy
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from noirel.core.db import prepared
from noirel.inventory import services as inventory
from noirel.orders.lifecycle import PaymentStatus
from noirel.orders.models import Order, OrderEvent
from noirel.orders.services.transition import build_timeline_entry, lock_order, save_with_timeline_entry, set_payments
from noirel.payments.errors import OrderNotPayable
from noirel.payments.lifecycle import POLL_SCHEDULE, State, is_different_mode
from noirel.payments.models import Payment
from noirel.payments.razorpay import gateway
from noirel.payments.selectors import attempts_of, is_payable, open_attempt, summary_of


def create_attempt(order: Order, *, attempt: int) -> Payment:
    """Insert a payment attempt, before the gateway is called. Call inside the transaction that locks the order."""
    payment, statement = attempt_insert(order, attempt=attempt)
    prepared.execute(statement.text, *statement.values)
    return payment


def attempt_insert(order: Order, *, attempt: int = 1, order_id: str = "given.order_id") -> tuple[Payment, prepared.Statement]:
    """Return an attempt and the statement that inserts it.

    `order_id` is the SQL expression for the order's id if the order is inserted by the same statement. The receipt identifies
    the attempt at the gateway if a response is lost.
    """
    now = timezone.now()
    payment = Payment(
        order=order,
        attempt=attempt,
        receipt=f"{order.number}-{attempt}",
        key_id=settings.RAZORPAY_KEY_ID,
        amount=order.total_amount,
        currency=order.currency,
        created_at=now,
        check_at=now + POLL_SCHEDULE[0],
    )
    payment._state.adding = False
    return payment, prepared.Statement(prepared.insert_sql(Payment, order_id=order_id), (prepared.rows_json(payment),))


# Sets the gateway order unless a concurrent call has set one, and returns every attempt of the order with the current row.
_OPEN = f"""
WITH opened AS (
    UPDATE payments_payment SET gateway_order_id = coalesce(gateway_order_id, %s), updated_at = now() WHERE id = %s
    RETURNING {prepared.columns(Payment)}
)
SELECT {prepared.columns(Payment)} FROM opened
UNION ALL SELECT {prepared.columns(Payment)} FROM payments_payment WHERE order_id = %s AND id <> %s ORDER BY attempt
"""


# The same in one statement, for an order that has not changed since it was placed.
_ORDER_UNCHANGED = f"""
kept AS (
    {prepared.update_sql(Order, "payments", "held_until", "updated_at")} AND target.updated_at = %s AND target.payments = '[]'
    RETURNING target.id
), opened AS (
    UPDATE payments_payment SET gateway_order_id = %s, updated_at = now() WHERE id = %s AND EXISTS (SELECT 1 FROM kept)
), extended AS (
    {inventory.EXTEND_HOLD} AND EXISTS (SELECT 1 FROM kept)
)
"""
_OPEN_FIRST = f"WITH {_ORDER_UNCHANGED} {prepared.insert_sql(OrderEvent)}, kept RETURNING id"


def open_first_payment(order: Order, payment: Payment) -> Payment:
    """Do what `open_payment` does for an order that was just placed, in one statement.

    If the order has changed since it was placed, falls back to locking it. Call outside any transaction. Raises
    GatewayUnavailable if the result is unknown, GatewayRefused.
    """
    gateway_order_id = _create_gateway_order(order, payment)
    placed_version, now = order.updated_at, timezone.now()
    opened = copy.copy(payment)
    opened.gateway_order_id = gateway_order_id
    updated = copy.copy(order)
    updated.held_until = _held_until(order)
    set_payments(updated, payments=summary_of([opened]), payment_status=PaymentStatus(order.payment_status))
    event = build_timeline_entry(updated, *_opened_message(opened), at=now, is_public=False)
    values = (
        prepared.row_json(updated),
        placed_version,
        gateway_order_id,
        payment.pk,
        updated.held_until,
        order.number,
        prepared.rows_json(event),
    )
    if not is_payable(order, at=now) or not prepared.execute(_OPEN_FIRST, *values):
        return _open(order, payment, gateway_order_id)
    order.held_until, order.payments, order.updated_at = updated.held_until, updated.payments, updated.updated_at
    return opened


def open_payment(order: Order, payment: Payment, *, look_first: bool = False) -> Payment:
    """Create the gateway order of an attempt and extend the order's hold. Call outside any transaction.

    With `look_first`, an existing gateway order with this receipt is used if there is one: for attempts that may have been
    opened before. Raises GatewayUnavailable if the result is unknown, GatewayRefused. Locks the order while it stores the
    result. Returns the row from the database: two concurrent calls both return the gateway order that was stored first.
    """
    found = None
    if look_first:
        found = gateway().find_order(receipt=payment.receipt, amount=payment.amount, currency=payment.currency)
    return _open(order, payment, found or _create_gateway_order(order, payment))


def _create_gateway_order(order: Order, payment: Payment) -> str:
    return gateway().create_order(
        amount=payment.amount,
        currency=payment.currency,
        receipt=payment.receipt,
        notes={"order": order.number},
        manual=settings.CAPTURE_MODE == "manual",
    )


def _opened_message(payment: Payment) -> tuple[str, str]:
    return "payment.opened", f"Payment window opened (attempt {payment.attempt})."


def _held_until(order: Order) -> datetime:
    return order.placed_at + timedelta(seconds=order.hold_seconds or settings.HOLD_WITH_ATTEMPT_SECONDS)


def _open(order: Order, payment: Payment, gateway_order_id: str) -> Payment:
    with transaction.atomic():
        locked = lock_order(order.pk)
        attempts = prepared.hydrate(Payment, prepared.execute(_OPEN, gateway_order_id, payment.pk, locked.pk, payment.pk))
        row = next(other for other in attempts if other.pk == payment.pk)
        if is_payable(locked, at=timezone.now()):
            locked.held_until = _held_until(locked)
            inventory.extend_hold(locked.number, locked.held_until)
        set_payments(locked, payments=summary_of(attempts), payment_status=PaymentStatus(locked.payment_status))
        save_with_timeline_entry(locked, *_opened_message(row), is_public=False)
    order.held_until, order.payments = locked.held_until, locked.payments
    return row


def payable_attempt(order: Order) -> Payment:
    """Return the attempt to pay this order with: the open one, or a new one if the last one can't be paid any more.

    An open gateway order is reused, so that there are never two that can be paid. Raises OrderNotPayable, GatewayUnavailable,
    GatewayRefused. Locks the order.
    """
    with transaction.atomic():
        locked = lock_order(order.pk)
        if not is_payable(locked, at=timezone.now()):
            raise OrderNotPayable("This order can't be paid now.", order_status=locked.status)
        attempts = attempts_of(locked)
        if any(payment.status in {State.AUTHORIZED, State.CAPTURED} for payment in attempts):
            raise OrderNotPayable("A payment for this order is under way.", order_status=locked.status)
        if any(is_different_mode(payment.key_id, settings.RAZORPAY_KEY_ID) for payment in attempts):
            raise OrderNotPayable("This order was placed while the shop was tried out.", order_status=locked.status)
        payment = open_attempt(attempts) or create_attempt(locked, attempt=len(attempts) + 1)
    if payment.gateway_order_id:
        order.held_until, order.payments = locked.held_until, locked.payments
        return payment
    return open_payment(order, payment, look_first=True)
