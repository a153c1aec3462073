"""Reconstruction of an order at an earlier moment, from the states stored on its timeline."""

import copy
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime

from noirel.core.domain.errors import NotFound
from noirel.orders.disputes import dispute_status_of
from noirel.orders.models import Order, OrderLine, Shipment
from noirel.orders.selectors import OrderDetail

MUTABLE_FIELDS = ("status", "payment_status", "fulfilment_status", "payments", "refunds", "disputes")
MUTABLE_INSTANTS = ("paid_at", "held_until")


def state_of(order: Order) -> dict[str, Any]:
    """Return the fields of an order that can change. All others are frozen when it is placed."""
    return {name: getattr(order, name) for name in (*MUTABLE_FIELDS, *MUTABLE_INSTANTS)}


def as_of(record: OrderDetail, at: datetime) -> OrderDetail:
    """Return the order with its lines, timeline and parcels as they were at that moment, without saving anything.

    Exact to the last timeline entry by then. Raises NotFound for a moment before the order was placed.
    """
    events = [event for event in record.events if event.at <= at]
    if not events:
        raise NotFound("The order did not exist yet.")
    order = copy.copy(record.order)
    for name, value in events[-1].state.items():
        if name in MUTABLE_FIELDS:
            setattr(order, name, value)
        elif name in MUTABLE_INSTANTS:
            setattr(order, name, parse_datetime(value) if value else value)
    order.dispute_status = dispute_status_of(order.payments, order.disputes)
    shipments = [_parcel(shipment, at) for shipment in record.shipments if shipment.created_at <= at]
    packed_quantities: dict[Any, int] = {}
    for shipment in shipments:
        for part in shipment.lines.all():
            packed_quantities[part.line_id] = packed_quantities.get(part.line_id, 0) + part.quantity
    return OrderDetail(
        order=order,
        lines=[_line(line, packed_quantities.get(line.pk, 0)) for line in record.lines],
        events=events,
        shipments=shipments,
    )


def _parcel(shipment: Shipment, at: datetime) -> Shipment:
    copied = copy.copy(shipment)
    if copied.shipped_at is None or copied.shipped_at > at:
        copied.shipped_at, copied.carrier, copied.tracking_number, copied.tracking_url = None, "", "", ""
    if copied.delivered_at is not None and copied.delivered_at > at:
        copied.delivered_at = None
    return copied


def _line(line: OrderLine, fulfilled_quantity: int) -> OrderLine:
    copied = copy.copy(line)
    copied.fulfilled_quantity = fulfilled_quantity
    copied.returned_quantity = min(copied.returned_quantity, fulfilled_quantity)
    return copied
