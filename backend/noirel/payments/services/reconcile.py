"""Asking the gateway ourselves, for when nobody tells us."""

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
    """Ask the gateway what became of one attempt and record it. Outside any transaction.

    An attempt whose gateway order we never learned (we died, or the answer was lost) is looked up by its receipt first; while
    its order can still be paid, a missing one is made. One made with the other mode's keys is nothing we can ask
    about. Raises GatewayUnavailable: unknown is not unpaid. Until the gateway answers, the attempt is in `unanswered_attempts`.
    """
    try:
        _ask_gateway(payment)
    except (GatewayUnavailable, GatewayRefused):
        mark_unanswered(payment)
        raise


def _ask_gateway(payment: Payment) -> None:
    if is_different_mode(payment.key_id, settings.RAZORPAY_KEY_ID):
        log.info("payment %s is not asked about: it was made with %s", payment.receipt, payment.key_id)
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
        facts = gateway().payments_for_order(str(payment.gateway_order_id))
    except GatewayRefused:
        mark_unanswered(payment)
        return
    _mark_answered(payment)
    best = decisive_update(facts)
    if best is None:
        return
    apply_payment_update(settle(best, payment.order), source="reconcile")
    for other in facts:
        if other is not best and other.state is State.CAPTURED:
            apply_payment_update(other, source="reconcile")
    for fact in facts:
        if fact.refunded and fact.state is State.CAPTURED:
            adopt_refunds(fact.payment_id)


def mark_unanswered(payment: Payment) -> None:
    """Note that the gateway was asked about an attempt and gave no answer; the first time counts."""
    Payment.objects.filter(pk=payment.pk, check_at__isnull=False, unanswered_since=None).update(unanswered_since=timezone.now())


def _mark_answered(payment: Payment) -> None:
    if payment.unanswered_since is not None:
        Payment.objects.filter(pk=payment.pk).update(unanswered_since=None)


def adopt_refunds(gateway_payment_id: str) -> None:
    """Ask the gateway for every refund of a payment, and record them: those made over there included. Outside any transaction.

    Raises GatewayUnavailable, GatewayRefused.
    """
    for refund in gateway().refunds_for_payment(gateway_payment_id):
        apply_refund_update(refund, source="reconcile")


def schedule_next(payment: Payment) -> None:
    """Put the next look into the row, or none when asking is over."""
    checks = payment.checks + 1
    wait = next_check(checks)
    at = None if wait is None else max(payment.created_at + wait, timezone.now() + timedelta(seconds=60))
    Payment.objects.filter(pk=payment.pk, check_at__isnull=False).update(checks=checks, check_at=at)
