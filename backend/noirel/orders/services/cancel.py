"""Cancellation and expiry of orders."""

from django.db import transaction

from noirel.core import audit_log
from noirel.core.domain.errors import PermissionDenied
from noirel.core.events import run_in_transaction_handlers
from noirel.core.viewer import Viewer
from noirel.orders.disputes import refundable_amount
from noirel.orders.errors import DisputeOpen, RefundNeeded, TransitionNotAllowed
from noirel.orders.lifecycle import DisputeStatus, FulfilmentStatus, PaymentStatus, Status
from noirel.orders.models import Order
from noirel.orders.selectors import is_under_way, parcels_of
from noirel.orders.services.fulfil import complete
from noirel.orders.services.transition import add_timeline_entry, lock_order, transition

HOLDS_MONEY = {PaymentStatus.AUTHORIZED, PaymentStatus.PAID, PaymentStatus.PARTIALLY_REFUNDED}


@transaction.atomic
def cancel_order(
    viewer: Viewer, order: Order, *, reason: str = "", note: str = "", actor: str = "", may_refund: bool = True
) -> Order:
    """Cancel an order. Cancelling a cancelled order changes nothing.

    An unpaid order releases its stock and cart, and an authorized payment is never captured. A paid order of which nothing was
    sent is refunded (handlers.py) and its units are restocked. An order that lost a dispute is cancelled without a refund of
    what the bank has taken; if part of it was sent, only the unsent units are cancelled and the order ends as fulfilled.

    `reason` is shown to the buyer on the order's timeline, except where part of the order was sent; `note` is for staff only.
    `may_refund` states whether the caller may send money back. Raises RefundNeeded if part of the order was sent,
    TransitionNotAllowed if it can't be cancelled any more or a payment is under way, DisputeOpen while the payment is disputed,
    PermissionDenied. Locks the order.
    """
    locked = lock_order(order.pk)
    if locked.status == Status.CANCELLED:
        return locked
    is_lost = locked.dispute_status == DisputeStatus.LOST
    is_partly_sent = locked.status == Status.PAID and locked.fulfilment_status != FulfilmentStatus.UNFULFILLED
    if is_partly_sent and not is_lost:
        raise RefundNeeded("Part of this order was sent. The rest goes back as a refund of its lines.")
    if locked.status not in {Status.PENDING_PAYMENT, Status.PAID} or is_under_way(locked):
        raise TransitionNotAllowed("This order can't be cancelled any more.", order_status=locked.status)
    if locked.dispute_status == DisputeStatus.OPEN:
        raise DisputeOpen(
            "The buyer's bank is reviewing a dispute over this payment. It can be cancelled once the bank has decided.",
            disputes=[entry["id"] for entry in locked.disputes],
        )
    if is_partly_sent and any(parcel.shipped_at is None for parcel in parcels_of(locked)):
        raise TransitionNotAllowed("A packed parcel has not shipped. Unpack it first.", order_status=locked.status)
    needs_refund = locked.status == Status.PAID and (not is_lost or refundable_amount(locked.payments, locked.disputes))
    if needs_refund and not may_refund:
        raise PermissionDenied("This order is paid. Cancelling it sends money back, which your account may not do.")
    if is_partly_sent:
        _cancel_unsent(locked, actor=actor)
    else:
        transition(
            locked, Status.CANCELLED, actor=actor, message=f"Order cancelled: {reason}" if reason else "Order cancelled."
        )
    if note:
        add_timeline_entry(locked, "note", note, actor=actor or viewer.name, is_public=False)
    if viewer.is_staff:
        audit_log.record(
            actor=viewer, action="orders.cancel", target=f"order:{locked.number}",
            before={"status": order.status},
            after={"status": locked.status, "reason": reason} | ({"note": note} if note else {}),
        )  # fmt: skip
    return locked


def _cancel_unsent(order: Order, *, actor: str) -> None:
    """Cancel the unsent units of a partly sent order whose payment was lost, and complete the order with what was sent."""
    run_in_transaction_handlers("order.rest_cancelled", {"number": order.number})
    order.refresh_from_db()
    transition(order, Status.FULFILLED, actor=actor, message="The units that were not sent are cancelled.")
    complete(order, actor=actor)


@transaction.atomic
def expire_order(order: Order) -> bool:
    """Expire an order that was not paid in time. Returns whether this call did it.

    Compare-and-set under the order's lock: an order that was paid or cancelled meanwhile is left unchanged. Locks the order.
    """
    locked = lock_order(order.pk)
    if locked.status != Status.PENDING_PAYMENT or locked.payment_status in HOLDS_MONEY:
        return False
    transition(locked, Status.EXPIRED)
    return True
