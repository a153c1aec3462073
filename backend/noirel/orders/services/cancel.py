"""Letting go of an order before anything was sent."""

from django.db import transaction

from noirel.core import audit_log
from noirel.core.domain.errors import PermissionDenied
from noirel.core.events import run_in_transaction_handlers
from noirel.core.viewer import Viewer
from noirel.orders.disputes import refundable_amount
from noirel.orders.errors import DisputeOpen, MoveNotAllowed, RefundNeeded
from noirel.orders.lifecycle import DisputeStatus, FulfilmentStatus, PaymentStatus, Status
from noirel.orders.models import Order
from noirel.orders.selectors import is_under_way, parcels_of
from noirel.orders.services.fulfil import complete
from noirel.orders.services.transition import lock_order, transition

HOLDS_MONEY = {PaymentStatus.AUTHORIZED, PaymentStatus.PAID, PaymentStatus.PARTIALLY_REFUNDED}


@transaction.atomic
def cancel_order(viewer: Viewer, order: Order, *, reason: str = "", actor: str = "", may_refund: bool = True) -> Order:
    """Cancel an order. Unpaid: stock and bag are free again; what is only set aside is never taken. Paid, and nothing sent: its
    money goes back (handlers.py), and its units to the shelf. A second time changes nothing.

    An order that lost a dispute is cancelled without a refund of what the bank has taken. Where part of it was sent, only the
    unsent units are taken off and the order ends as fulfilled.

    may_refund: whether who asks may have money sent back. Raises RefundNeeded when part of it was sent, MoveNotAllowed when it
    can't be cancelled any more or a payment is under way, DisputeOpen while the buyer's bank reviews the payment,
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
        raise MoveNotAllowed("This order can't be cancelled any more.", order_status=locked.status)
    if locked.dispute_status == DisputeStatus.OPEN:
        raise DisputeOpen(
            "The buyer's bank is reviewing a dispute over this payment. It can be cancelled once the bank has decided.",
            disputes=[entry["id"] for entry in locked.disputes],
        )
    if is_partly_sent and any(parcel.shipped_at is None for parcel in parcels_of(locked)):
        raise MoveNotAllowed("A packed parcel has not shipped. Unpack it first.", order_status=locked.status)
    sends_money = locked.status == Status.PAID and (not is_lost or refundable_amount(locked.payments, locked.disputes))
    if sends_money and not may_refund:
        raise PermissionDenied("This order is paid. Cancelling it sends money back, which your account may not do.")
    if is_partly_sent:
        _cancel_unsent(locked, actor=actor)
    else:
        transition(
            locked, Status.CANCELLED, actor=actor, message=f"Order cancelled: {reason}" if reason else "Order cancelled."
        )
    if viewer.is_staff:
        audit_log.record(
            actor=viewer, action="orders.cancel", target=f"order:{locked.number}",
            before={"status": order.status}, after={"status": locked.status, "reason": reason},
        )  # fmt: skip
    return locked


def _cancel_unsent(order: Order, *, actor: str) -> None:
    """Take off what was never sent of an order whose money was lost: what was sent is all that ever will be."""
    run_in_transaction_handlers("order.rest_cancelled", {"number": order.number})
    order.refresh_from_db()
    transition(order, Status.FULFILLED, actor=actor, message="The units that were not sent are cancelled.")
    complete(order, actor=actor)


@transaction.atomic
def expire_order(order: Order) -> bool:
    """Let an order go that nobody paid in time; True when this call did it.

    Compare-and-set under the order's lock: what was paid or cancelled meanwhile stays as it is.
    """
    locked = lock_order(order.pk)
    if locked.status != Status.PENDING_PAYMENT or locked.payment_status in HOLDS_MONEY:
        return False
    transition(locked, Status.EXPIRED)
    return True
