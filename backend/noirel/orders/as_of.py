"""An order as it was at a moment, from what its timeline kept."""

import copy
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime

from noirel.core.domain.errors import NotFound
from noirel.orders.disputes import dispute_status_of
from noirel.orders.models import Order, OrderLine, Shipment
from noirel.orders.selectors import OrderDetail

MOVING = ("status", "payment_status", "fulfilment_status", "payments", "refunds", "disputes")
INSTANTS = ("paid_at", "held_until")


def state_of(order: Order) -> dict[str, Any]:
    """What can change about an order; the rest of it was frozen when it was placed."""
    return {name: getattr(order, name) for name in (*MOVING, *INSTANTS)}


def as_of(record: OrderDetail, at: datetime) -> OrderDetail:
    """The order with its lines, timeline and parcels as a reader saw them at that moment; nothing is saved.

    Exact to the last event of its timeline by then. Raises NotFound for a moment before it was placed.
    """
    events = [event for event in record.events if event.at <= at]
    if not events:
        raise NotFound("There was no such order yet.")
    order = copy.copy(record.order)
    for name, value in events[-1].state.items():
        if name in MOVING:
            setattr(order, name, value)
        elif name in INSTANTS:
            setattr(order, name, parse_datetime(value) if value else value)
    order.dispute_status = dispute_status_of(order.payments, order.disputes)
    shipments = [_parcel(shipment, at) for shipment in record.shipments if shipment.created_at <= at]
    packed: dict[Any, int] = {}
    for shipment in shipments:
        for part in shipment.lines.all():
            packed[part.line_id] = packed.get(part.line_id, 0) + part.quantity
    return OrderDetail(
        order=order,
        lines=[_line(line, packed.get(line.pk, 0)) for line in record.lines],
        events=events,
        shipments=shipments,
    )


def _parcel(shipment: Shipment, at: datetime) -> Shipment:
    was = copy.copy(shipment)
    if was.shipped_at is None or was.shipped_at > at:
        was.shipped_at, was.carrier, was.tracking_number, was.tracking_url = None, "", "", ""
    if was.delivered_at is not None and was.delivered_at > at:
        was.delivered_at = None
    return was


def _line(line: OrderLine, packed: int) -> OrderLine:
    was = copy.copy(line)
    was.fulfilled_quantity = packed
    was.returned_quantity = min(was.returned_quantity, packed)
    return was
