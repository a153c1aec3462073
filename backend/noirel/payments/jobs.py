"""What the clock does with money."""

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
# While the gateway can't be asked, an order that was due keeps its stock this long and no longer.
MAX_UNCERTAINTY = timedelta(hours=2)
UNMATCHED_POLL_INTERVAL = timedelta(hours=6)


def _process_each(rows: Iterable[Row], act: Callable[[Row], object]) -> None:
    """Act on every row: one that can't be acted on must not keep the others waiting for ever. It is tried again next time."""
    for row in rows:
        try:
            act(row)
        except (GatewayUnavailable, GatewayRefused) as error:
            log.warning("%s waits, the gateway can't be asked: %s", row, error.code)
        except Exception:  # whatever it is, the proof names it sooner or later, and the others' money moves on
            log.exception("%s could not be dealt with", row)


def expire_unpaid_orders() -> None:
    """Let go of orders nobody paid in time, after asking the gateway about each: it may know of money we were not told of.

    No answer means "not now"; the stock stays held, at most LONGEST_DOUBT longer.
    """
    _process_each(unpaid_since(timezone.now(), limit=BATCH), _expire)


def _expire(order: Order) -> None:
    try:
        for payment in attempts_of(order):
            asked = payment.check_at is not None or payment.status == State.AUTHORIZED
            if asked and payment.gateway_order_id is not None:
                reconcile_attempt(payment)
    except (GatewayUnavailable, GatewayRefused):
        if order.held_until is not None and timezone.now() - order.held_until < MAX_UNCERTAINTY:
            raise
    if not expire_order(order):
        extend_hold_for_capture(order)


def reconcile_payments() -> None:
    """Ask about every attempt whose time has come."""
    due = Payment.objects.select_related("order").filter(check_at__lte=timezone.now())
    _process_each(due.order_by("check_at")[:BATCH], _reconcile)


def _reconcile(payment: Payment) -> None:
    schedule_next(payment)
    reconcile_attempt(payment)


def retry_webhooks() -> None:
    """Act again on stored events that did not work, or that we died over."""
    for event in GatewayEvent.objects.filter(retry_at__lte=timezone.now()).order_by("id")[:BATCH]:
        apply_event(event)


def recheck_unverified_webhooks() -> None:
    """Take in what fits secrets that were put right meanwhile, and forget what is old. A previous secret's day begins here."""
    if settings.RAZORPAY_WEBHOOK_SECRET_PREVIOUS:
        is_previous_secret_valid(settings.RAZORPAY_WEBHOOK_SECRET_PREVIOUS)
    replay_unverified()
    delete_expired_unverified()


def refund_unmatched_payments() -> None:
    """Promise back what pays for nothing, and send it; not while the buyer's bank wants it too."""
    wanted = Dispute.objects.filter(
        gateway_payment_id=OuterRef("gateway_payment_id"), status__in=list(UNDECIDED_DISPUTE_STATES)
    )
    due = UnmatchedPayment.objects.select_related("payment").filter(
        ~Exists(wanted),
        fate=UnmatchedPayment.Disposition.TO_RETURN,
        is_captured=True,
        refunded_amount__lt=F("amount") - F("accepted_amount") - F("disputed_amount"),
    )
    _process_each(due.order_by("created_at")[:BATCH], _refund_unmatched)


def _refund_unmatched(stray: UnmatchedPayment) -> None:
    refund = request_unmatched_refund(stray)
    if refund is not None:
        send_refund(refund)


def poll_uncaptured_unmatched() -> None:
    """What was set aside for nothing and never taken is let go of by the gateway, or captured after all: it says which."""
    waiting = UnmatchedPayment.objects.filter(is_captured=False, updated_at__lt=timezone.now() - UNMATCHED_POLL_INTERVAL)
    _process_each(waiting.exclude(fate=UnmatchedPayment.Disposition.RETURNED).order_by("updated_at")[:BATCH], _poll_unmatched)


def _poll_unmatched(stray: UnmatchedPayment) -> None:
    UnmatchedPayment.objects.filter(pk=stray.pk).update(updated_at=timezone.now())
    apply_payment_update(gateway().payment(stray.gateway_payment_id), source="reconcile")


def warn_of_captures() -> None:
    """Tell staff of what is authorised and will be let go soon."""
    soon = timezone.now() + WARN_BEFORE
    due = Payment.objects.filter(status=State.AUTHORIZED, capture_by__lte=soon, capture_warned_at=None)
    _process_each(due.order_by("capture_by")[:BATCH], warn_of_capture)


def process_refunds() -> None:
    """Send what was promised and not sent, and ask about what is under way, until it is final."""
    _process_each(Refund.objects.filter(retry_at__lte=timezone.now()).order_by("retry_at")[:BATCH], send_refund)
