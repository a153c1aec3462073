"""Verification of a payment that the browser reports.

The signature proves that the payment belongs to the order; its amount and state are fetched from the gateway.
"""

from django.conf import settings
from django.db.models.functions import Coalesce
from django.utils import timezone

from noirel.orders.models import Order
from noirel.payments.errors import GatewayRefused, GatewayUnavailable, SignatureInvalid
from noirel.payments.lifecycle import PaymentUpdate
from noirel.payments.models import Payment
from noirel.payments.razorpay import gateway
from noirel.payments.selectors import is_captured_automatically
from noirel.payments.services.apply_update import apply_payment_update
from noirel.payments.signatures import checkout_signature, constant_time_equal


def verify_payment(order: Order, *, gateway_order_id: str, gateway_payment_id: str, signature: str) -> Order:
    """Apply a payment from the values passed to the payment window's handler, and return the order. Repeating it is safe.

    The signature is verified over the gateway order id that *we* stored. It covers neither amount nor time, so the payment is
    then fetched and compared. Raises SignatureInvalid, GatewayUnavailable (the attempt is then polled at once). Call outside
    any transaction.
    """
    attempt = next((entry for entry in order.payments if entry["gateway_order_id"] == gateway_order_id), None)
    expected = checkout_signature(
        attempt["gateway_order_id"] if attempt else "", gateway_payment_id, key_secret=settings.RAZORPAY_KEY_SECRET
    )
    if attempt is None or not constant_time_equal(expected, signature):
        raise SignatureInvalid("This payment does not belong to this order.")
    if attempt["status"] == "captured" and attempt["gateway_payment_id"] == gateway_payment_id:
        return order
    try:
        update = settle(gateway().payment(gateway_payment_id), order)
    except GatewayUnavailable:
        now = timezone.now()
        Payment.objects.filter(gateway_order_id=gateway_order_id, check_at__isnull=False).update(
            check_at=now, unanswered_since=Coalesce("unanswered_since", now)
        )
        raise
    if update.order_id != gateway_order_id:
        raise SignatureInvalid("This payment belongs to another order.")
    return apply_payment_update(update, source="verify") or order


def settle(update: PaymentUpdate, order: Order) -> PaymentUpdate:
    """Capture an authorized payment if it matches the order and is captured automatically, and return its state.

    If the gateway refuses, the update is returned unchanged and polling decides. Calls the gateway: call outside any
    transaction.
    """
    if update.status != "authorized" or (update.amount, update.currency) != (order.total_amount, order.currency):
        return update
    if not is_captured_automatically(order):
        return update
    try:
        return gateway().capture(update.payment_id, amount=update.amount, currency=update.currency)
    except GatewayRefused:
        return update
