"""Queries of orders, including access checks."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone

from noirel.core.db import prepared
from noirel.core.domain.errors import FieldError, Invalid, NotFound
from noirel.core.viewer import Viewer
from noirel.orders.lifecycle import DISPATCH_BLOCKED, DisputeStatus, PaymentStatus, Status
from noirel.orders.models import Order, OrderEvent, OrderLine, Shipment, ShipmentLine
from noirel.orders.tokens import is_valid_token, token_for

VIEW_ORDERS = "orders.view"
VIEWS = ["unfulfilled", "to_engrave", "to_ship", "in_transit", "gift", "to_capture", "released", "disputed", "dispute_lost"]

# Work lists of staff: views of the order list and counts on the dashboard.
TO_PACK = Q(status=Status.PAID) & ~Q(dispute_status__in=sorted(DISPATCH_BLOCKED))
TO_CAPTURE = Q(status=Status.PENDING_PAYMENT, payment_status=PaymentStatus.AUTHORIZED)
# Authorized, not captured in time, and released by the bank.
RELEASED = Q(status=Status.EXPIRED, payments__contains=[{"status": "failed", "error_reason": "let_go"}])
RELEASED_SHOWN = timedelta(days=14)
# Under review by the bank, or lost and not cancelled yet.
LOST = Q(dispute_status=DisputeStatus.LOST)
DISPUTED = Q(dispute_status=DisputeStatus.OPEN) | (LOST & Q(status=Status.PAID))


def order_for(viewer: Viewer, number: str, *, token: str = "") -> Order:
    """Return an order that the viewer may see, as its buyer, by its link's token or as staff.

    Raises NotFound for anybody else, so that the existence of an order is not disclosed.
    """
    return _find(viewer, number, token, is_staff_allowed=viewer.has(VIEW_ORDERS))


def own_order_for(viewer: Viewer, number: str, *, token: str = "") -> Order:
    """Return an order for its buyer or the holder of its link, who may pay for or cancel it.

    Staff permissions do not count here; staff endpoints check permissions of their own. Raises NotFound.
    """
    return _find(viewer, number, token, is_staff_allowed=False)


def _find(viewer: Viewer, number: str, token: str, *, is_staff_allowed: bool) -> Order:
    order = next(iter(prepared.select(Order, "number = %s", number.upper())), None)
    if order is None or not (_has_link(order, token) or _is_owner(viewer, order) or is_staff_allowed):
        raise NotFound("There is no such order.")
    return order


def _has_link(order: Order, token: str) -> bool:
    return bool(token) and is_valid_token(
        token, order.number, version=order.link_version, placed_at=order.placed_at, at=timezone.now()
    )  # fmt: skip


def link_token(order: Order) -> str:
    """Return a new token for a link to this order.

    For the checkout that placed it and for mails to its address only.
    """
    return token_for(order.number, version=order.link_version, at=timezone.now())


@dataclass
class OrderDetail:
    """An order with its lines, timeline and parcels loaded."""

    order: Order
    lines: list[OrderLine]
    events: list[OrderEvent]
    shipments: list[Shipment]


def order_detail(order: Order) -> OrderDetail:
    """Load everything a page about the order needs: two queries, four once something was packed."""
    lines = lines_of(order)
    packed_lines = any(line.fulfilled_quantity for line in lines)
    return OrderDetail(
        order=order,
        lines=lines,
        events=prepared.select(OrderEvent, "order_id = %s ORDER BY id", order.pk),
        shipments=list(Shipment.objects.filter(order=order).prefetch_related("lines")) if packed_lines else [],
    )


def parcels_of(order: Order) -> list[Shipment]:
    """Return the order's non-empty parcels with their lines, oldest first."""
    parcels = Shipment.objects.filter(order=order).prefetch_related("lines")
    return [parcel for parcel in parcels if any(part.left for part in parcel.lines.all())]


def parcel_by_id(parcel_id: UUID) -> Shipment:
    """Return a parcel of any order, for staff. Raises NotFound."""
    parcel = Shipment.objects.filter(pk=parcel_id).select_related("order").first()
    if parcel is None:
        raise NotFound("There is no such parcel.")
    return parcel


