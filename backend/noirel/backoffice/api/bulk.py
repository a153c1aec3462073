"""One act on many products: admin/bulk-changes."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from noirel.backoffice.api.files import STATUSES
from noirel.backoffice.bulk import lifecycle
from noirel.backoffice.bulk.run import run
from noirel.backoffice.models import BulkChange, BulkItem
from noirel.catalog.services.bulk import ACTS
from noirel.core.domain.errors import NotFound
from noirel.core.http import APIView, In, MoneyOut, Out, Request, page_of, paginate, without_body
from noirel.core.http.idempotency import idempotent

TERMS_BY_ACTION = {"category": {"category"}, "collect": {"collection"}, "uncollect": {"collection"}}
OPTIONAL_TERMS = {"reprice": {"percent_bps", "sum", "currency", "to", "compare_at"}}
MAX_AMOUNT = 10**12  # minor units


class WhereIn(In):
    q = serializers.CharField(max_length=400, required=False, allow_blank=True)
    status = serializers.ChoiceField(choices=["draft", "active", "archived"], required=False)
    category = serializers.CharField(max_length=120, required=False, help_text="With all below it.")
    collection = serializers.CharField(max_length=120, required=False)
    in_stock = serializers.BooleanField(required=False)


class BulkPreviewIn(In):
    act = serializers.ChoiceField(choices=list(ACTS))
    slugs = serializers.ListField(child=serializers.CharField(max_length=200), min_length=1, max_length=1000, required=False)
    where = WhereIn(required=False, help_text="All that the list shows with these filters; {} is every product.")
    category = serializers.CharField(max_length=120, allow_null=True, required=False)
    collection = serializers.CharField(max_length=120, required=False)
    percent_bps = serializers.IntegerField(min_value=-9_999, max_value=100_000, required=False, help_text="-2000: 20 % off.")
    sum = serializers.IntegerField(
        min_value=-MAX_AMOUNT, max_value=MAX_AMOUNT, required=False, help_text="Minor units up or down; goes with its currency."
    )
    currency = serializers.RegexField(r"^[A-Z]{3}$", required=False)
    to = serializers.IntegerField(min_value=1, max_value=10**9, required=False, help_text="Rounded to so many minor units.")
    compare_at = serializers.ChoiceField(choices=["keep", "was", "none"], required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("slugs" in attrs) == ("where" in attrs):
            raise serializers.ValidationError({"slugs": ["Say which products: slugs, or where."]})
        needed, given = TERMS_BY_ACTION.get(attrs["act"], set()), set(attrs) - {"act", "slugs", "where", "expected"}
        if missing := needed - given:
            raise serializers.ValidationError({min(missing): ["This act needs it."]})
        if more := given - needed - OPTIONAL_TERMS.get(attrs["act"], set()):
            raise serializers.ValidationError({min(more): ["This act doesn't know it."]})
        if attrs["act"] == "reprice":
            _check_price(attrs)
        terms = {name: attrs[name] for name in given}
        return {"act": attrs["act"], "terms": terms, "slugs": attrs.get("slugs"), "where": attrs.get("where")} | (
            {"expected": attrs["expected"]} if "expected" in attrs else {}
        )


def _check_price(attrs: Mapping[str, Any]) -> None:
    """Raises ValidationError."""
    if "percent_bps" in attrs and "sum" in attrs:
        raise serializers.ValidationError({"sum": ["By percent or by a sum, not by both."]})
    if ("sum" in attrs) != ("currency" in attrs):
        raise serializers.ValidationError({"currency": ["A sum goes with its currency."]})
    by = attrs.get("percent_bps", 0) or attrs.get("sum", 0)
    if not by and attrs.get("to", 1) == 1 and attrs.get("compare_at", "keep") == "keep":
        raise serializers.ValidationError({"percent_bps": ["That changes nothing."]})


class BulkChangeIn(BulkPreviewIn):
    expected = serializers.IntegerField(
        min_value=0, allow_null=True, default=None, help_text="How many were seen to fit: with others it is refused."
    )


class BulkChangeOut(Out):
    id = serializers.UUIDField()
    act = serializers.ChoiceField(choices=list(ACTS))
    terms = serializers.DictField(child=serializers.JSONField())
    status = serializers.ChoiceField(STATUSES)
    products_total = serializers.IntegerField()
    products_done = serializers.IntegerField()
    products_refused = serializers.IntegerField()
    is_cancel_asked = serializers.BooleanField()
    problem = serializers.CharField(help_text="Why it failed, for people.")
    actor = serializers.CharField()
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)


class BulkFindingOut(Out):
    slug = serializers.CharField()
    name = serializers.CharField()
    problem = serializers.CharField()


class BulkExampleOut(Out):
    name = serializers.CharField()
    title = serializers.CharField()
    sku = serializers.CharField()
    price = MoneyOut()
    compare_at = MoneyOut(allow_null=True)
    new_price = MoneyOut(allow_null=True)
    new_compare_at = MoneyOut(allow_null=True)
    problem = serializers.CharField()


class BulkPreviewOut(Out):
    total = serializers.IntegerField()
    examples = BulkExampleOut(many=True)


def bulk_json(job: BulkChange) -> dict[str, Any]:
    names = (
        "act", "terms", "status", "products_total", "products_done", "products_refused", "is_cancel_asked", "problem", "actor",
        "created_at", "finished_at",
    )  # fmt: skip
    return {"id": str(job.pk), **{name: getattr(job, name) for name in names}}


def _job(change_id: UUID) -> BulkChange:
    job = BulkChange.objects.filter(pk=change_id).first()
    if job is None:
        raise NotFound
    return job


class BulkChangesView(APIView):
    """Few products are changed at once, many by the worker; each of them as a whole, or it is told why not."""

    permission = "products.edit"

    @extend_schema(
        parameters=[OpenApiParameter("limit", int), OpenApiParameter("cursor", str)], responses=page_of(BulkChangeOut)
    )
    def get(self, request: Request) -> Response:
        return Response(paginate(BulkChange.objects.all(), request, order=("-created_at", "-id"), out=bulk_json))

    @idempotent(required=True)
    @extend_schema(request=BulkChangeIn, responses={201: BulkChangeOut})
    def post(self, request: Request) -> Response:
        job = lifecycle.request_change(actor=request.viewer, **BulkChangeIn.checked(request.data))
        if job.products_total <= lifecycle.SYNCHRONOUS_LIMIT:
            run(job.pk, actor=request.viewer)
        return Response(bulk_json(_job(job.pk)), status=201)


class BulkPreviewView(APIView):
    permission = "products.edit"

    @extend_schema(request=BulkPreviewIn, responses=BulkPreviewOut)
    def post(self, request: Request) -> Response:
        """What it would come to, before anything is changed."""
        return Response(lifecycle.preview(**BulkPreviewIn.checked(request.data)))


class BulkChangeView(APIView):
    permission = "products.edit"

    @extend_schema(responses=BulkChangeOut)
    def get(self, request: Request, change_id: UUID) -> Response:
        return Response(bulk_json(_job(change_id)))


class BulkCancelView(APIView):
    permission = "products.edit"

    @without_body(responses=BulkChangeOut)
    def post(self, request: Request, change_id: UUID) -> Response:
        return Response(bulk_json(lifecycle.cancel(change_id, actor=request.viewer)))


class BulkFindingsView(APIView):
    permission = "products.edit"

    @extend_schema(
        parameters=[OpenApiParameter("limit", int), OpenApiParameter("cursor", str)], responses=page_of(BulkFindingOut)
    )
    def get(self, request: Request, change_id: UUID) -> Response:
        """The products that stayed as they were, and why."""
        rows = BulkItem.objects.filter(change=_job(change_id)).exclude(problem="").select_related("product")
        return Response(
            paginate(
                rows,
                request,
                order=("id",),
                out=lambda item: {"slug": item.product.slug, "name": item.product.name, "problem": item.problem},
            )
        )
