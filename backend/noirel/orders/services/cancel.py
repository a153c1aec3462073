"""Letting go of an order before anything was sent."""

from django.db import transaction

from noirel.core import audit
from noirel.core.errors import PermissionDenied
from noirel.core.viewer import Viewer
from noirel.orders.errors import MoveNotAllowed, RefundNeeded
from noirel.orders.lifecycle import FulfilmentStatus, PaymentStatus, Status
from noirel.orders.models import Order
from noirel.orders.selectors import is_under_way
from noirel.orders.services.move import lock_order, move

HOLDS_MONEY = {PaymentStatus.AUTHORIZED, PaymentStatus.PAID, PaymentStatus.PARTIALLY_REFUNDED}


@transaction.atomic
def cancel_order(viewer: Viewer, order: Order, *, reason: str = "", actor: str = "", may_refund: bool = True) -> Order:
    """Cancel an order. Unpaid: stock and bag are free again; what is only set aside is never taken. Paid, and nothing sent: its
    money goes back (handlers.py), and its units to the shelf. A second time changes nothing.

    may_refund: whether who asks may have money sent back. Raises RefundNeeded when part of it was sent, MoveNotAllowed when it
    can't be cancelled any more or a payment is under way, PermissionDenied. Locks the order.
    """
    locked = lock_order(order.pk)
    if locked.status == Status.CANCELLED:
        return locked
    if locked.status == Status.PAID and locked.fulfilment_status != FulfilmentStatus.UNFULFILLED:
        raise RefundNeeded("Part of this order was sent. The rest goes back as a refund of its lines.")
    if locked.status not in {Status.PENDING_PAYMENT, Status.PAID} or is_under_way(locked):
        raise MoveNotAllowed("This order can't be cancelled any more.", order_status=locked.status)
    if locked.status == Status.PAID and not may_refund:
        raise PermissionDenied("This order is paid. Cancelling it sends money back, which your account may not do.")
    move(locked, Status.CANCELLED, actor=actor, message=f"Order cancelled: {reason}" if reason else "Order cancelled.")
    if viewer.is_staff:
        audit.record(
            actor=viewer, action="orders.cancel", target=f"order:{locked.number}",
            before={"status": order.status}, after={"status": locked.status, "reason": reason},
        )  # fmt: skip
    return locked


@transaction.atomic
def expire_order(order: Order) -> bool:
    """Let an order go that nobody paid in time; True when this call did it.

    Compare-and-set under the order's lock: what was paid or cancelled meanwhile stays as it is.
    """
    locked = lock_order(order.pk)
    if locked.status != Status.PENDING_PAYMENT or locked.payment_status in HOLDS_MONEY:
        return False
    move(locked, Status.EXPIRED)
    return True
