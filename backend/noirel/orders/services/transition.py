"""The one function that moves an order, and what has to happen with it in the same transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone

from noirel.core.db import prepared
from noirel.core.events import OUTBOX, outbox_row, run_in_transaction_handlers
from noirel.inventory import services as inventory
from noirel.orders.as_of import state_of
from noirel.orders.disputes import dispute_status_of
from noirel.orders.errors import MoveNotAllowed
from noirel.orders.lifecycle import EVENTS, PaymentStatus, Status, can_transition
from noirel.orders.models import Order, OrderEvent
from noirel.orders.selectors import lines_of

MESSAGES: dict[Status, str] = {
    Status.PAID: "Payment received.",
    Status.FULFILLED: "Packed.",
    Status.DELIVERED: "Delivered.",
    Status.CANCELLED: "Order cancelled.",
    Status.EXPIRED: "Not paid in time; the bottles went back on the shelf.",
}


def lock_order(order_id: int) -> Order:
    """The order, held until the transaction ends. Whoever changes an order or its payments takes this lock first."""
    (order,) = prepared.select(Order, "id = %s FOR UPDATE", order_id)
    return order


_SAVED = f"saved AS ({prepared.update_sql(Order)})"
_SAY = f"WITH {_SAVED} {prepared.insert_sql(OrderEvent)} RETURNING id"
_MOVE = f"{_SAVED}, {OUTBOX}, said AS ({prepared.insert_sql(OrderEvent)} RETURNING id)"
_MOVED = "SELECT id FROM said"


def transition(
    order: Order,
    to: Status,
    *,
    actor: str = "",
    message: str = "",
    at: datetime | None = None,
    alongside: Sequence[prepared.Statement] = (),
) -> OrderEvent | None:
    """Move a locked order, once, with its stock, its timeline and its event; alongside is written in the same statement.

    Moving to where it already is does nothing and answers None: ask before, if something goes alongside. Raises MoveNotAllowed
    for a move that is not in the table. Call inside the transaction that locked the order; every other change made to `order`
    before is saved with it.
    """
    current = Status(order.status)
    if current == to:
        return None
    if not can_transition(current, to):
        raise MoveNotAllowed(f"An order that is {current.label.lower()} can't become {to.label.lower()}.", order_status=current)
    now = at or timezone.now()
    order.status = to
    if to is Status.PAID:
        order.paid_at = order.paid_at or now
    if to is not Status.PENDING_PAYMENT:
        order.held_until = None
    name, payload = EVENTS[to], _payload(order, to, was=current, actor=actor)
    event = build_timeline_entry(order, name, message or MESSAGES[to], at=now, actor=actor)
    told = outbox_row(name, key=order.number, payload=payload)
    values = [prepared.row_json(order), told, prepared.rows_json(event)]
    ((event.pk,),) = prepared.execute_batch(*alongside, ctes=_MOVE, select=_MOVED, values=values)
    # Who listens takes the bag and the share of a drop. Checkout takes those before stock, and so do we: no deadlocks.
    run_in_transaction_handlers(name, payload)
    # Stock comes last: others wait for its rows.
    if to is Status.PAID:
        inventory.commit_sale(order.number)
    if to is Status.EXPIRED or (to is Status.CANCELLED and current is Status.PENDING_PAYMENT):
        inventory.release(order.number)
    if current is Status.PAID:  # who heard of it may have written on the order
        order.refresh_from_db()
    return event


def reopen(order: Order, message: str, *, actor: str) -> OrderEvent:
    """Save a locked order of which a parcel was unpacked: one that was packed in full is paid, and to be packed, again.

    The only move backwards, of an order that has not left. It has been announced as paid before, so that nobody is told again.
    """
    if order.status == Status.FULFILLED:
        order.status = Status.PAID
    return save_with_timeline_entry(order, "order.unpacked", message, actor=actor, is_public=False)


def save_with_timeline_entry(order: Order, type_: str, message: str, *, actor: str = "", is_public: bool = True) -> OrderEvent:
    """Save a locked order with a line of its timeline that says what it was for."""
    event = build_timeline_entry(order, type_, message, at=timezone.now(), actor=actor, is_public=is_public)
    ((event.pk,),) = prepared.execute(_SAY, prepared.row_json(order), prepared.rows_json(event))
    return event


def add_timeline_entry(order: Order, type_: str, message: str, *, actor: str = "", is_public: bool = True) -> OrderEvent:
    """Add a line to the order's timeline that is not a move. Save the order before: the line keeps what it is by then."""
    return write_event(order, type_, message, at=timezone.now(), actor=actor, is_public=is_public)


def write_event(order: Order, type_: str, message: str, *, at: datetime, actor: str = "", is_public: bool = True) -> OrderEvent:
    """Write a line of the timeline with what the order is from then on."""
    event = build_timeline_entry(order, type_, message, at=at, actor=actor, is_public=is_public)
    ((event.pk,),) = prepared.execute(_EVENT, prepared.rows_json(event))
    return event


_EVENT = f"{prepared.insert_sql(OrderEvent)} RETURNING id"


def build_timeline_entry(
    order: Order, type_: str, message: str, *, at: datetime, actor: str = "", is_public: bool = True
) -> OrderEvent:
    """A line of the timeline, not written down yet."""
    return OrderEvent(order=order, at=at, type=type_, message=message, actor=actor, is_public=is_public, state=state_of(order))


def _payload(order: Order, to: Status, *, was: Status, actor: str) -> dict[str, Any]:
    payload: dict[str, Any] = {"number": order.number, "was": str(was), "actor": actor}
    if to is Status.PAID:
        units: dict[str, int] = {}
        for line in lines_of(order):
            units[line.product_slug] = units.get(line.product_slug, 0) + line.quantity
        payload |= {"units": units, "samples": [sample["sku"] for sample in order.samples]}
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
                for line in lines_of(order)
            ],
        }
    return payload


def set_payments(order: Order, *, payments: list[dict[str, Any]], payment_status: PaymentStatus) -> None:
    """Keep on the order what the payments app knows, so that reading an order needs no other table. Not saved here."""
    order.payments = payments
    order.payment_status = payment_status
    order.dispute_status = dispute_status_of(order.payments, order.disputes)


def set_disputes(order: Order, *, disputes: list[dict[str, Any]]) -> None:
    """The same for disputes. Not saved here."""
    order.disputes = disputes
    order.dispute_status = dispute_status_of(order.payments, order.disputes)
