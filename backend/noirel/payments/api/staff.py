"""Capture and refund of an order's payment, by staff."""

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
    """Capture an order's authorized payment before it is sent."""

    refusals = frozenset({502})
    if_match = frozenset({"POST"})
    permission = "orders.edit"

    def check_replay(self, request: Request, **path: Any) -> None:
        order_for(request.viewer, path["number"])

    @idempotent
    @without_body(responses=AdminOrderOut)
    def post(self, request: Request, number: str) -> Response:
        order = order_for(request.viewer, number)
        if "If-Match" in request.headers:
            check_if_match(request, order_etag(order))
        return tagged_response(capture_payment(request.viewer, order))


class RefundView(APIView):
    """Refund an amount, some units or all that is left.

    The gateway is called at once; a refund it does not confirm is followed up by a scheduled job.
    """

    refusals = frozenset({502})
    if_match = frozenset({"POST"})
    permission = "orders.refund"

    def check_replay(self, request: Request, **path: Any) -> None:
        order_for(request.viewer, path["number"])

    @idempotent(required=True)
    @extend_schema(request=RefundIn, responses={201: AdminOrderOut})
    def post(self, request: Request, number: str) -> Response:
        order = order_for(request.viewer, number)
        # The gateway accepts at most 40 characters.
        key = f"refund-{request_key(request, order.number)}"
        # If an earlier try of this request stored the refund and then died, continue from there, whatever the ETag is now.
        refund = made_by(key, Refund.objects.filter(order=order))
        if refund is None:
            refund = self._request_refund(request, order, key=key)
        send_refund(refund)
        return tagged_response(Order.objects.get(pk=order.pk), status=201)

    def _request_refund(self, request: Request, order: Order, *, key: str) -> Refund:
        if "If-Match" in request.headers:
            check_if_match(request, order_etag(order))
        values: dict[str, Any] = RefundIn.checked(request.data)
        amount = values.pop("amount", None)
        if amount is not None:
            if amount.currency != order.currency or amount.amount <= 0:
                raise Invalid(errors=[FieldError("amount", "invalid", f"A sum in {order.currency}, above 0.")])
            values["amount"] = amount.amount
        return request_refund(request.viewer, order, key=key, **values)
