"""Order endpoints for staff."""

from datetime import date, datetime
from typing import Any, NoReturn
from uuid import UUID

from django.utils.dateparse import parse_date, parse_datetime
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from noirel.core.domain.errors import FieldError, Invalid
from noirel.core.events import prepare
from noirel.core.http import (
    APIView,
    In,
    Request,
    TextField,
    check_if_match,
    choice_param,
    choices_param,
    day_param,
    page_of,
    paginate,
    without_body,
)
from noirel.core.http.idempotency import idempotent, request_key
from noirel.core.http.strict import is_date, is_instant
from noirel.core.shop_time import day_start, in_shop_zone
from noirel.orders.activity import Activity, with_activity
from noirel.orders.models import Order
from noirel.orders.selectors import VIEWS, order_for, orders_for_staff, parcel_by_id
from noirel.orders.services.cancel import cancel_order
from noirel.orders.services.fulfil import (
    add_note,
    deliver_order,
    deliver_parcel,
    fulfil_order,
    ship_order,
    ship_parcel,
    unpack_parcel,
)
from noirel.orders.services.lookup import revoke_links
from noirel.orders.shapes import (
    FULFILMENT_STATUSES,
    PAYMENT_STATUSES,
    STATUSES,
)
from noirel.orders.staff_shapes import (
    AdminOrderCardOut,
    AdminOrderOut,
    admin_card_json,
    admin_order_json,
    order_etag,
    tagged_response,
)

SORTS = {
    "-placed_at": ["-placed_at", "-id"],
    "placed_at": ["placed_at", "id"],
    "-total": ["-total_amount", "-id"],
    "total": ["total_amount", "id"],
}
# For orders waiting for capture: the hold of an authorized order ends with its authorization.
BY_DEADLINE = ["held_until", "id"]


class FulfilLineIn(In):
    id = serializers.UUIDField()
    quantity = serializers.IntegerField(min_value=1)


class FulfilIn(In):
    # Required: a request whose body was lost on the way must not send the whole order.
    lines = serializers.ListField(child=FulfilLineIn(), min_length=1)
    force = serializers.BooleanField(default=False, help_text="Proceed although the payment is disputed.")
    carrier = TextField(max_length=80, required=False)
    tracking_number = TextField(max_length=80, required=False)
    tracking_url = serializers.URLField(required=False)


class ShipIn(In):
    carrier = TextField(max_length=80)
    tracking_number = TextField(max_length=80)
    tracking_url = serializers.URLField(required=False, allow_blank=True, default="")
    lines = serializers.ListField(child=FulfilLineIn(), required=False, min_length=1)
    force = serializers.BooleanField(default=False, help_text="Proceed although the payment is disputed.")


class ShipParcelIn(In):
    carrier = serializers.CharField(max_length=80)
    tracking_number = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")
    tracking_url = serializers.URLField(required=False, allow_blank=True, default="")
    force = serializers.BooleanField(default=False, help_text="Proceed although the payment is disputed.")


class StaffCancelIn(In):
    reason = TextField(max_length=200, help_text="The buyer sees it on the order's timeline.")
    note = TextField(multiline=True, max_length=2000, required=False, allow_blank=True, default="", help_text="For staff.")


class NoteIn(In):
    text = TextField(multiline=True, max_length=2000)


class AdminOrdersView(APIView):
    permission = "orders.view"

    @extend_schema(
        parameters=[
            OpenApiParameter("status", str, many=True, enum=STATUSES),
            OpenApiParameter("payment_status", str, many=True, enum=PAYMENT_STATUSES),
            OpenApiParameter("fulfilment_status", str, many=True, enum=FULFILMENT_STATUSES),
            OpenApiParameter("q", str),
            OpenApiParameter("placed_after", str),
            OpenApiParameter("placed_before", str),
            OpenApiParameter("view", str, enum=VIEWS),
            OpenApiParameter(
                "activity", str, enum=Activity.values, description="Orders with sales or refunds on the days `from` to `to`."
            ),
            OpenApiParameter(
                "from", OpenApiTypes.DATE, description="First day, in the shop's time zone; required with `activity`."
            ),
            OpenApiParameter("to", OpenApiTypes.DATE, description="Last day (inclusive); required with `activity`."),
            OpenApiParameter("sort", str, enum=list(SORTS)),
            OpenApiParameter("limit", int),
            OpenApiParameter("cursor", str),
        ],
        responses=page_of(AdminOrderCardOut),
    )
    def get(self, request: Request) -> Response:
        params = request.query_params
        view = choice_param(request, "view", VIEWS) or ""
        sort = choice_param(request, "sort", SORTS)
        order = SORTS[sort] if sort else BY_DEADLINE if view == "to_capture" else SORTS["-placed_at"]
        orders = orders_for_staff(
            status=choices_param(request, "status", STATUSES),
            payment_status=choices_param(request, "payment_status", PAYMENT_STATUSES),
            fulfilment_status=choices_param(request, "fulfilment_status", FULFILMENT_STATUSES),
            q=params.get("q", "").replace("\x00", "").strip(),
            placed_after=_instant(request, "placed_after"),
            placed_before=_instant(request, "placed_before"),
            view=view,
        )
        if activity := choice_param(request, "activity", Activity.values):
            orders = with_activity(orders, Activity(activity), first=_day(request, "from"), last=_day(request, "to"))
        return Response(paginate(orders, request, order=order, out=admin_card_json))


