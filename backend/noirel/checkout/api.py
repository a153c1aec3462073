"""The last step, and what a storefront has to know of the shop."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from noirel.cart.selectors import cart_for
from noirel.checkout.postcodes import postcode_json
from noirel.checkout.services import check_out
from noirel.checkout.shop import shop_json
from noirel.content.shapes import PictureOut
from noirel.core.domain.addresses import AddressIn
from noirel.core.http import APIView, EmailField, In, MoneyField, Out, Request, TextField, public_cache
from noirel.core.http.idempotency import idempotent
from noirel.orders.selectors import link_token
from noirel.orders.shapes import GatewayPaymentOut, OrderOut, checkout_json, order_json


class CheckoutIn(In):
    cart = serializers.UUIDField()
    email = EmailField()
    shipping_address = AddressIn()
    billing_address = AddressIn(required=False, allow_null=True)
    shipping_method = serializers.CharField(max_length=40)
    expected_total = MoneyField()
    note = TextField(multiline=True, max_length=500, required=False, allow_blank=True)


class CheckoutOut(Out):
    order = OrderOut()
    order_token = serializers.CharField()
    payment = GatewayPaymentOut()


class CheckoutView(APIView):
    refusals = frozenset({502})
    throttle_scope = "checkout"

    def idempotency_subject(self, request: Request, **path: Any) -> str:
        body = request.data
        try:
            return str(UUID(body["cart"])) if isinstance(body, dict) else ""
        except (TypeError, KeyError, ValueError, AttributeError):
            return ""  # the call refuses it

    def check_replay(self, request: Request, **path: Any) -> None:
        if cart := self.idempotency_subject(request):
            cart_for(request.viewer, UUID(cart))

    @idempotent(required=True)
    @extend_schema(request=CheckoutIn, responses={201: CheckoutOut})
    def post(self, request: Request) -> Response:
        placed = check_out(request.viewer, key=request.idempotency_key, **CheckoutIn.checked(request.data))
        order = placed.whole.order
        body = {
            "order": order_json(placed.whole),
            "order_token": link_token(order),
            "payment": checkout_json(order, order.payments[-1]),
        }
        return Response(body, status=201)


class CountryRegionOut(Out):
    code = serializers.CharField()
    name = serializers.CharField()


class CountryOut(Out):
    code = serializers.CharField()
    name = serializers.CharField()
    postcode_label = serializers.CharField()
    postcode_pattern = serializers.CharField(allow_null=True)
    regions = CountryRegionOut(many=True)


class ShopGiftOut(Out):
    wrap_price = MoneyField()
    message_max = serializers.IntegerField()


class SampleItemOut(Out):
    sku = serializers.CharField()
    name = serializers.CharField()
    image = PictureOut(allow_null=True)


class ShopSamplesOut(Out):
    max = serializers.IntegerField()
    items = SampleItemOut(many=True)


class ShopEngravingOut(Out):
    max = serializers.IntegerField()
    alphabet = serializers.CharField()


class ShopGatewayOut(Out):
    provider = serializers.ChoiceField(["razorpay"])
    key_id = serializers.CharField()
    checkout_js = serializers.CharField()


class ShopOut(Out):
    name = serializers.CharField()
    time_zone = serializers.CharField(help_text="The IANA zone of the shop's days and times, such as Asia/Kolkata.")
    currency = serializers.CharField()
    currencies = serializers.ListField(child=serializers.CharField())
    countries = CountryOut(many=True)
    locales = serializers.ListField(child=serializers.CharField())
    shipping_summary = serializers.CharField()
    free_shipping_over = MoneyField(allow_null=True)
    gift = ShopGiftOut()
    samples = ShopSamplesOut()
    engraving = ShopEngravingOut()
    returns_days = serializers.IntegerField()
    gateway = ShopGatewayOut()


class ShopView(APIView):
    caching = "public"

    @extend_schema(responses=ShopOut)
    def get(self, request: Request) -> Any:
        return public_cache(request, shop_json())


class PostcodePromiseOut(Out):
    earliest_on = serializers.DateField(allow_null=True)
    latest_on = serializers.DateField(allow_null=True)
    text = serializers.CharField()


class PostcodeMethodOut(Out):
    code = serializers.CharField()
    name = serializers.CharField()
    price = MoneyField(help_text="For an empty bag: some methods are free from a subtotal on.")
    promise = PostcodePromiseOut()
    cash_on_delivery = serializers.BooleanField()


class PostcodeOut(Out):
    postcode = serializers.CharField(help_text="As its country writes it.")
    country = serializers.CharField()
    region = serializers.CharField(help_text="A suggestion; empty where it isn't known.")
    city = serializers.CharField(help_text="A suggestion; empty where it isn't known.")
    serviceable = serializers.BooleanField()
    methods = PostcodeMethodOut(many=True)


class PostcodeView(APIView):
    caching = "public"

    @extend_schema(responses=PostcodeOut)
    def get(self, request: Request, country: str, postcode: str) -> Any:
        """Where a postal code lies, and how it is delivered to; 404 for one that can't exist."""
        return public_cache(request, postcode_json(country.upper(), postcode))
