"""Scheduled jobs: payment polling, webhook retries, capture warnings and refund follow-up."""

import logging
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import TypeVar

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from noirel.orders.models import Order
from noirel.orders.selectors import unpaid_since
from noirel.orders.services.cancel import expire_order
from noirel.payments.errors import GatewayRefused, GatewayUnavailable
from noirel.payments.lifecycle import UNDECIDED_DISPUTE_STATES, WARN_BEFORE, State
from noirel.payments.models import Dispute, GatewayEvent, Payment, Refund, UnmatchedPayment
from noirel.payments.razorpay import gateway
from noirel.payments.selectors import attempts_of
from noirel.payments.services.apply_update import apply_payment_update
from noirel.payments.services.capture_authorized import extend_hold_for_capture, warn_of_capture
from noirel.payments.services.reconcile import reconcile_attempt, schedule_next
from noirel.payments.services.refund import request_unmatched_refund, send_refund
from noirel.payments.services.webhook import apply_event, replay_unverified
from noirel.payments.services.webhook_auth import delete_expired_unverified, is_previous_secret_valid

log = logging.getLogger(__name__)

BATCH = 50
Row = TypeVar("Row", bound=models.Model)
# How long an expired order keeps its stock while the gateway does not answer.
MAX_UNCERTAINTY = timedelta(hours=2)
UNMATCHED_POLL_INTERVAL = timedelta(hours=6)


def _process_each(rows: Iterable[Row], act: Callable[[Row], object]) -> None:
    """Call `act` for every row. A row that fails is logged and retried on the next run, and does not block the others."""
    for row in rows:
        try:
            act(row)
        except (GatewayUnavailable, GatewayRefused) as error:
            log.warning("%s is postponed, the gateway is unavailable: %s", row, error.code)
        except Exception:  # the audit reports the row if the failure lasts
            log.exception("%s could not be processed", row)


def expire_unpaid_orders() -> None:
    """Expire orders whose hold has ended, after asking the gateway about each of them.

    The gateway may know of a payment whose webhook has not arrived. While it does not answer, the order keeps its stock for at
    most MAX_UNCERTAINTY.
    """
    _process_each(unpaid_since(timezone.now(), limit=BATCH), _expire)


def _expire(order: Order) -> None:
    try:
        for payment in attempts_of(order):
            is_undecided = payment.check_at is not None or payment.status == State.AUTHORIZED
            if is_undecided and payment.gateway_order_id is not None:
                reconcile_attempt(payment)
    except (GatewayUnavailable, GatewayRefused):
        if order.held_until is not None and timezone.now() - order.held_until < MAX_UNCERTAINTY:
            raise
    if not expire_order(order):
        extend_hold_for_capture(order)


def reconcile_payments() -> None:
    """Poll the gateway about every attempt that is due."""
    due = Payment.objects.select_related("order").filter(check_at__lte=timezone.now())
    _process_each(due.order_by("check_at")[:BATCH], _reconcile)


def _reconcile(payment: Payment) -> None:
    schedule_next(payment)
    reconcile_attempt(payment)


def retry_webhooks() -> None:
    """Apply stored webhook events again that failed or were interrupted."""
    for event in GatewayEvent.objects.filter(retry_at__lte=timezone.now()).order_by("id")[:BATCH]:
        apply_event(event)


def recheck_unverified_webhooks() -> None:
    """Verify stored unverified webhooks against the current secrets and delete expired ones.

    Also starts the overlap period of a newly configured previous secret.
    """
    if settings.RAZORPAY_WEBHOOK_SECRET_PREVIOUS:
        is_previous_secret_valid(settings.RAZORPAY_WEBHOOK_SECRET_PREVIOUS)
    replay_unverified()
    delete_expired_unverified()


def refund_unmatched_payments() -> None:
    """Request and send refunds of unmatched payments that are to be returned, except while they are disputed."""
    disputed = Dispute.objects.filter(
        gateway_payment_id=OuterRef("gateway_payment_id"), status__in=list(UNDECIDED_DISPUTE_STATES)
    )
    due = UnmatchedPayment.objects.select_related("payment").filter(
        ~Exists(disputed),
        fate=UnmatchedPayment.Disposition.TO_RETURN,
        is_captured=True,
        refunded_amount__lt=F("amount") - F("accepted_amount") - F("disputed_amount"),
    )
    _process_each(due.order_by("created_at")[:BATCH], _refund_unmatched)


def _refund_unmatched(unmatched: UnmatchedPayment) -> None:
    refund = request_unmatched_refund(unmatched)
    if refund is not None:
        send_refund(refund)


def poll_uncaptured_unmatched() -> None:
    """Poll the gateway about unmatched payments that are only authorized: they lapse, unless somebody captures them."""
    uncaptured = UnmatchedPayment.objects.filter(is_captured=False, updated_at__lt=timezone.now() - UNMATCHED_POLL_INTERVAL)
    _process_each(
        uncaptured.exclude(fate=UnmatchedPayment.Disposition.RETURNED).order_by("updated_at")[:BATCH], _poll_unmatched
    )


def _poll_unmatched(unmatched: UnmatchedPayment) -> None:
    UnmatchedPayment.objects.filter(pk=unmatched.pk).update(updated_at=timezone.now())
    apply_payment_update(gateway().payment(unmatched.gateway_payment_id), source="reconcile")


def warn_of_captures() -> None:
    """Warn staff about authorized payments that lapse soon."""
    soon = timezone.now() + WARN_BEFORE
    due = Payment.objects.filter(status=State.AUTHORIZED, capture_by__lte=soon, capture_warned_at=None)
    _process_each(due.order_by("capture_by")[:BATCH], warn_of_capture)


def process_refunds() -> None:
    """Send requested refunds and poll those under way until they are final."""
    _process_each(Refund.objects.filter(retry_at__lte=timezone.now()).order_by("retry_at")[:BATCH], send_refund)