class AdminOrderView(APIView):
    permission = "orders.view"

    @extend_schema(parameters=[OpenApiParameter("at", OpenApiTypes.DATETIME)], responses=AdminOrderOut)
    def get(self, request: Request, number: str) -> Response:
        order = order_for(request.viewer, number)
        at = _instant(request, "at")
        return tagged_response(order) if at is None else Response(admin_order_json(order, at=at))


class _OrderActionView(APIView):
    """Base of the actions of staff on an order, which return the updated order. A stale If-Match is answered with 412."""

    if_match = frozenset({"POST"})
    permission = "orders.edit"

    def check_replay(self, request: Request, **path: Any) -> None:
        order_for(request.viewer, path["number"] if "number" in path else parcel_by_id(path["parcel_id"]).order.number)

    def opened(self, request: Request, number: str) -> Order:
        order = order_for(request.viewer, number)
        if "If-Match" in request.headers:
            check_if_match(request, order_etag(order))
        return order


class FulfilView(_OrderActionView):
    @idempotent
    @extend_schema(request=FulfilIn, responses=AdminOrderOut)
    def post(self, request: Request, number: str) -> Response:
        order = self.opened(request, number)
        values = FulfilIn.checked(request.data)
        prepare("order.dispatch", payload={"number": order.number})
        return tagged_response(fulfil_order(request.viewer, order, key=request_key(request, order.number), **values))


class ShipView(_OrderActionView):
    @idempotent
    @extend_schema(request=ShipIn, responses=AdminOrderOut)
    def post(self, request: Request, number: str) -> Response:
        order = self.opened(request, number)
        values = ShipIn.checked(request.data)
        lines, force = values.pop("lines", None), values.pop("force")
        prepare("order.dispatch", payload={"number": order.number})
        if lines is not None:
            return tagged_response(
                fulfil_order(request.viewer, order, lines=lines, force=force, key=request_key(request, order.number), **values)
            )
        return tagged_response(ship_order(request.viewer, order, force=force, **values))


class DeliverView(_OrderActionView):
    @idempotent
    @without_body(responses=AdminOrderOut)
    def post(self, request: Request, number: str) -> Response:
        return tagged_response(deliver_order(request.viewer, self.opened(request, number)))


class ShipParcelView(_OrderActionView):
    """Hand one packed parcel to the carrier, or correct the tracking of one in transit."""

    @idempotent
    @extend_schema(request=ShipParcelIn, responses=AdminOrderOut)
    def post(self, request: Request, parcel_id: UUID) -> Response:
        parcel = parcel_by_id(parcel_id)
        self.opened(request, parcel.order.number)
        values = ShipParcelIn.checked(request.data)
        prepare("order.dispatch", payload={"number": parcel.order.number})
        return tagged_response(ship_parcel(request.viewer, parcel, **values))


class UnpackParcelView(_OrderActionView):
    """Unpack a parcel that has not shipped. Its units can be packed again, refunded or cancelled."""

    @idempotent
    @without_body(responses=AdminOrderOut)
    def post(self, request: Request, parcel_id: UUID) -> Response:
        parcel = parcel_by_id(parcel_id)
        self.opened(request, parcel.order.number)
        return tagged_response(unpack_parcel(request.viewer, parcel))


class DeliverParcelView(_OrderActionView):
    """Mark one parcel as delivered."""

    @idempotent
    @without_body(responses=AdminOrderOut)
    def post(self, request: Request, parcel_id: UUID) -> Response:
        parcel = parcel_by_id(parcel_id)
        self.opened(request, parcel.order.number)
        return tagged_response(deliver_parcel(request.viewer, parcel))


class StaffCancelView(_OrderActionView):
    @idempotent
    @extend_schema(request=StaffCancelIn, responses=AdminOrderOut)
    def post(self, request: Request, number: str) -> Response:
        order = self.opened(request, number)
        values = StaffCancelIn.checked(request.data)
        may_refund = request.viewer.has("orders.refund")
        cancelled = cancel_order(request.viewer, order, actor=request.viewer.name, may_refund=may_refund, **values)
        return tagged_response(cancelled)


class RevokeLinksView(_OrderActionView):
    """Revoke every link to the order. `orders/lookup` mails a new one."""

    @idempotent
    @without_body(responses=AdminOrderOut)
    def post(self, request: Request, number: str) -> Response:
        return tagged_response(revoke_links(request.viewer, self.opened(request, number)))


class NotesView(_OrderActionView):
    @idempotent
    @extend_schema(request=NoteIn, responses={201: AdminOrderOut})
    def post(self, request: Request, number: str) -> Response:
        order = self.opened(request, number)
        updated = add_note(request.viewer, order, **NoteIn.checked(request.data))
        return tagged_response(updated, status=201)


def _day(request: Request, name: str) -> date:
    day = day_param(request, name)
    if day is None:
        raise Invalid(errors=[FieldError(name, "required", "A day like 2026-11-23.")])
    return day


def _instant(request: Request, name: str) -> datetime | None:
    text = request.query_params.get(name)
    if text is None:
        return None
    try:
        # An instant without an offset is in the shop's time zone.
        at = parse_datetime(text) if is_instant(text) or is_instant(f"{text}Z") else None
        if is_date(text) and (day := parse_date(text)):
            at = day_start(day)
        return in_shop_zone(at) if at else _refuse_instant(name)
    except (ValueError, OverflowError):
        return _refuse_instant(name)


def _refuse_instant(name: str) -> NoReturn:
    raise Invalid(errors=[FieldError(name, "invalid", "An instant like 2026-11-23T00:00:00Z, or a day of the shop.")])
