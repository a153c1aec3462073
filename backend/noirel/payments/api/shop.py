"""Payment endpoints: verification and retry for shoppers, the payment window's callback, and the gateway's webhooks."""

from contextlib import suppress
from typing import Any

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import FormParser
from rest_framework.response import Response

from noirel.core.http import APIView, In, Out, Request, without_body
from noirel.core.http.idempotency import idempotent
from noirel.core.http.throttling import client_ip
from noirel.core.viewer import ANONYMOUS
from noirel.orders.selectors import order_detail, own_order_for
from noirel.orders.shapes import TOKEN, GatewayPaymentOut, OrderOut, checkout_json, order_json
from noirel.payments.errors import GatewayRefused, GatewayUnavailable, SignatureInvalid
from noirel.payments.models import Payment
from noirel.payments.selectors import attempts_of
from noirel.payments.services.create import payable_attempt
from noirel.payments.services.reconcile import reconcile_attempt
from noirel.payments.services.verify import verify_payment
from noirel.payments.services.webhook import receive_webhook

RAZORPAY_FIELDS = ("razorpay_order_id", "razorpay_payment_id", "razorpay_signature")


class VerifyIn(In):
    razorpay_order_id = serializers.CharField(max_length=64)
    razorpay_payment_id = serializers.CharField(max_length=64)
    razorpay_signature = serializers.CharField(max_length=256)


class PaymentRetryOut(Out):
    order = OrderOut()
    payment = GatewayPaymentOut()


class ReceivedOut(Out):
    received = serializers.BooleanField()


class VerifyView(APIView):
    refusals = frozenset({502})

    @extend_schema(parameters=[TOKEN], request=VerifyIn, responses=OrderOut)
    def post(self, request: Request, number: str) -> Response:
        order = own_order_for(request.viewer, number, token=request.query_params.get("token", ""))
        values = VerifyIn.checked(request.data)
        settled = verify_payment(
            order,
            gateway_order_id=values["razorpay_order_id"],
            gateway_payment_id=values["razorpay_payment_id"],
            signature=values["razorpay_signature"],
        )
        return Response(order_json(order_detail(settled)))


class RetryView(APIView):
    refusals = frozenset({502})
    throttle_scope = "checkout"

    def idempotency_subject(self, request: Request, **path: Any) -> str:
        order = own_order_for(request.viewer, path["number"], token=request.query_params.get("token", ""))
        return f"order {order.number}"

    @idempotent
    @without_body(parameters=[TOKEN], responses=PaymentRetryOut)
    def post(self, request: Request, number: str) -> Response:
        token = request.query_params.get("token", "")
        order = own_order_for(request.viewer, number, token=token)
        _check_gateway_first(attempts_of(order))
        order = own_order_for(request.viewer, number, token=token)
        payable_attempt(order)
        return Response({"order": order_json(order_detail(order)), "payment": checkout_json(order, order.payments[-1])})


class CallbackView(APIView):
    """Form target of the payment window where it can't call back into the page. Authenticated by the order's token only."""

    parser_classes = [FormParser]

    @extend_schema(parameters=[TOKEN], request=OpenApiTypes.OBJECT, responses={303: None})
    def post(self, request: Request, number: str) -> HttpResponse:
        token = request.query_params.get("token", "")
        order = own_order_for(ANONYMOUS, number, token=token)
        form: dict[str, str] = dict(request.data.items()) if isinstance(request.data, dict) else {}
        if "razorpay_signature" in form:
            values = VerifyIn.checked({name: form.get(name, "") for name in RAZORPAY_FIELDS})
            # If the gateway is unavailable, the attempt is polled, and the page says that the payment is being confirmed.
            with suppress(GatewayUnavailable):
                verify_payment(
                    order,
                    gateway_order_id=values["razorpay_order_id"],
                    gateway_payment_id=values["razorpay_payment_id"],
                    signature=values["razorpay_signature"],
                )
        elif "error[code]" not in form:
            raise SignatureInvalid("This is not what the payment window sends.")
        response = HttpResponseRedirect(f"{settings.PUBLIC_URL}/checkout/pay/{order.number}?token={token}")
        response.status_code = 303
        return response


class RazorpayWebhookView(APIView):
    refusals = frozenset({429})
    max_body_bytes = 16 * 1024 * 1024

    @extend_schema(request=OpenApiTypes.OBJECT, responses=ReceivedOut)
    def post(self, request: Request) -> Response:
        receive_webhook(
            request._request.read(),  # not `body`, which enforces the size limit of ordinary requests
            signature=request.headers.get("X-Razorpay-Signature", ""),
            event_id=request.headers.get("X-Razorpay-Event-Id", ""),
            sender=client_ip(request),
        )
        return Response({"received": True})


def _check_gateway_first(attempts: list[Payment]) -> None:
    """Poll pending attempts, so that an order that is already paid is not paid again.

    If the gateway does not answer, its open order is reused, so that a second payment is still impossible.
    """
    for payment in attempts:
        if payment.check_at is not None and payment.gateway_order_id is not None:
            try:
                reconcile_attempt(payment)
            except (GatewayUnavailable, GatewayRefused):
                return
