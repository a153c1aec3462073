"""Sending money back, for who answers for it."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from noirel.core.domain.errors import FieldError, Invalid
from noirel.core.http import APIView, In, MoneyField, Request, TextField, check_if_match, without_body
from noirel.core.http.idempotency import idempotent, made_by, request_key
from noirel.orders.models import Order
from noirel.orders.selectors import order_for
from noirel.orders.staff_shapes import AdminOrderOut, order_etag, tagged_response
from noirel.payments.models import Refund
from noirel.payments.services.capture_authorized import capture_payment
from noirel.payments.services.refund import request_refund, send_refund


class RefundLineIn(In):
    id = serializers.UUIDField()
    quantity = serializers.IntegerField(min_value=1)


class RefundIn(In):
    amount = MoneyField(required=False)
    lines = serializers.ListField(child=RefundLineIn(), required=False, min_length=1, max_length=200)
    restock = serializers.BooleanField(default=False)
    reason = TextField(max_length=200)
    note = TextField(multiline=True, max_length=500, required=False, allow_blank=True, default="")
    force = serializers.BooleanField(default=False, help_text="Although the payment is disputed.")


class CaptureView(APIView):
    """Take what the buyer's bank has set aside, before the order is sent."""

    refusals = frozenset({502})
    if_match = frozenset({"POST"})
    permission = "orders.edit"

    @idempotent
    @without_body(responses=AdminOrderOut)
    def post(self, request: Request, number: str) -> Response:
        order = order_for(request.viewer, number)
        if "If-Match" in request.headers:
            check_if_match(request, order_etag(order))
        return tagged_response(capture_payment(request.viewer, order))


class RefundView(APIView):
    """A sum, some units, or all that is left. The gateway is asked at once; what it does not answer is followed up."""

    refusals = frozenset({502})
    if_match = frozenset({"POST"})
    permission = "orders.refund"

    @idempotent(required=True)
    @extend_schema(request=RefundIn, responses={201: AdminOrderOut})
    def post(self, request: Request, number: str) -> Response:
        order = order_for(request.viewer, number)
        # At most 40 characters, as the gateway wants it.
        key = f"refund-{request_key(request, order.number)}"
        # Promised by this same request, which then died: it goes on from there, whatever the order's tag is by now.
        refund = made_by(key, Refund.objects.filter(order=order))
        if refund is None:
            refund = self._promise(request, order, key=key)
        send_refund(refund)
        return tagged_response(Order.objects.get(pk=order.pk), status=201)

    def _promise(self, request: Request, order: Order, *, key: str) -> Refund:
        if "If-Match" in request.headers:
            check_if_match(request, order_etag(order))
        wanted: dict[str, Any] = RefundIn.checked(request.data)
        sum_ = wanted.pop("amount", None)
        if sum_ is not None:
            if sum_.currency != order.currency or sum_.amount <= 0:
                raise Invalid(errors=[FieldError("amount", "invalid", f"A sum in {order.currency}, above 0.")])
            wanted["amount"] = sum_.amount
        return request_refund(request.viewer, order, key=key, **wanted)
