"""What staff read and write of searches. Every change is in the audit log."""

from dataclasses import asdict
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from noirel.catalog.index.listing import read_current
from noirel.catalog.index.preview import WHY, preview
from noirel.catalog.models import Boost, Synonym
from noirel.catalog.services import locking, search_tuning
from noirel.core.http import APIView, In, Out, Request, check_if_match, etag, page_of
from noirel.core.http.pagination import paginate


class SynonymIn(In):
    terms = serializers.ListField(
        child=serializers.CharField(max_length=100), max_length=search_tuning.MOST_TERMS, help_text="Words that mean the same."
    )


class SynonymOut(Out):
    id = serializers.IntegerField()
    terms = serializers.ListField(child=serializers.CharField())
    updated_at = serializers.DateTimeField()


class WeightIn(In):
    weight = serializers.DecimalField(
        max_digits=3, decimal_places=1, min_value=Decimal(-5), max_value=Decimal(5),
        help_text="In steps: 1 is as much as being found in the name instead of beside it.",
    )  # fmt: skip


class BoostIn(WeightIn):
    product = serializers.CharField(max_length=200, help_text="Its slug.")
    query = serializers.CharField(max_length=200, allow_blank=True, default="", help_text="Empty: in every search.")


class BoostOut(Out):
    id = serializers.IntegerField()
    product = serializers.CharField()
    name = serializers.CharField()
    query = serializers.CharField()
    weight = serializers.FloatField()
    updated_at = serializers.DateTimeField()


class HitOut(Out):
    slug = serializers.CharField()
    name = serializers.CharField()
    why = serializers.ChoiceField(choices=list(WHY.values()))
    step = serializers.IntegerField()
    popularity = serializers.FloatField(help_text="0 to 1, by what was sold: it decides within a step.")
    boost = serializers.FloatField()
    score = serializers.FloatField()


class PreviewOut(Out):
    total = serializers.IntegerField()
    did_you_mean = serializers.CharField(allow_null=True)
    hits = HitOut(many=True)


class _Edit(APIView):
    permission = "products.view"

    def permission_for(self, method: str) -> str | None:
        return "products.view" if method in {"GET", "HEAD", "OPTIONS"} else "products.edit"


def _synonym(row: Synonym) -> dict[str, Any]:
    return {"id": row.pk, "terms": row.terms, "updated_at": row.updated_at}


def _boost(row: Boost) -> dict[str, Any]:
    return {
        "id": row.pk, "product": row.product.slug, "name": row.product.name, "query": row.query, "weight": float(row.weight),
        "updated_at": row.updated_at,
    }  # fmt: skip


def _tagged(told: dict[str, Any], status: int = 200) -> Response:
    return Response(told, status=status, headers={"ETag": etag(told["id"], told["updated_at"])})


def _check(request: Request, model: type[Boost] | type[Synonym], number: int) -> None:
    locking.lock_row(model, pk=number)
    if (at := model._default_manager.filter(pk=number).values_list("updated_at", flat=True).first()) is not None:
        check_if_match(request, etag(number, at))


class SynonymsView(_Edit):
    @extend_schema(responses=page_of(SynonymOut))
    def get(self, request: Request) -> Response:
        return Response(paginate(Synonym.objects.all(), request, order=("id",), out=_synonym))

    @extend_schema(request=SynonymIn, responses={201: SynonymOut})
    def post(self, request: Request) -> Response:
        terms = SynonymIn.checked(request.data)["terms"]
        return _tagged(_synonym(search_tuning.save_synonym(None, terms, actor=request.viewer)), status=201)


class SynonymView(_Edit):
    if_match = frozenset({"PATCH", "DELETE"})

    @extend_schema(request=SynonymIn, responses=SynonymOut)
    def patch(self, request: Request, number: int) -> Response:
        terms = SynonymIn.checked(request.data)["terms"]
        with transaction.atomic():
            _check(request, Synonym, number)
            row = search_tuning.save_synonym(number, terms, actor=request.viewer)
        return _tagged(_synonym(row))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, number: int) -> HttpResponse:
        with transaction.atomic():
            _check(request, Synonym, number)
            search_tuning.delete_synonym(number, actor=request.viewer)
        return HttpResponse(status=204)


class BoostsView(_Edit):
    @extend_schema(responses=page_of(BoostOut))
    def get(self, request: Request) -> Response:
        rows = Boost.objects.select_related("product")
        return Response(paginate(rows, request, order=("query", "id"), out=_boost))

    @extend_schema(request=BoostIn, responses={201: BoostOut})
    def post(self, request: Request) -> Response:
        return _tagged(_boost(search_tuning.create_boost(actor=request.viewer, **BoostIn.checked(request.data))), status=201)


class BoostView(_Edit):
    if_match = frozenset({"PATCH", "DELETE"})

    @extend_schema(request=WeightIn, responses=BoostOut)
    def patch(self, request: Request, number: int) -> Response:
        weight = WeightIn.checked(request.data)["weight"]
        with transaction.atomic():
            _check(request, Boost, number)
            row = search_tuning.change_boost(number, weight, actor=request.viewer)
        return _tagged(_boost(row))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, number: int) -> HttpResponse:
        with transaction.atomic():
            _check(request, Boost, number)
            search_tuning.delete_boost(number, actor=request.viewer)
        return HttpResponse(status=204)


class PreviewView(APIView):
    """What a search finds as the shop is now, and what each place is made of."""

    permission = "products.view"

    @extend_schema(parameters=[OpenApiParameter("q")], responses=PreviewOut)
    def get(self, request: Request) -> Response:
        q = request.query_params.get("q", "")[:200]
        told, _ = read_current(lambda columns: (preview(columns, q), None))
        return Response(asdict(told))
