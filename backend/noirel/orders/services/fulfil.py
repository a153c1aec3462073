"""From the shelf to the doorstep: pack, hand over, arrive."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from noirel.core import audit
from noirel.core.events import publish
from noirel.core.viewer import Viewer
from noirel.orders.disputes import check_dispatch
from noirel.orders.errors import MoveNotAllowed, NothingToFulfil
from noirel.orders.lifecycle import FulfilmentStatus, Status, fulfilment_of
from noirel.orders.models import Order, OrderLine, Shipment, ShipmentLine
from noirel.orders.services.move import lock_order, move, say


@transaction.atomic
def fulfil_order(
    viewer: Viewer, order: Order, *, lines: Iterable[Mapping[str, Any]], force: bool = False, **parcel: str
) -> Order:
    """Pack the units named into a parcel; with a carrier or a tracking number it ships at once.

    Raises MoveNotAllowed for an order that is not paid, NothingToFulfil for more than is left; DisputeOpen or DisputeLost,
    as check_dispatch does, which force overrides. Locks the order.
    """
    locked = lock_order(order.pk)
    if locked.status not in {Status.PAID, Status.FULFILLED}:
        raise MoveNotAllowed("Only a paid order is packed.", order_status=locked.status)
    check_dispatch(locked, force=force)
    rows = {row.pk: row for row in OrderLine.objects.filter(order=locked)}
    wanted = {line["id"]: line["quantity"] for line in lines if line["quantity"]}
    too_many = [
        str(pk) for pk, units in wanted.items()
        if pk not in rows or units > rows[pk].unsent_quantity
    ]  # fmt: skip
    if too_many or not wanted:
        raise NothingToFulfil("There are not that many units left to pack.", lines=too_many)
    shipment = Shipment.objects.create(order=locked)
    for pk, units in wanted.items():
        rows[pk].fulfilled_quantity += units
    OrderLine.objects.bulk_update([rows[pk] for pk in wanted], ["fulfilled_quantity"])
    ShipmentLine.objects.bulk_create(
        ShipmentLine(shipment=shipment, line=rows[pk], quantity=units) for pk, units in wanted.items()
    )
    before = locked.fulfilment_status
    locked.fulfilment_status = fulfilment_of(
        [(row.quantity - row.cancelled_quantity, row.fulfilled_quantity, row.returned_quantity) for row in rows.values()]
    )
    actor = viewer.name
    if locked.fulfilment_status == FulfilmentStatus.FULFILLED:
        move(locked, Status.FULFILLED, actor=actor)
    else:
        locked.save()
        say(locked, "order.packed", f"{sum(wanted.values())} packed, more to follow.", actor=actor)
    if parcel:
        _hand_over(locked, [shipment], actor=actor, **parcel)
    audit.record(
        actor=viewer, action="orders.fulfil", target=f"order:{locked.number}",
        before={"fulfilment_status": before}, after={"fulfilment_status": locked.fulfilment_status},
    )  # fmt: skip
    return locked


@transaction.atomic
def ship_order(viewer: Viewer, order: Order, *, carrier: str, tracking_number: str, tracking_url: str = "") -> Order:
    """Hand every packed parcel that is still here to the carrier. Locks the order. Raises NothingToFulfil for none."""
    locked = lock_order(order.pk)
    waiting = list(Shipment.objects.filter(order=locked, shipped_at__isnull=True))
    if not waiting:
        raise NothingToFulfil("No packed parcel is waiting to be shipped.")
    _hand_over(locked, waiting, actor=viewer.name, carrier=carrier, tracking_number=tracking_number, tracking_url=tracking_url)
    audit.record(
        actor=viewer,
        action="orders.ship",
        target=f"order:{locked.number}",
        after={"carrier": carrier, "tracking": tracking_number},
    )
    return locked


@transaction.atomic
def deliver_order(viewer: Viewer, order: Order) -> Order:
    """Note that everything has arrived. Raises MoveNotAllowed before all of it is on its way. A second time changes nothing."""
    locked = lock_order(order.pk)
    if locked.status == Status.DELIVERED:
        return locked
    if Shipment.objects.filter(order=locked, shipped_at__isnull=True).exists():
        raise MoveNotAllowed("A parcel of this order has not been shipped yet.", order_status=locked.status)
    move(locked, Status.DELIVERED, actor=viewer.name)
    Shipment.objects.filter(order=locked, delivered_at__isnull=True).update(delivered_at=timezone.now())
    audit.record(actor=viewer, action="orders.deliver", target=f"order:{locked.number}", after={"status": locked.status})
    return locked


@transaction.atomic
def add_note(viewer: Viewer, order: Order, *, text: str) -> Order:
    """Keep a colleague's remark with the order, for staff only."""
    locked = lock_order(order.pk)
    say(locked, "note", text, actor=viewer.name, is_public=False)
    locked.save(update_fields=["updated_at"])
    audit.record(actor=viewer, action="orders.note", target=f"order:{locked.number}", after={"text": text})
    return locked


def _hand_over(
    order: Order, shipments: list[Shipment], *, actor: str, carrier: str = "", tracking_number: str = "", tracking_url: str = ""
) -> None:
    now = timezone.now()
    Shipment.objects.filter(pk__in=[shipment.pk for shipment in shipments]).update(
        carrier=carrier, tracking_number=tracking_number, tracking_url=tracking_url, shipped_at=now
    )
    order.save(update_fields=["updated_at"])
    how = " ".join(part for part in (carrier, tracking_number) if part)
    say(order, "order.shipped", f"On its way: {how}.", actor=actor)
    publish("order.shipped", key=order.number, payload={"number": order.number})
