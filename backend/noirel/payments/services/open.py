"""Opening an attempt: our row first, then the gateway's order."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from noirel.core import hot
from noirel.inventory import services as inventory
from noirel.orders.lifecycle import PaymentStatus
from noirel.orders.models import Order
from noirel.orders.services.move import lock_order, save_and_say, write_payments
from noirel.payments.errors import OrderNotPayable
from noirel.payments.lifecycle import CHECKS, State, is_other_mode
from noirel.payments.models import Payment
from noirel.payments.razorpay import gateway
from noirel.payments.selectors import attempts_of, is_payable, open_attempt, summary_of


def begin_attempt(order: Order, *, attempt: int = 1) -> Payment:
    """Write an attempt down before anybody is asked for anything. Call inside the transaction that holds the order.

    Its receipt is what we look for at the gateway when an answer was lost.
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
        check_at=now + CHECKS[0],
    )
    hot.run(_BEGIN, hot.document(payment))
    payment._state.adding = False
    return payment


_BEGIN = hot.inserted(Payment)
# The first one to come back with a gateway order has it; every attempt of the order, with that one as it is now.
_OPEN = f"""
WITH opened AS (
    UPDATE payments_payment SET gateway_order_id = coalesce(gateway_order_id, %s), updated_at = now() WHERE id = %s
    RETURNING {hot.columns(Payment)}
)
SELECT {hot.columns(Payment)} FROM opened
UNION ALL SELECT {hot.columns(Payment)} FROM payments_payment WHERE order_id = %s AND id <> %s ORDER BY attempt
"""


def open_payment(order: Order, payment: Payment, *, look_first: bool = False) -> Payment:
    """Make the gateway's order for an attempt and extend the hold; call outside any transaction.

    look_first searches by receipt before making one: for when it may have been made already. Raises GatewayUnavailable when
    nothing is known, GatewayRefused when the gateway will not. Locks the order while it writes the answer down. The row that is
    handed back is the one in the database: of two callers at once, both get the first one's gateway order.
    """
    service = gateway()
    found = None
    if look_first:
        found = service.find_order(receipt=payment.receipt, amount=payment.amount, currency=payment.currency)
    gateway_order_id = found or service.create_order(
        amount=payment.amount,
        currency=payment.currency,
        receipt=payment.receipt,
        notes={"order": order.number},
        manual=settings.CAPTURE_MODE == "manual",
    )
    with transaction.atomic():
        locked = lock_order(order.pk)
        attempts = hot.loaded(Payment, hot.run(_OPEN, gateway_order_id, payment.pk, locked.pk, payment.pk))
        row = next(other for other in attempts if other.pk == payment.pk)
        if is_payable(locked, at=timezone.now()):
            seconds = locked.hold_seconds or settings.HOLD_WITH_ATTEMPT_SECONDS
            locked.held_until = locked.placed_at + timedelta(seconds=seconds)
            inventory.extend(locked.number, locked.held_until)
        write_payments(locked, payments=summary_of(attempts), payment_status=PaymentStatus(locked.payment_status))
        save_and_say(locked, "payment.opened", f"Attempt {row.attempt} can be paid.", is_public=False)
    order.held_until, order.payments = locked.held_until, locked.payments
    return row


def payable_attempt(order: Order) -> Payment:
    """The attempt to pay this order with now: the open one, or a new one where the last can't be paid any more.

    The open gateway order is used again, so that at no time two can be paid. Raises OrderNotPayable, GatewayUnavailable,
    GatewayRefused.
    """
    with transaction.atomic():
        locked = lock_order(order.pk)
        if not is_payable(locked, at=timezone.now()):
            raise OrderNotPayable("This order can't be paid now.", order_status=locked.status)
        attempts = attempts_of(locked)
        if any(payment.status in {State.AUTHORIZED, State.CAPTURED} for payment in attempts):
            raise OrderNotPayable("A payment for this order is under way.", order_status=locked.status)
        if any(is_other_mode(payment.key_id, settings.RAZORPAY_KEY_ID) for payment in attempts):
            raise OrderNotPayable("This order was placed while the shop was tried out.", order_status=locked.status)
        payment = open_attempt(attempts) or begin_attempt(locked, attempt=len(attempts) + 1)
    if payment.gateway_order_id:
        order.held_until, order.payments = locked.held_until, locked.payments
        return payment
    return open_payment(order, payment, look_first=True)
