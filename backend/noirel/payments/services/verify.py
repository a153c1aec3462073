"""The browser says it has paid. Believe the signature that it belongs to this order, and the gateway on the rest."""

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
    """Settle an order by what the window's handler was given; the same again answers the same.

    The signature is checked over the gateway order id *we* stored for this order. It names no amount and no time, so the
    payment is then fetched and compared. Raises SignatureInvalid, GatewayUnavailable (the poller then asks at once). Call
    outside any transaction.
    """
    known = next((entry for entry in order.payments if entry["gateway_order_id"] == gateway_order_id), None)
    expected = checkout_signature(
        known["gateway_order_id"] if known else "", gateway_payment_id, key_secret=settings.RAZORPAY_KEY_SECRET
    )
    if known is None or not constant_time_equal(expected, signature):
        raise SignatureInvalid("This payment does not belong to this order.")
    if known["status"] == "captured" and known["gateway_payment_id"] == gateway_payment_id:
        return order
    try:
        fact = settle(gateway().payment(gateway_payment_id), order)
    except GatewayUnavailable:
        now = timezone.now()
        Payment.objects.filter(gateway_order_id=gateway_order_id, check_at__isnull=False).update(
            check_at=now, unanswered_since=Coalesce("unanswered_since", now)
        )
        raise
    if fact.order_id != gateway_order_id:
        raise SignatureInvalid("This payment belongs to another order.")
    return apply_payment_update(fact, source="verify") or order


def settle(fact: PaymentUpdate, order: Order) -> PaymentUpdate:
    """Take money that is only authorised, if it is the sum the order asks for and its time has come. Calls the gateway;
    outside any transaction.

    A refusal leaves the fact as it was: the next look decides.
    """
    if fact.status != "authorized" or (fact.amount, fact.currency) != (order.total_amount, order.currency):
        return fact
    if not is_captured_automatically(order):
        return fact
    try:
        return gateway().capture(fact.payment_id, amount=fact.amount, currency=fact.currency)
    except GatewayRefused:
        return fact
