"""Fulfilment: units are packed into parcels, parcels ship, parcels are delivered.

Stock leaves when a parcel ships. Until then its units are on hand and committed to their order.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from noirel.core import audit_log
from noirel.core.events import publish
from noirel.core.http.idempotency import made_by
from noirel.core.viewer import Viewer
from noirel.inventory import services as inventory
from noirel.orders.disputes import check_dispatch
from noirel.orders.errors import NothingToFulfil, TransitionNotAllowed
from noirel.orders.lifecycle import FulfilmentStatus, Status, fulfilment_of
from noirel.orders.models import Order, OrderLine, Shipment, ShipmentLine
from noirel.orders.selectors import parcels_of
from noirel.orders.services.transition import add_timeline_entry, lock_order, reopen, transition


@transaction.atomic
def fulfil_order(
    viewer: Viewer,
    order: Order,
    *,
    lines: Iterable[Mapping[str, Any]],
    force: bool = False,
    key: str = "",
    **tracking: str,
) -> Order:
    """Pack units into a new parcel; with a carrier or tracking number it ships at once.

    `lines` are {id, quantity}. `key` identifies the request (`idempotency.request_key`): if a request is repeated after its
    process died, the parcel it packed is found and no second one is packed; with another body it raises KeyReused.

    Raises TransitionNotAllowed for an order that is not paid, NothingToFulfil for more units than are left; DisputeOpen or
    DisputeLost as check_dispatch does, which `force` overrides. Locks the order, then the stock of what ships.
    """
    locked = lock_order(order.pk)
    if key and made_by(key, Shipment.objects.filter(order=locked)):
        return locked
    if locked.status not in {Status.PAID, Status.FULFILLED}:
        raise TransitionNotAllowed("Only a paid order is packed.", order_status=locked.status)
    check_dispatch(locked, force=force)
    rows = {row.pk: row for row in OrderLine.objects.filter(order=locked)}
    quantities: dict[Any, int] = {}
    for line in lines:
        quantities[line["id"]] = quantities.get(line["id"], 0) + line["quantity"]
    too_many = [
        str(pk) for pk, units in quantities.items()
        if pk not in rows or units > rows[pk].unsent_quantity
    ]  # fmt: skip
    if too_many or not quantities:
        raise NothingToFulfil("There are not that many units left to pack.", lines=too_many)
    shipment = Shipment.objects.create(order=locked, key=key)
    for pk, units in quantities.items():
        rows[pk].fulfilled_quantity += units
    OrderLine.objects.bulk_update([rows[pk] for pk in quantities], ["fulfilled_quantity"])
    ShipmentLine.objects.bulk_create(
        ShipmentLine(shipment=shipment, line=rows[pk], quantity=units) for pk, units in quantities.items()
    )
    before = locked.fulfilment_status
    locked.fulfilment_status = fulfilment_of(
        [(row.quantity - row.cancelled_quantity, row.fulfilled_quantity, row.returned_quantity) for row in rows.values()]
    )
    if locked.fulfilment_status == FulfilmentStatus.FULFILLED:
        transition(locked, Status.FULFILLED, actor=viewer.name)
    else:
        locked.save()
        message = f"{_units(sum(quantities.values()))} packed; the rest will follow."
        add_timeline_entry(locked, "order.packed", message, actor=viewer.name)
    audit_log.record(
        actor=viewer, action="orders.fulfil", target=f"order:{locked.number}",
        before={"fulfilment_status": before},
        after={
            "fulfilment_status": locked.fulfilment_status,
            "lines": [{"sku": rows[pk].sku, "quantity": units} for pk, units in quantities.items()],
        },
    )  # fmt: skip
    if tracking:
        _ship(viewer, locked, [shipment], **tracking)
    return locked


@transaction.atomic
def ship_order(
    viewer: Viewer, order: Order, *, carrier: str, tracking_number: str = "", tracking_url: str = "", force: bool = False
) -> Order:
    """Hand every packed parcel of an order to the carrier.

    Raises NothingToFulfil if there is none; DisputeOpen or DisputeLost as check_dispatch does, which `force` overrides. Locks
    the order, then the stock of what ships.
    """
    locked = lock_order(order.pk)
    waiting = [parcel for parcel in parcels_of(locked) if parcel.shipped_at is None]
    if not waiting:
        raise NothingToFulfil("No packed parcel is waiting to be shipped.")
    check_dispatch(locked, force=force, is_packed=True)
    _ship(viewer, locked, waiting, carrier=carrier, tracking_number=tracking_number, tracking_url=tracking_url)
    return locked


@transaction.atomic
def ship_parcel(
    viewer: Viewer, parcel: Shipment, *, carrier: str, tracking_number: str = "", tracking_url: str = "", force: bool = False
) -> Order:
    """Hand one packed parcel to the carrier, or correct the tracking of one in transit.

    Repeating the same tracking changes nothing. Raises NothingToFulfil if the parcel was emptied, TransitionNotAllowed once it
    was delivered; DisputeOpen or DisputeLost for a parcel that has not shipped, as check_dispatch does, which `force`
    overrides. Locks the order, then the stock of what ships.
    """
    locked = lock_order(parcel.order_id)
    row = next((candidate for candidate in parcels_of(locked) if candidate.pk == parcel.pk), None)
    if row is None:
        raise NothingToFulfil("This parcel is empty: what was in it was unpacked or refunded.")
    tracking = {"carrier": carrier, "tracking_number": tracking_number, "tracking_url": tracking_url}
    if row.shipped_at is None:
        check_dispatch(locked, force=force, is_packed=True)
        _ship(viewer, locked, [row], **tracking)
        return locked
    before = {name: getattr(row, name) for name in tracking}
    if before == tracking:
        return locked
    if row.delivered_at is not None:
        raise TransitionNotAllowed("This parcel was delivered.", order_status=locked.status)
    Shipment.objects.filter(pk=row.pk).update(**tracking)
    locked.save(update_fields=["updated_at"])
    add_timeline_entry(locked, "order.tracking_changed", f"New tracking: {_tracking_text(**tracking)}.", actor=viewer.name)
    payload = {"number": locked.number, "shipment": str(row.pk), "tracking_number": tracking_number}
    publish("order.tracking_changed", key=locked.number, payload=payload)
    audit_log.record(
        actor=viewer, action="orders.tracking", target=f"order:{locked.number}",
        before=before, after=tracking | {"shipment": str(row.pk)},
    )  # fmt: skip
    return locked


@transaction.atomic
def unpack_parcel(viewer: Viewer, parcel: Shipment) -> Order:
    """Take everything out of a parcel that has not shipped, so that its units can be packed again, refunded or cancelled.

    Stock does not change: packed units stay on hand and committed to the order. An order that was packed in full becomes paid
    again. Repeating it changes nothing. Raises TransitionNotAllowed once the parcel has shipped. Locks the order.
    """
    locked = lock_order(parcel.order_id)
    row = Shipment.objects.get(pk=parcel.pk)
    if row.shipped_at is not None:
        raise TransitionNotAllowed("This parcel has left already.", order_status=locked.status)
    parts = [part for part in row.lines.select_related("line") if part.left]
    if not parts:
        return locked
    units_by_sku: dict[str, int] = {}
    for part in parts:
        units_by_sku[part.line.sku] = units_by_sku.get(part.line.sku, 0) + part.left
    for part in parts:
        part.line.fulfilled_quantity -= part.left
        part.line.save(update_fields=["fulfilled_quantity"])
        # Units withdrawn by a refund stay recorded: they count as packed and returned.
        if part.withdrawn_quantity:
            part.quantity = part.withdrawn_quantity
            part.save(update_fields=["quantity"])
        else:
            part.delete()
    before = {"status": locked.status, "fulfilment_status": locked.fulfilment_status}
    locked.fulfilment_status = fulfilment_of(
        [
            (line.quantity - line.cancelled_quantity, line.fulfilled_quantity, line.returned_quantity)
            for line in OrderLine.objects.filter(order=locked)
        ]
    )
    units = sum(units_by_sku.values())
    reopen(locked, f"{_units(units)} unpacked.", actor=viewer.name)
    audit_log.record(
        actor=viewer, action="orders.unpack", target=f"order:{locked.number}", before=before,
        after={
            "status": locked.status, "fulfilment_status": locked.fulfilment_status, "shipment": str(row.pk),
            "lines": [{"sku": sku, "quantity": count} for sku, count in units_by_sku.items()],
        },
    )  # fmt: skip
    return locked


@transaction.atomic
def deliver_parcel(viewer: Viewer, parcel: Shipment) -> Order:
    """Mark a parcel as delivered, and the order too if it was packed in full and this was its last parcel.

    Repeating it changes nothing. Raises TransitionNotAllowed before the parcel has shipped. Locks the order.
    """
    locked = lock_order(parcel.order_id)
    row = Shipment.objects.get(pk=parcel.pk)
    if row.shipped_at is None:
        raise TransitionNotAllowed("This parcel has not been shipped yet.", order_status=locked.status)
    if row.delivered_at is None:
        Shipment.objects.filter(pk=row.pk).update(delivered_at=timezone.now())
        if not complete(locked, actor=viewer.name):
            locked.save(update_fields=["updated_at"])
            add_timeline_entry(locked, "order.parcel_delivered", "One of the parcels was delivered.", actor=viewer.name)
        audit_log.record(
            actor=viewer, action="orders.deliver", target=f"order:{locked.number}",
            after={"shipment": str(row.pk), "status": locked.status},
        )  # fmt: skip
    return locked


@transaction.atomic
def deliver_order(viewer: Viewer, order: Order) -> Order:
    """Mark all parcels of an order as delivered. Repeating it changes nothing.

    Raises TransitionNotAllowed before all of it has shipped. Locks the order.
    """
    locked = lock_order(order.pk)
    if locked.status == Status.DELIVERED:
        return locked
    if any(parcel.shipped_at is None for parcel in parcels_of(locked)):
        raise TransitionNotAllowed("A parcel of this order has not been shipped yet.", order_status=locked.status)
    transition(locked, Status.DELIVERED, actor=viewer.name)
    Shipment.objects.filter(order=locked, delivered_at__isnull=True, shipped_at__isnull=False).update(
        delivered_at=timezone.now()
    )
    audit_log.record(actor=viewer, action="orders.deliver", target=f"order:{locked.number}", after={"status": locked.status})
    return locked


def complete(order: Order, *, actor: str = "") -> bool:
    """Move a locked and saved order on: to fulfilled when nothing is left to pack, to delivered when all parcels were.

    Returns whether it became delivered. Units that were refunded instead of packed do not hold it back.
    """
    if order.status == Status.PAID and order.fulfilment_status == FulfilmentStatus.FULFILLED:
        transition(order, Status.FULFILLED, actor=actor, message="Nothing is left to pack.")
    parcels = parcels_of(order)
    if order.status == Status.FULFILLED and parcels and all(parcel.delivered_at for parcel in parcels):
        return transition(order, Status.DELIVERED, actor=actor) is not None
    return False


@transaction.atomic
def add_note(viewer: Viewer, order: Order, *, text: str) -> Order:
    """Add a note to the order's timeline, visible to staff only. Locks the order."""
    locked = lock_order(order.pk)
    add_timeline_entry(locked, "note", text, actor=viewer.name, is_public=False)
    locked.save(update_fields=["updated_at"])
    audit_log.record(actor=viewer, action="orders.note", target=f"order:{locked.number}", after={"text": text})
    return locked


