"""Cart endpoints. Every one returns the whole cart."""

from typing import Any
from uuid import UUID

from django.core.validators import RegexValidator
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from noirel.cart.models import MAX_QUANTITY, CartLine
from noirel.cart.selectors import QuotedCart, cart_for, methods_for, quote_cart
from noirel.cart.services import add_line, change_cart, change_line, claim_right, member_cart, open_cart, remove_line
from noirel.content.shapes import PictureOut
from noirel.core.domain.money import Money
from noirel.core.http import APIView, EmailField, In, MoneyField, Out, Request, SlugField, TextField, page_of
from noirel.core.http.idempotency import idempotent
from noirel.pricing.selectors import OfferedMethod
from noirel.pricing.shapes import AheadOut

ENGRAVING = r"^[A-Za-z0-9 .&'\-]{0,12}$"


def _engraving() -> TextField:
    return TextField(required=False, allow_null=True, allow_blank=True, validators=[RegexValidator(ENGRAVING)])


class LineIn(In):
    sku = serializers.CharField(max_length=64)
    quantity = serializers.IntegerField(min_value=1, max_value=MAX_QUANTITY)
    engraving = _engraving()


class LineChangeIn(In):
    quantity = serializers.IntegerField(min_value=1, max_value=MAX_QUANTITY, required=False)
    engraving = _engraving()


class CartNewIn(In):
    lines = serializers.ListField(child=LineIn(), required=False, max_length=20)


class GiftIn(In):
    wrap = serializers.BooleanField(required=False)
    message = TextField(multiline=True, max_length=200, required=False, allow_blank=True)
    hide_prices = serializers.BooleanField(required=False)


class CartChangeIn(In):
    email = EmailField(required=False, allow_blank=True)
    note = TextField(multiline=True, max_length=500, required=False, allow_blank=True)
    gift = GiftIn(required=False)
    samples = serializers.ListField(child=serializers.CharField(max_length=64), required=False, max_length=2)
    country = serializers.RegexField(r"^[A-Z]{2}$", required=False, allow_blank=True)
    postcode = TextField(max_length=32, required=False, allow_blank=True)
    shipping_method = serializers.CharField(max_length=40, required=False, allow_null=True, allow_blank=True)


class TotalsOut(Out):
    subtotal = MoneyField()
    discount = MoneyField()
    shipping = MoneyField()
    tax = MoneyField(help_text="Contained in total.")
    total = MoneyField()


class GiftOut(Out):
    wrap = serializers.BooleanField()
    message = serializers.CharField()
    hide_prices = serializers.BooleanField()


class CartLineProductOut(Out):
    slug = serializers.CharField()
    name = serializers.CharField()
    subtitle = serializers.CharField()
    attributes = serializers.DictField()


class CartLineVariantOut(Out):
    title = serializers.CharField()
    options = serializers.DictField(child=serializers.CharField())


class CartLineOut(Out):
    id = serializers.UUIDField()
    sku = serializers.CharField()
    quantity = serializers.IntegerField()
    product = CartLineProductOut()
    variant = CartLineVariantOut()
    image = PictureOut(allow_null=True)
    unit_price = MoneyField()
    compare_at = MoneyField(allow_null=True)
    total = MoneyField()
    available = serializers.IntegerField(allow_null=True)
    ahead = AheadOut(allow_null=True)
    engraving = serializers.CharField(allow_null=True)


class CartWarningOut(Out):
    code = serializers.ChoiceField(
        [
            "out_of_stock", "quantity_reduced", "price_changed", "unavailable", "coupon_invalid",
            "drop_not_open", "drop_closed", "drop_by_lot", "drop_limit",
        ]
    )  # fmt: skip
    message = serializers.CharField()
    line_id = serializers.UUIDField(allow_null=True)
    sku = serializers.CharField(allow_null=True)
    available = serializers.IntegerField(allow_null=True)


class CartOut(Out):
    id = serializers.UUIDField()
    currency = serializers.CharField()
    item_count = serializers.IntegerField()
    lines = CartLineOut(many=True)
    totals = TotalsOut()
    warnings = CartWarningOut(many=True)
    email = serializers.CharField()
    note = serializers.CharField()
    gift = GiftOut()
    samples = serializers.ListField(child=serializers.CharField())
    coupon = serializers.CharField(allow_null=True)
    country = serializers.CharField()
    postcode = serializers.CharField()
    shipping_method = serializers.CharField(allow_null=True)
    is_deliverable = serializers.BooleanField(
        help_text="Whether any shipping method delivers to the destination, as far as it is known."
    )
    updated_at = serializers.DateTimeField()


class DeliveryPromiseOut(Out):
    earliest_on = serializers.DateField(
        allow_null=True, help_text="null while a line is sold ahead of stock without an expected day."
    )
    latest_on = serializers.DateField(allow_null=True)
    text = serializers.CharField()


class ShippingMethodOut(Out):
    code = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    price = MoneyField()
    promise = DeliveryPromiseOut()


