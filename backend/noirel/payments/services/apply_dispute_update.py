"""Applying dispute updates: a deadline for staff, and a loss that is booked at most once."""

import logging
from datetime import UTC, datetime

from django.db import transaction
from django.utils import timezone

from noirel.core.domain.money import Money, format_money
from noirel.core.events import publish
from noirel.core.shop_time import format_moment
from noirel.ledger.services import post
from noirel.orders.disputes import refundable_amount
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
def apply_dispute_update(update: DisputeUpdate, *, source: str) -> Dispute | None:
    """Apply a dispute update from the gateway. Returns None if its payment is unknown or not captured yet.

    Repeated and reordered updates are safe: a loss is booked once, whatever arrives before or after it. `source` is for the
    log. Locks the order, then the unmatched payment.
    """
    payment = Payment.objects.filter(gateway_payment_id=update.payment_id).first()
    unmatched = UnmatchedPayment.objects.select_related("payment").filter(gateway_payment_id=update.payment_id).first()
    owner = payment or (unmatched.payment if unmatched else None)
    if owner is None and unmatched is None:
        return None
    order = lock_order(owner.order_id) if owner else None
    if unmatched is not None:
        unmatched = UnmatchedPayment.objects.select_for_update(of=("self",)).get(pk=unmatched.pk)
        if not unmatched.is_captured:
            return None
    dispute = Dispute.objects.filter(pk=update.dispute_id).first()
    is_new = dispute is None
    if dispute is None:
        dispute = Dispute(
            pk=update.dispute_id,
            order=order,
            payment=payment,
            gateway_payment_id=update.payment_id,
            amount=update.amount,
            currency=update.currency,
        )
    else:
        # The dispute may have been stored before the order of its payment was known.
        dispute.order, dispute.payment = dispute.order or order, dispute.payment or payment
    if not is_new and not is_newer_dispute_update(DisputeState(dispute.status), dispute.told_at, update.state, update.at):
        return dispute
    _copy_update(dispute, update)
    dispute.save(force_insert=is_new)
    if dispute.status == DisputeState.LOST:
        post(
            books.dispute_lost(
                order.number if order else update.payment_id,
                dispute=dispute.pk,
                amount=dispute.amount_deducted,
                owed=_deduct_from_unmatched(unmatched, dispute) if unmatched else 0,
                currency=dispute.currency,
            )
        )
    if order is not None:
        _record_on_order(order, dispute, is_new=is_new)
    log.info("dispute %s of payment %s: %s, by %s", dispute.pk, update.payment_id, dispute.status, source)
    return dispute


def _deduct_from_unmatched(unmatched: UnmatchedPayment, dispute: Dispute) -> int:
    """Deduct a lost dispute from an unmatched payment and return the deducted amount, which was owed to the buyer anyway."""
    if unmatched.accepted_amount or unmatched.currency != dispute.currency:
        return 0
    deducted = min(unmatched.remaining_amount, dispute.amount_deducted)
    unmatched.disputed_amount += deducted
    if not unmatched.remaining_amount and unmatched.fate != UnmatchedPayment.Disposition.RETURNED:
        pending = Refund.objects.filter(stray=unmatched, status__in=[RefundState.REQUESTED, RefundState.PENDING])
        unmatched.fate = UnmatchedPayment.Disposition.TO_RETURN if pending.exists() else UnmatchedPayment.Disposition.RETURNED
    unmatched.save(update_fields=["disputed_amount", "fate", "updated_at"])
    return deducted


def _copy_update(dispute: Dispute, update: DisputeUpdate) -> None:
    dispute.status, dispute.told_at = update.state, update.at
    dispute.phase, dispute.reason_code = update.phase[:40], update.reason_code[:80]
    dispute.respond_by = datetime.fromtimestamp(update.respond_by, UTC) if update.respond_by else None
    if update.state not in UNDECIDED_DISPUTE_STATES:
        dispute.resolved_at = dispute.resolved_at or timezone.now()
    if update.state is DisputeState.LOST:
        dispute.amount_deducted = update.amount_deducted or update.amount


def _record_on_order(order: Order, dispute: Dispute, *, is_new: bool) -> None:
    set_disputes(order, disputes=disputes_summary(order))
    order.save(update_fields=["disputes", "dispute_status", "updated_at"])
    sum_ = format_money(Money(dispute.amount, dispute.currency))
    deadline = f" Answer by {format_moment(dispute.respond_by)}." if dispute.respond_by else ""
    claim = f"The buyer's bank wants {sum_} back ({dispute.reason_code.replace('_', ' ') or 'no reason given'})."
    is_sent = order.fulfilment_status != FulfilmentStatus.UNFULFILLED
    lost = f"The dispute over {sum_} was lost: the bank has taken the money."
    if is_sent:
        lost += " What was sent is written off."
    elif order.status == Status.PAID:
        left = refundable_amount(order.payments, order.disputes)
        lost += (
            f" {format_money(Money(left, dispute.currency))} is left. Send the order, or cancel it and refund the rest."
            if left
            else " Cancel the order to release its stock."
        )
    entries = {
        DisputeState.OPEN: ("dispute.opened" if is_new else "dispute.action_required", claim + deadline),
        DisputeState.UNDER_REVIEW: ("dispute.under_review", f"The bank is reviewing the dispute over {sum_}."),
        DisputeState.WON: ("dispute.won", f"The dispute over {sum_} was won: the money stays."),
        DisputeState.CLOSED: ("dispute.closed", f"The dispute over {sum_} was closed: the money stays."),
        DisputeState.LOST: ("dispute.lost", lost),
    }
    name, message = entries[DisputeState(dispute.status)]
    add_timeline_entry(order, name, message, is_public=False)
    publish(name, key=order.number, payload={"number": order.number, "dispute": dispute.pk})