def lines_of(order: Order) -> list[OrderLine]:
    """Return the lines of an order by position."""
    return prepared.select(OrderLine, "order_id = %s ORDER BY position", order.pk)


def orders_of(viewer: Viewer) -> QuerySet[Order]:
    """Return the viewer's own orders with their lines, newest first."""
    return Order.objects.filter(user__isnull=False, user=viewer.user_id).prefetch_related(
        Prefetch("lines", OrderLine.objects.order_by("position"))
    )


def orders_for_staff(
    *,
    status: Iterable[str] = (),
    payment_status: Iterable[str] = (),
    fulfilment_status: Iterable[str] = (),
    q: str = "",
    placed_after: datetime | None = None,
    placed_before: datetime | None = None,
    view: str = "",
) -> QuerySet[Order]:
    """Return orders filtered for staff, with their lines. `q` matches number, e-mail, customer name and SKU."""
    orders = Order.objects.prefetch_related(Prefetch("lines", OrderLine.objects.order_by("position")))
    if status:
        orders = orders.filter(status__in=list(status))
    if payment_status:
        orders = orders.filter(payment_status__in=list(payment_status))
    if fulfilment_status:
        orders = orders.filter(fulfilment_status__in=list(fulfilment_status))
    if placed_after:
        orders = orders.filter(placed_at__gte=placed_after)
    if placed_before:
        orders = orders.filter(placed_at__lt=placed_before)
    if q:
        lines = OrderLine.objects.filter(sku__iexact=q).values("order_id")
        orders = orders.filter(Q(number__icontains=q) | Q(email__icontains=q) | Q(customer_name__icontains=q) | Q(pk__in=lines))
    return orders.filter(in_view(view)) if view else orders


def in_view(view: str) -> Q:
    """Return the condition of one of staff's work lists, which selects the orders that need its action. Raises Invalid."""
    unsent = OrderLine.objects.filter(order=OuterRef("pk"), quantity__gt=F("cancelled_quantity") + F("fulfilled_quantity"))
    parcels = ShipmentLine.objects.filter(shipment__order=OuterRef("pk"), quantity__gt=F("withdrawn_quantity"))
    packed_lines = parcels.filter(shipment__shipped_at=None)
    disputed = DISPUTED | (LOST & Q(Exists(packed_lines), status=Status.FULFILLED))
    match view:
        case "unfulfilled":
            return TO_PACK & Q(Exists(unsent))
        case "to_engrave":
            return TO_PACK & Q(Exists(unsent.exclude(engraving="")))
        case "to_ship":
            is_blocked = Q(dispute_status__in=sorted(DISPATCH_BLOCKED))
            return Q(Exists(packed_lines), status__in=[Status.PAID, Status.FULFILLED]) & ~is_blocked
        case "in_transit":
            return Q(Exists(parcels.filter(shipment__shipped_at__isnull=False, shipment__delivered_at=None)))
        case "to_capture":
            return TO_CAPTURE
        case "released":
            return RELEASED & Q(placed_at__gte=timezone.now() - RELEASED_SHOWN)
        case "disputed":
            return disputed
        case "dispute_lost":
            return disputed & Q(dispute_status=DisputeStatus.LOST)
        case "gift":
            return Q(gift__wrap=True)
    raise Invalid(errors=[FieldError("view", "invalid_choice", f"One of {', '.join(VIEWS)}.")])


def orders_count_of(order: Order) -> int:
    """Return how many orders this buyer has, by account or else by e-mail address."""
    same_buyer = Q(user_id=order.user_id) if order.user_id else Q(email=order.email)
    return Order.objects.filter(same_buyer).count()


def unpaid_since(now: datetime, *, limit: int) -> list[Order]:
    """Return unpaid orders whose hold has ended, oldest first."""
    due = Order.objects.filter(status=Status.PENDING_PAYMENT, held_until__lte=now)
    return list(due.order_by("held_until")[:limit])


def is_under_way(order: Order) -> bool:
    """Whether a payment is about to be captured. With manual capture it may still be released."""
    return order.payment_status == PaymentStatus.AUTHORIZED and settings.CAPTURE_MODE == "automatic"


def _is_owner(viewer: Viewer, order: Order) -> bool:
    return viewer.user_id is not None and order.user_id == viewer.user_id