def cart_json(quoted: QuotedCart) -> dict[str, Any]:
    """Serialize a cart as Cart of the API contract. Written by hand because it is the most frequent response."""
    cart, quote = quoted.cart, quoted.quote
    return {
        "id": str(cart.pk),
        "currency": cart.currency,
        "item_count": sum(line.quantity for line in quoted.lines),
        "lines": [_line_json(quoted, line) for line in quoted.lines],
        "totals": {name: getattr(quote, name).json() for name in ("subtotal", "discount", "shipping", "tax", "total")},
        "warnings": [
            {
                "code": warning.code,
                "message": warning.message,
                "line_id": str(warning.line_id) if warning.line_id else None,
                "sku": warning.sku,
                "available": warning.available,
            }
            for warning in quoted.warnings
        ],
        "email": cart.email,
        "note": cart.note,
        "gift": cart.gift,
        "samples": cart.samples,
        "coupon": cart.coupon or None,
        "country": cart.country,
        "postcode": cart.postcode,
        "shipping_method": quoted.shipping_method,
        "is_deliverable": bool(quoted.methods) or not quoted.quote.lines,
        "updated_at": cart.updated_at,
    }


def _line_json(quoted: QuotedCart, line: CartLine) -> dict[str, Any]:
    item = quoted.items.get(line.sku)
    unit = item.price if item else Money(line.seen_price_amount, quoted.cart.currency)
    quoted_line = quoted.quoted_lines.get(str(line.pk))
    return {
        "id": str(line.pk),
        "sku": line.sku,
        "quantity": line.quantity,
        "product": {
            "slug": item.product_slug if item else "",
            "name": item.product_name if item else line.sku,
            "subtitle": item.product_subtitle if item else "",
            "attributes": dict(item.attributes) if item else {},
        },
        "variant": {"title": item.title if item else "", "options": dict(item.options) if item else {}},
        "image": item.image if item else None,
        "unit_price": unit.json(),
        "compare_at": item.compare_at.json() if item and item.compare_at else None,
        "total": (quoted_line.subtotal if quoted_line else unit * line.quantity).json(),
        "available": item.available if item else 0,
        "ahead": quoted_line.requested.ahead.json() if quoted_line and quoted_line.requested.ahead else None,
        "engraving": line.engraving or None,
    }


def method_json(method: OfferedMethod) -> dict[str, Any]:
    """Serialize a shipping method as ShippingMethod of the API contract."""
    return {
        "code": method.code,
        "name": method.name,
        "description": method.description,
        "price": method.price.json(),
        "promise": {
            "earliest_on": method.promise.earliest_on,
            "latest_on": method.promise.latest_on,
            "text": method.promise.text,
        },
    }


class CartsView(APIView):
    throttle_scope = "carts"

    @idempotent
    @extend_schema(request=CartNewIn, responses={201: CartOut})
    def post(self, request: Request) -> Response:
        return Response(cart_json(open_cart(request.viewer, **CartNewIn.checked(request.data))), status=201)


class MyCartView(APIView):
    permission = "signed_in"

    @extend_schema(responses=CartOut)
    def get(self, request: Request) -> Response:
        return Response(cart_json(quote_cart(cart_for(request.viewer, member_cart(request.viewer).pk))))


class CartView(APIView):
    @extend_schema(responses=CartOut)
    def get(self, request: Request, cart_id: UUID) -> Response:
        return Response(cart_json(quote_cart(cart_for(request.viewer, cart_id))))

    @extend_schema(request=CartChangeIn, responses=CartOut)
    def patch(self, request: Request, cart_id: UUID) -> Response:
        return Response(cart_json(change_cart(request.viewer, cart_id, **CartChangeIn.checked(request.data))))


class LinesView(APIView):
    def idempotency_subject(self, request: Request, **path: Any) -> str:
        return str(cart_for(request.viewer, path["cart_id"]).cart.pk)

    @idempotent
    @extend_schema(request=LineIn, responses={201: CartOut})
    def post(self, request: Request, cart_id: UUID) -> Response:
        return Response(cart_json(add_line(request.viewer, cart_id, **LineIn.checked(request.data))), status=201)


class LineView(APIView):
    @extend_schema(request=LineChangeIn, responses=CartOut)
    def patch(self, request: Request, cart_id: UUID, line_id: UUID) -> Response:
        changes = LineChangeIn.checked(request.data)
        return Response(cart_json(change_line(request.viewer, cart_id, line_id, **changes)))

    @extend_schema(responses=CartOut)
    def delete(self, request: Request, cart_id: UUID, line_id: UUID) -> Response:
        return Response(cart_json(remove_line(request.viewer, cart_id, line_id)))


class RightIn(In):
    drop = SlugField(max_length=80)
    entry = serializers.UUIDField()
    token = serializers.CharField(max_length=64)


class RightsView(APIView):
    throttle_scope = "drop_entry"

    @extend_schema(request=RightIn, responses=CartOut)
    def post(self, request: Request, cart_id: UUID) -> Response:
        """Use a right to buy that was won in a lottery in this cart."""
        return Response(cart_json(claim_right(request.viewer, cart_id, **RightIn.checked(request.data))))


class ShippingMethodsView(APIView):
    @extend_schema(
        parameters=[OpenApiParameter("country", str), OpenApiParameter("postcode", str)],
        responses=page_of(ShippingMethodOut),
    )
    def get(self, request: Request, cart_id: UUID) -> Response:
        place = {name: request.query_params.get(name, "").strip().upper() for name in ("country", "postcode")}
        methods = methods_for(cart_for(request.viewer, cart_id), **place)
        return Response({"results": [method_json(method) for method in methods], "next": None, "total": len(methods)})