def _ship(
    viewer: Viewer,
    order: Order,
    parcels: list[Shipment],
    *,
    carrier: str = "",
    tracking_number: str = "",
    tracking_url: str = "",
) -> None:
    tracking = {"carrier": carrier, "tracking_number": tracking_number, "tracking_url": tracking_url}
    Shipment.objects.filter(pk__in=[parcel.pk for parcel in parcels]).update(**tracking, shipped_at=timezone.now())
    order.save(update_fields=["updated_at"])
    text = _tracking_text(**tracking)
    add_timeline_entry(order, "order.shipped", f"On its way: {text}." if text else "On its way.", actor=viewer.name)
    publish("order.shipped", key=order.number, payload={"number": order.number})
    audit_log.record(
        actor=viewer,
        action="orders.ship",
        target=f"order:{order.number}",
        after={"carrier": carrier, "tracking": tracking_number, "shipments": [str(parcel.pk) for parcel in parcels]},
    )
    # Stock is locked last because its rows are contended.
    units = {parcel.pk: _units_in(parcel) for parcel in parcels}
    if len(parcels) > 1:
        inventory.lock_stock({variant_id for content in units.values() for variant_id in content})
    for shipment, content in units.items():
        inventory.dispatch(order.number, content, shipment=shipment, actor=viewer.name)


def _units_in(parcel: Shipment) -> dict[int, int]:
    """Return the units in a parcel by variant id."""
    units: dict[int, int] = {}
    for part in parcel.lines.select_related("line"):
        units[part.line.variant_id] = units.get(part.line.variant_id, 0) + part.left
    return {variant_id: count for variant_id, count in units.items() if count}


def _units(count: int) -> str:
    return "1 unit" if count == 1 else f"{count} units"


def _tracking_text(*, carrier: str = "", tracking_number: str = "", tracking_url: str = "") -> str:
    return " ".join(part for part in (carrier, tracking_number) if part)
