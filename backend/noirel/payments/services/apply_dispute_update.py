"""A buyer's bank wants money back: a task with a deadline, and a loss at most once."""

import logging
from datetime import UTC, datetime

from django.db import transaction
from django.utils import timezone

from noirel.core.domain.money import Money, format_money
from noirel.core.events import publish
from noirel.core.shop_time import format_moment
from noirel.ledger.services import post
from noirel.orders.lifecycle import FulfilmentStatus, Status
from noirel.orders.models import Order
from noirel.orders.services.transition import add_timeline_entry, lock_order, set_disputes
from noirel.payments import books
from noirel.payments.lifecycle import (
    UNDECIDED_DISPUTE_STATES,
    DisputeState,
    DisputeUpdate,
    RefundState,
    is_newer_dispute_update,
)
from noirel.payments.models import Dispute, Payment, Refund, UnmatchedPayment
from noirel.payments.selectors import disputes_summary

log = logging.getLogger(__name__)


@transaction.atomic
def apply_dispute_update(fact: DisputeUpdate, *, source: str) -> Dispute | None:
    """Take a fact about a dispute in; None when it is about no payment that we know, or not yet as taken.

    Indifferent to order and repetition: a loss is booked once, whatever is told before or after it. Locks the order first, or
    the stray money that has none.
    """
    payment = Payment.objects.filter(gateway_payment_id=fact.payment_id).first()
    stray = UnmatchedPayment.objects.select_related("payment").filter(gateway_payment_id=fact.payment_id).first()
    owner = payment or (stray.payment if stray else None)
    if owner is None and stray is None:
        return None
    order = lock_order(owner.order_id) if owner else None
    if stray is not None:
        stray = UnmatchedPayment.objects.select_for_update(of=("self",)).get(pk=stray.pk)
        if not stray.is_captured:
            return None
    dispute = Dispute.objects.filter(pk=fact.dispute_id).first()
    is_new = dispute is None
    if dispute is None:
        dispute = Dispute(
            pk=fact.dispute_id,
            order=order,
            payment=payment,
            gateway_payment_id=fact.payment_id,
            amount=fact.amount,
            currency=fact.currency,
        )
    else:
        # One that was known before the order of its payment was.
        dispute.order, dispute.payment = dispute.order or order, dispute.payment or payment
    if not is_new and not is_newer_dispute_update(DisputeState(dispute.status), dispute.told_at, fact.state, fact.at):
        return dispute
    _copy_update(dispute, fact)
    dispute.save(force_insert=is_new)
    if dispute.status == DisputeState.LOST:
        post(
            books.dispute_lost(
                order.number if order else fact.payment_id,
                dispute=dispute.pk,
                amount=dispute.amount_deducted,
                owed=_deduct_from_unmatched(stray, dispute) if stray else 0,
                currency=dispute.currency,
            )
        )
    if order is not None:
        _record_on_order(order, dispute, is_new=is_new)
    log.info("dispute %s of payment %s: %s, by %s", dispute.pk, fact.payment_id, dispute.status, source)
    return dispute


def _deduct_from_unmatched(stray: UnmatchedPayment, dispute: Dispute) -> int:
    """What of a loss was not ours: money on the desk that was to go back has gone, through the buyer's bank."""
    if stray.accepted_amount or stray.currency != dispute.currency:
        return 0
    taken = min(stray.remaining_amount, dispute.amount_deducted)
    stray.disputed_amount += taken
    if not stray.remaining_amount and stray.fate != UnmatchedPayment.Disposition.RETURNED:
        under_way = Refund.objects.filter(stray=stray, status__in=[RefundState.REQUESTED, RefundState.PENDING])
        stray.fate = UnmatchedPayment.Disposition.TO_RETURN if under_way.exists() else UnmatchedPayment.Disposition.RETURNED
    stray.save(update_fields=["disputed_amount", "fate", "updated_at"])
    return taken


def _copy_update(dispute: Dispute, fact: DisputeUpdate) -> None:
    dispute.status, dispute.told_at = fact.state, fact.at
    dispute.phase, dispute.reason_code = fact.phase[:40], fact.reason_code[:80]
    dispute.respond_by = datetime.fromtimestamp(fact.respond_by, UTC) if fact.respond_by else None
    if fact.state not in UNDECIDED_DISPUTE_STATES:
        dispute.resolved_at = dispute.resolved_at or timezone.now()
    if fact.state is DisputeState.LOST:
        dispute.amount_deducted = fact.amount_deducted or fact.amount


def _record_on_order(order: Order, dispute: Dispute, *, is_new: bool) -> None:
    set_disputes(order, disputes=disputes_summary(order))
    order.save(update_fields=["disputes", "dispute_status", "updated_at"])
    sum_ = format_money(Money(dispute.amount, dispute.currency))
    by = f" Answer by {format_moment(dispute.respond_by)}." if dispute.respond_by else ""
    asks = f"The buyer's bank wants {sum_} back ({dispute.reason_code.replace('_', ' ') or 'no reason given'})."
    sent = order.fulfilment_status != FulfilmentStatus.UNFULFILLED
    lost = f"The dispute over {sum_} was lost: the bank has taken the money."
    lost += (
        " What was sent is written off."
        if sent
        else " Cancel the order to release its stock."
        if order.status == Status.PAID
        else ""
    )
    words = {
        DisputeState.OPEN: ("dispute.opened" if is_new else "dispute.action_required", asks + by),
        DisputeState.UNDER_REVIEW: ("dispute.under_review", f"The bank looks into the dispute over {sum_}."),
        DisputeState.WON: ("dispute.won", f"The dispute over {sum_} was won: the money stays."),
        DisputeState.CLOSED: ("dispute.closed", f"The dispute over {sum_} was closed: the money stays."),
        DisputeState.LOST: ("dispute.lost", lost),
    }
    name, message = words[DisputeState(dispute.status)]
    add_timeline_entry(order, name, message, is_public=False)
    publish(name, key=order.number, payload={"number": order.number, "dispute": dispute.pk})
