"""Old addresses, for staff."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from noirel.catalog import selectors_taxonomy
from noirel.catalog.services import redirects
from noirel.core.http import APIView, In, Out, Request, TextIn, page_of, paginate
from noirel.core.http.fields import SlugField

_KINDS = ["product", "category", "collection"]


class RedirectSlugField(SlugField):
    """A slug. Whoever enters a whole address is told what a redirect can lead from and to."""

    default_error_messages = {
        "address": "Enter the part behind the last slash. Only the address of a product, category or collection of this shop"
        " can be redirected, and only to another one."
    }

    def to_internal_value(self, data: Any) -> str:
        if isinstance(data, str) and not set(data).isdisjoint("/:.?#"):
            self.fail("address")
        return super().to_internal_value(data)


class RedirectsWhereIn(TextIn):
    kind = serializers.ChoiceField(choices=_KINDS, required=False)
    q = serializers.CharField(max_length=200, required=False, allow_blank=True)


class RedirectIn(In):
    kind = serializers.ChoiceField(choices=_KINDS)
    slug = RedirectSlugField(any_case=True, max_length=200, help_text="The old address: what stands behind its last slash.")
    to = RedirectSlugField(any_case=True, max_length=200, help_text="The slug of what it leads to.")


class RedirectOut(Out):
    kind = serializers.ChoiceField(choices=_KINDS)
    slug = serializers.CharField()
    to = serializers.CharField()
    name = serializers.CharField(help_text="Of what lives there.")
    created_at = serializers.DateTimeField()


class _RedirectsEdit(APIView):
    permission = "products.view"

    def permission_for(self, method: str) -> str | None:
        return "products.view" if method in {"GET", "HEAD", "OPTIONS"} else "products.edit"


class RedirectsView(_RedirectsEdit):
    @extend_schema(
        parameters=[
            RedirectsWhereIn, OpenApiParameter("limit", int), OpenApiParameter("cursor"),
        ],
        responses=page_of(RedirectOut),
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        told = {name: request.query_params[name] for name in ("kind", "q") if name in request.query_params}
        rows = selectors_taxonomy.redirects_for_staff(**RedirectsWhereIn.checked(told))
        return Response(paginate(rows, request, order=("-created_at", "-id"), out=selectors_taxonomy.redirect_json))

    @extend_schema(request=RedirectIn, responses={201: RedirectOut})
    def post(self, request: Request) -> Response:
        row = redirects.add_redirect(actor=request.viewer, **RedirectIn.checked(request.data))
        return Response(selectors_taxonomy.redirect_json(row), status=201)


class RedirectView(_RedirectsEdit):
    @extend_schema(responses={204: None})
    def delete(self, request: Request, kind: str, slug: str) -> HttpResponse:
        redirects.delete_redirect(kind, slug, actor=request.viewer)
        return HttpResponse(status=204)
