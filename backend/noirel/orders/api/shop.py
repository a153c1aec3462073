"""Order endpoints for buyers."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from noirel.core.http import APIView, EmailField, In, Out, Request, TextField, page_of, paginate
from noirel.core.http.idempotency import idempotent
from noirel.orders.selectors import order_detail, order_for, orders_of, own_order_for
from noirel.orders.services.cancel import cancel_order
from noirel.orders.services.lookup import send_link
from noirel.orders.shapes import TOKEN, OrderCardOut, OrderOut, card_json, order_json


class CancelIn(In):
    reason = TextField(max_length=200, required=False, allow_blank=True, default="")


class LookupIn(In):
    number = serializers.CharField(max_length=20)
    email = EmailField()


class LookupOut(Out):
    detail = serializers.CharField()


class OrderView(APIView):
    @extend_schema(parameters=[TOKEN], responses=OrderOut)
    def get(self, request: Request, number: str) -> Response:
        order = order_for(request.viewer, number, token=request.query_params.get("token", ""))
        return Response(order_json(order_detail(order)))


class CancelView(APIView):
    def idempotency_subject(self, request: Request, **path: Any) -> str:
        order = own_order_for(request.viewer, path["number"], token=request.query_params.get("token", ""))
        return f"order {order.number}"

    @idempotent
    @extend_schema(parameters=[TOKEN], request=CancelIn, responses=OrderOut)
    def post(self, request: Request, number: str) -> Response:
        order = own_order_for(request.viewer, number, token=request.query_params.get("token", ""))
        cancelled = cancel_order(request.viewer, order, **CancelIn.checked(request.data or {}))
        return Response(order_json(order_detail(cancelled)))


class LookupView(APIView):
    authentication_classes = ()  # public: credentials make no difference
    throttle_scope = "lookup"

    @extend_schema(request=LookupIn, responses={202: LookupOut})
    def post(self, request: Request) -> Response:
        given = LookupIn.checked(request.data)
        send_link(**given)
        return Response({"detail": "If there is such an order, a link to it is on its way."}, status=202)


class MyOrdersView(APIView):
    permission = "signed_in"

    @extend_schema(
        parameters=[OpenApiParameter("limit", int), OpenApiParameter("cursor", str)], responses=page_of(OrderCardOut)
    )
    def get(self, request: Request) -> Response:
        orders = orders_of(request.viewer)
        return Response(paginate(orders, request, order=["-placed_at", "-id"], out=card_json))
