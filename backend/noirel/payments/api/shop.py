"""The doors money comes in by."""

from contextlib import suppress

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
        told = VerifyIn.checked(request.data)
        settled = verify_payment(
            order,
            gateway_order_id=told["razorpay_order_id"],
            gateway_payment_id=told["razorpay_payment_id"],
            signature=told["razorpay_signature"],
        )
        return Response(order_json(order_detail(settled)))


class RetryView(APIView):
    refusals = frozenset({502})
    throttle_scope = "checkout"

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
    """Where the payment window posts its form when it has no frame: no session, no cookie, only the order's own token."""

    parser_classes = [FormParser]

    @extend_schema(parameters=[TOKEN], request=OpenApiTypes.OBJECT, responses={303: None})
    def post(self, request: Request, number: str) -> HttpResponse:
        token = request.query_params.get("token", "")
        order = own_order_for(ANONYMOUS, number, token=token)
        form: dict[str, str] = dict(request.data.items()) if isinstance(request.data, dict) else {}
        if "razorpay_signature" in form:
            told = VerifyIn.checked({name: form.get(name, "") for name in RAZORPAY_FIELDS})
            # Without an answer the poller asks; the page says that we are confirming with the bank.
            with suppress(GatewayUnavailable):
                verify_payment(
                    order,
                    gateway_order_id=told["razorpay_order_id"],
                    gateway_payment_id=told["razorpay_payment_id"],
                    signature=told["razorpay_signature"],
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
            request._request.read(),  # not `body`: Django limits it to what our own callers send
            signature=request.headers.get("X-Razorpay-Signature", ""),
            event_id=request.headers.get("X-Razorpay-Event-Id", ""),
            sender=client_ip(request),
        )
        return Response({"received": True})


def _check_gateway_first(attempts: list[Payment]) -> None:
    """What was paid already must not be paid again. If the gateway can't say: the open gateway order is the same one."""
    for payment in attempts:
        if payment.check_at is not None and payment.gateway_order_id is not None:
            try:
                reconcile_attempt(payment)
            except (GatewayUnavailable, GatewayRefused):
                return
