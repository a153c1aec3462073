"""Polling of the gateway, for updates that no webhook or browser delivered."""

import logging
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from noirel.orders.lifecycle import Status
from noirel.payments.errors import GatewayRefused, GatewayUnavailable
from noirel.payments.lifecycle import State, decisive_update, is_different_mode, next_check
from noirel.payments.models import Payment
from noirel.payments.razorpay import gateway
from noirel.payments.services.apply_refund_update import apply_refund_update
from noirel.payments.services.apply_update import apply_payment_update
from noirel.payments.services.create import open_payment
from noirel.payments.services.verify import settle

log = logging.getLogger(__name__)


def reconcile_attempt(payment: Payment) -> None:
    """Ask the gateway for the state of an attempt and apply it. Call outside any transaction.

    An attempt whose gateway order is unknown (a crash or a lost response) is looked up by its receipt first; if there is none
    and the order can still be paid, one is created. An attempt made in the other mode (test or live) can't be polled. Raises
    GatewayUnavailable: unknown is not unpaid. Until the gateway answers, the attempt is among `unanswered_attempts`.
    """
    try:
        _ask_gateway(payment)
    except (GatewayUnavailable, GatewayRefused):
        mark_unanswered(payment)
        raise


def _ask_gateway(payment: Payment) -> None:
    if is_different_mode(payment.key_id, settings.RAZORPAY_KEY_ID):
        log.info("payment %s is not polled: it was made with %s", payment.receipt, payment.key_id)
        Payment.objects.filter(pk=payment.pk).update(check_at=None)
        return
    if payment.gateway_order_id is None:
        if payment.order.status == Status.PENDING_PAYMENT:
            payment = open_payment(payment.order, payment, look_first=True)
        else:
            found = gateway().find_order(receipt=payment.receipt, amount=payment.amount, currency=payment.currency)
            if found is None:
                _mark_answered(payment)
                return
            Payment.objects.filter(pk=payment.pk, gateway_order_id__isnull=True).update(gateway_order_id=found)
            payment.gateway_order_id = found
    try:
        updates = gateway().payments_for_order(str(payment.gateway_order_id))
    except GatewayRefused:
        mark_unanswered(payment)
        return
    _mark_answered(payment)
    decisive = decisive_update(updates)
    if decisive is None:
        return
    apply_payment_update(settle(decisive, payment.order), source="reconcile")
    for other in updates:
        if other is not decisive and other.state is State.CAPTURED:
            apply_payment_update(other, source="reconcile")
    for update in updates:
        if update.refunded and update.state is State.CAPTURED:
            adopt_refunds(update.payment_id)


def mark_unanswered(payment: Payment) -> None:
    """Record the first time the gateway was asked about an attempt and did not answer."""
    Payment.objects.filter(pk=payment.pk, check_at__isnull=False, unanswered_since=None).update(unanswered_since=timezone.now())


def _mark_answered(payment: Payment) -> None:
    if payment.unanswered_since is not None:
        Payment.objects.filter(pk=payment.pk).update(unanswered_since=None)


def adopt_refunds(gateway_payment_id: str) -> None:
    """Fetch every refund of a payment and apply them, including those made on the gateway's dashboard.

    Call outside any transaction. Raises GatewayUnavailable, GatewayRefused.
    """
    for refund in gateway().refunds_for_payment(gateway_payment_id):
        apply_refund_update(refund, source="reconcile")


def schedule_next(payment: Payment) -> None:
    """Schedule the next poll of an attempt, or none when polling has ended."""
    checks = payment.checks + 1
    delay = next_check(checks)
    at = None if delay is None else max(payment.created_at + delay, timezone.now() + timedelta(seconds=60))
    Payment.objects.filter(pk=payment.pk, check_at__isnull=False).update(checks=checks, check_at=at)
