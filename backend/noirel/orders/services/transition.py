"""The only function that changes an order's status, and what has to happen in the same transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone

from noirel.core.db import prepared
from noirel.core.events import OUTBOX, outbox_row, run_in_transaction_handlers
from noirel.inventory import services as inventory
from noirel.orders.as_of import state_of
from noirel.orders.disputes import dispute_status_of
from noirel.orders.errors import TransitionNotAllowed
from noirel.orders.lifecycle import EVENTS, PaymentStatus, Status, can_transition
from noirel.orders.models import Order, OrderEvent
from noirel.orders.selectors import lines_of

MESSAGES: dict[Status, str] = {
    Status.PAID: "Payment received.",
    Status.FULFILLED: "Packed.",
    Status.DELIVERED: "Delivered.",
    Status.CANCELLED: "Order cancelled.",
    Status.EXPIRED: "Not paid in time; the items are available to others again.",
}


def lock_order(order_id: int) -> Order:
    """Return the order, locked until the transaction ends. Every change of an order or its payments takes this lock first."""
    (order,) = prepared.select(Order, "id = %s FOR UPDATE", order_id)
    return order


_SAVED = f"saved AS ({prepared.update_sql(Order)})"
_SAVE_WITH_ENTRY = f"WITH {_SAVED} {prepared.insert_sql(OrderEvent)} RETURNING id"
_TRANSITION = f"{_SAVED}, {OUTBOX}, timeline AS ({prepared.insert_sql(OrderEvent)} RETURNING id)"
_SELECT_ENTRY_ID = "SELECT id FROM timeline"


def transition(
    order: Order,
    to: Status,
    *,
    actor: str = "",
    message: str = "",
    at: datetime | None = None,
    alongside: Sequence[prepared.Statement] = (),
) -> OrderEvent | None:
    """Change the status of a locked order together with its stock, timeline entry and event.

    `alongside` statements are executed in the same round trip. If the order has this status already, nothing is done (not even
    `alongside`) and None is returned. Raises TransitionNotAllowed for a transition that is not in the table. Call inside the
    transaction that locked the order; other changes made to `order` before are saved too. Locks the order's stock last.
    """
    current = Status(order.status)
    if current == to:
        return None
    if not can_transition(current, to):
        raise TransitionNotAllowed(
            f"An order that is {current.label.lower()} can't become {to.label.lower()}.", order_status=current
        )
    now = at or timezone.now()
    order.status = to
    if to is Status.PAID:
        order.paid_at = order.paid_at or now
    if to is not Status.PENDING_PAYMENT:
        order.held_until = None
    name, payload = EVENTS[to], _payload(order, to, was=current, actor=actor)
    event = build_timeline_entry(order, name, message or MESSAGES[to], at=now, actor=actor)
    outbox_event = outbox_row(name, key=order.number, payload=payload)
    values = [prepared.row_json(order), outbox_event, prepared.rows_json(event)]
    ((event.pk,),) = prepared.execute_batch(*alongside, ctes=_TRANSITION, select=_SELECT_ENTRY_ID, values=values)
    # Handlers lock the cart and the share of a drop. Checkout locks those before stock; the same order here avoids deadlocks.
    run_in_transaction_handlers(name, payload)
    # Stock is locked last because its rows are contended.
    if to is Status.PAID:
        inventory.commit_sale(order.number)
    if to is Status.EXPIRED or (to is Status.CANCELLED and current is Status.PENDING_PAYMENT):
        inventory.release(order.number)
    if current is Status.PAID:  # a handler may have changed the order
        order.refresh_from_db()
    return event


def reopen(order: Order, message: str, *, actor: str) -> OrderEvent:
    """Save a locked order after one of its parcels was unpacked, changing its status from fulfilled back to paid.

    The only backward transition, for an order that has not shipped. It publishes no event, because the order was announced as
    paid before.
    """
    if order.status == Status.FULFILLED:
        order.status = Status.PAID
    return save_with_timeline_entry(order, "order.unpacked", message, actor=actor, is_public=False)


def save_with_timeline_entry(order: Order, type_: str, message: str, *, actor: str = "", is_public: bool = True) -> OrderEvent:
    """Save a locked order together with a timeline entry that describes the change."""
    event = build_timeline_entry(order, type_, message, at=timezone.now(), actor=actor, is_public=is_public)
    ((event.pk,),) = prepared.execute(_SAVE_WITH_ENTRY, prepared.row_json(order), prepared.rows_json(event))
    return event


def add_timeline_entry(order: Order, type_: str, message: str, *, actor: str = "", is_public: bool = True) -> OrderEvent:
    """Add a timeline entry that is not a status change. Save the order first: the entry stores its state."""
    return write_event(order, type_, message, at=timezone.now(), actor=actor, is_public=is_public)


def write_event(order: Order, type_: str, message: str, *, at: datetime, actor: str = "", is_public: bool = True) -> OrderEvent:
    """Insert a timeline entry with the order's current state."""
    event = build_timeline_entry(order, type_, message, at=at, actor=actor, is_public=is_public)
    ((event.pk,),) = prepared.execute(_EVENT, prepared.rows_json(event))
    return event


_EVENT = f"{prepared.insert_sql(OrderEvent)} RETURNING id"


def build_timeline_entry(
    order: Order, type_: str, message: str, *, at: datetime, actor: str = "", is_public: bool = True
) -> OrderEvent:
    """Return an unsaved timeline entry with the order's current state."""
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
    """Set the payments summary and statuses on the order, so that reading an order needs no other table. Does not save it."""
    order.payments = payments
    order.payment_status = payment_status
    order.dispute_status = dispute_status_of(order.payments, order.disputes)


def set_disputes(order: Order, *, disputes: list[dict[str, Any]]) -> None:
    """Set the disputes summary and status on the order. Does not save it."""
    order.disputes = disputes
    order.dispute_status = dispute_status_of(order.payments, order.disputes)
