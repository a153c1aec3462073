"""Stock endpoints for staff. Stock is changed by movements only."""

from typing import Any

from django.db import transaction
from django.db.models import Q
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from noirel.catalog.selectors_staff import is_sample
from noirel.catalog.text import fold
from noirel.content.shapes import PictureOut
from noirel.core.domain.errors import NotFound
from noirel.core.http import APIView, In, Out, Request, TextField, bool_param, check_if_match, etag, page_of, paginate
from noirel.core.http.idempotency import idempotent
from noirel.inventory import services
from noirel.inventory.models import StockItem, StockMovement
from noirel.inventory.selectors import running_low


class AdjustIn(In):
    delta = serializers.IntegerField(min_value=-1_000_000, max_value=1_000_000)
    reason = serializers.ChoiceField(
        choices=[reason for reason in StockMovement.Reason.values if reason not in {"sold", "shipped"}]
    )
    note = TextField(multiline=True, max_length=500, allow_blank=True, default="")


class CountIn(In):
    counted = serializers.IntegerField(min_value=0, max_value=1_000_000)
    seen = serializers.IntegerField(help_text="The recorded quantity on hand when counting began.")
    note = TextField(multiline=True, max_length=500, allow_blank=True, default="")


class TermsIn(In):
    tracked = serializers.BooleanField(required=False)
    policy = serializers.ChoiceField(choices=StockItem.Policy.values, required=False)
    expected_on = serializers.DateField(required=False, allow_null=True)


class InventoryProductOut(Out):
    slug = serializers.CharField()
    name = serializers.CharField()


class InventoryRowOut(Out):
    sku = serializers.CharField()
    product = InventoryProductOut()
    variant_title = serializers.CharField()
    image = PictureOut(allow_null=True)
    on_hand = serializers.IntegerField(help_text="Units in the building, those of paid orders that have not shipped included.")
    reserved = serializers.IntegerField(help_text="Units held for checkouts that are not paid yet.")
    committed = serializers.IntegerField(help_text="Units of paid orders that have not shipped yet.")
    available = serializers.IntegerField(help_text="on_hand - reserved - committed.")
    tracked = serializers.BooleanField()
    is_sample = serializers.BooleanField(help_text="A free sample that is sent along with an order.")
    policy = serializers.ChoiceField(choices=StockItem.Policy.values)
    expected_on = serializers.DateField(allow_null=True)
    updated_at = serializers.DateTimeField()


class MovementOut(Out):
    id = serializers.UUIDField()
    at = serializers.DateTimeField()
    delta = serializers.IntegerField()
    reason = serializers.CharField()
    note = serializers.CharField()
    actor = serializers.CharField()
    reference = serializers.CharField()
    on_hand_after = serializers.IntegerField()


def _row(item: StockItem) -> dict[str, Any]:
    variant = item.variant
    return {
        "sku": variant.sku,
        "product": {"slug": variant.product.slug, "name": variant.product.name},
        "variant_title": variant.title,
        "image": next(iter(variant.product.card.get("images", ())), None),
        "on_hand": item.on_hand,
        "reserved": item.reserved,
        "committed": item.committed,
        "available": item.available,
        "tracked": item.is_tracked,
        "is_sample": variant.product.is_sample,
        "policy": item.policy,
        "expected_on": item.expected_on,
        "updated_at": item.updated_at,
    }


def _terms_tag(item: StockItem) -> str:
    """Return the ETag of a variant's stock terms. It does not depend on quantities, so that sales don't make an edit stale."""
    return etag(item.pk, item.is_tracked, item.policy, item.expected_on)


class InventoryView(APIView):
    permission = "inventory.view"

    @extend_schema(
        parameters=[
            OpenApiParameter("q"),
            OpenApiParameter("low", bool),
            OpenApiParameter("sample", bool, description="true: free samples only; false: without them. Default: both."),
            OpenApiParameter("limit", int),
            OpenApiParameter("cursor"),
        ],
        responses=page_of(InventoryRowOut),
    )
    def get(self, request: Request) -> Response:
        low, sample = bool_param(request, "low"), bool_param(request, "sample")
        rows = (running_low() if low else StockItem.objects.all()).select_related("variant__product")
        if sample is not None:
            samples = is_sample("variant__product__")
            rows = rows.filter(samples if sample else ~samples)
        for term in fold(request.query_params.get("q", "")).split()[:8]:
            rows = rows.filter(Q(variant__product__search_text__contains=term) | Q(variant__sku__icontains=term))
        return Response(paginate(rows, request, order=("variant__product__name", "variant__position", "variant_id"), out=_row))


class InventoryItemView(APIView):
    permission = "inventory.view"

    @extend_schema(responses=InventoryRowOut)
    def get(self, request: Request, sku: str) -> Response:
        item = StockItem.objects.select_related("variant__product").filter(variant__sku=sku).first()
        if item is None:
            raise NotFound("There is no such SKU.")
        return Response(_row(item), headers={"ETag": _terms_tag(item)})


class AdjustView(APIView):
    permission = "inventory.adjust"

    @extend_schema(request=AdjustIn, responses=InventoryRowOut)
    @idempotent
    def post(self, request: Request, sku: str) -> Response:
        services.adjust(sku, actor=request.viewer, **AdjustIn.checked(request.data))
        return Response(_row(StockItem.objects.select_related("variant__product").get(variant__sku=sku)))


class CountView(APIView):
    """Record a stock count."""

    permission = "inventory.adjust"

    @extend_schema(request=CountIn, responses=InventoryRowOut)
    @idempotent
    def post(self, request: Request, sku: str) -> Response:
        services.count(sku, actor=request.viewer, **CountIn.checked(request.data))
        return Response(_row(StockItem.objects.select_related("variant__product").get(variant__sku=sku)))


class TermsView(APIView):
    """Change whether a variant is tracked and how it sells when it is out of stock."""

    if_match = frozenset({"PATCH"})
    permission = "inventory.adjust"

    @extend_schema(request=TermsIn, responses=InventoryRowOut)
    def patch(self, request: Request, sku: str) -> Response:
        values = TermsIn.checked(request.data)
        if "tracked" in values:
            values["is_tracked"] = values.pop("tracked")
        with transaction.atomic():
            if "If-Match" in request.headers:
                item = StockItem.objects.select_for_update(of=("self",)).filter(variant__sku=sku).first()
                if item is not None:  # else change_terms says what is missing
                    check_if_match(request, _terms_tag(item))
            services.change_terms(sku, actor=request.viewer, **values)
        item = StockItem.objects.select_related("variant__product").get(variant__sku=sku)
        return Response(_row(item), headers={"ETag": _terms_tag(item)})


class MovementsView(APIView):
    permission = "inventory.view"

    @extend_schema(parameters=[OpenApiParameter("limit", int), OpenApiParameter("cursor")], responses=page_of(MovementOut))
    def get(self, request: Request, sku: str) -> Response:
        fields = ("id", "at", "delta", "reason", "note", "actor", "reference", "on_hand_after")
        rows = StockMovement.objects.filter(item__variant__sku=sku)
        return Response(
            paginate(rows, request, order=("-id",), out=lambda movement: {name: getattr(movement, name) for name in fields})
        )
