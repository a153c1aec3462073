"""The one function that moves an order, and what has to happen with it in the same transaction."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from noirel.core.events import publish
from noirel.inventory import services as inventory
from noirel.orders.as_of import state_of
from noirel.orders.errors import MoveNotAllowed
from noirel.orders.lifecycle import EVENTS, PaymentStatus, Status, may_move
from noirel.orders.models import Order, OrderEvent, OrderLine

MESSAGES: dict[Status, str] = {
    Status.PAID: "Payment received.",
    Status.FULFILLED: "Packed.",
    Status.DELIVERED: "Delivered.",
    Status.CANCELLED: "Order cancelled.",
    Status.EXPIRED: "Not paid in time; the bottles went back on the shelf.",
}


def lock_order(order_id: int) -> Order:
    """The order, held until the transaction ends. Whoever changes an order or its payments takes this lock first."""
    return Order.objects.select_for_update().get(pk=order_id)


def move(order: Order, to: Status, *, actor: str = "", message: str = "", at: datetime | None = None) -> OrderEvent | None:
    """Move a locked order, once, with its stock, its timeline and its event.

    Moving to where it already is does nothing and answers None. Raises MoveNotAllowed for a move that is not in the table.
    Call inside the transaction that locked the order; every other change made to `order` before is saved with it.
    """
    current = Status(order.status)
    if current == to:
        return None
    if not may_move(current, to):
        raise MoveNotAllowed(f"An order that is {current.label.lower()} can't become {to.label.lower()}.", order_status=current)
    now = at or timezone.now()
    order.status = to
    if to is Status.PAID:
        order.paid_at = order.paid_at or now
        inventory.commit_sale(order.number)
    if to is not Status.PENDING_PAYMENT:
        order.held_until = None
    order.save()
    event = write_event(order, EVENTS[to], message or MESSAGES[to], at=now, actor=actor)
    # Who listens takes the bag and the share of a drop. Checkout takes those before stock, and so do we: no deadlocks.
    publish(EVENTS[to], key=order.number, payload=_payload(order, to, was=current))
    if to is Status.EXPIRED or (to is Status.CANCELLED and current is Status.PENDING_PAYMENT):
        inventory.release(order.number)
    if current is Status.PAID:  # who heard of it may have written on the order
        order.refresh_from_db()
    return event


def say(order: Order, type_: str, message: str, *, actor: str = "", is_public: bool = True) -> OrderEvent:
    """Add a line to the order's timeline that is not a move. Save the order before: the line keeps what it is by then."""
    return write_event(order, type_, message, at=timezone.now(), actor=actor, is_public=is_public)


def write_event(order: Order, type_: str, message: str, *, at: datetime, actor: str = "", is_public: bool = True) -> OrderEvent:
    """Write a line of the timeline with what the order is from then on."""
    return OrderEvent.objects.create(
        order=order, at=at, type=type_, message=message, actor=actor, is_public=is_public, state=state_of(order)
    )


def _payload(order: Order, to: Status, *, was: Status) -> dict[str, Any]:
    payload: dict[str, Any] = {"number": order.number, "was": str(was)}
    if to is Status.PAID:
        units: dict[str, int] = {}
        for slug, quantity in OrderLine.objects.filter(order=order).values_list("product_slug", "quantity"):
            units[slug] = units.get(slug, 0) + quantity
        payload["units"] = units
    elif was is Status.PENDING_PAYMENT:
        payload |= {
            "cart_id": str(order.cart_id) if order.cart_id else None,
            "note": order.note,
            "gift": order.gift,
            "samples": order.samples,
            "lines": [
                {
                    "variant_id": line.variant_id,
                    "sku": line.sku,
                    "quantity": line.quantity,
                    "engraving": line.engraving,
                    "unit_price_amount": line.unit_price_amount,
                }
                for line in OrderLine.objects.filter(order=order).order_by("position")
            ],
        }
    return payload


def write_payments(order: Order, *, payments: list[dict[str, Any]], payment_status: PaymentStatus) -> None:
    """Keep on the order what the payments app knows, so that reading an order needs no other table. Not saved here."""
    order.payments = payments
    order.payment_status = payment_status
