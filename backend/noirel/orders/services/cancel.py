"""Letting go of an order before anything was paid or sent."""

from django.db import transaction

from noirel.core import audit
from noirel.core.viewer import Viewer
from noirel.orders.errors import MoveNotAllowed, RefundNeeded
from noirel.orders.lifecycle import PaymentStatus, Status
from noirel.orders.models import Order
from noirel.orders.services.move import lock_order, move

HOLDS_MONEY = {PaymentStatus.AUTHORIZED, PaymentStatus.PAID, PaymentStatus.PARTIALLY_REFUNDED}


@transaction.atomic
def cancel_order(viewer: Viewer, order: Order, *, reason: str = "", actor: str = "") -> Order:
    """Cancel an unpaid order: stock and bag are free again. A second time changes nothing.

    Raises RefundNeeded when money was taken, MoveNotAllowed when it can't be cancelled any more. Locks the order.
    """
    locked = lock_order(order.pk)
    if locked.status == Status.CANCELLED:
        return locked
    if locked.payment_status in HOLDS_MONEY:
        raise RefundNeeded("This order is paid. Cancelling it sends the money back, which needs a refund.")
    if locked.status != Status.PENDING_PAYMENT:
        raise MoveNotAllowed("This order can't be cancelled any more.", order_status=locked.status)
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
