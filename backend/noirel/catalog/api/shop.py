"""What shoppers read: the same for everyone, kept by shared caches."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema

from noirel.catalog import selectors
from noirel.catalog.api import shapes
from noirel.catalog.models import Attribute
from noirel.core.api import APIView, Request, public_cache
from noirel.core.api.pagination import limit_of
from noirel.core.errors import FieldError, Invalid, NotFound

_PARAMETERS = [
    OpenApiParameter("category"),
    OpenApiParameter("collection"),
    OpenApiParameter("q"),
    OpenApiParameter("sort", enum=["newest", "best_selling", "price", "-price", "relevance"]),
    OpenApiParameter("min_price", int, description="Minor units."),
    OpenApiParameter("max_price", int, description="Minor units."),
    OpenApiParameter("in_stock", bool),
    OpenApiParameter("badge", enum=["new", "best_seller"]),
    OpenApiParameter("limit", int),
    OpenApiParameter("cursor"),
]
_OWN = {"category", "collection", "q", "sort", "min_price", "max_price", "in_stock", "badge", "limit", "cursor"}


def wanted_of(request: Request, definitions: list[Attribute]) -> selectors.Wanted:
    """The list that a query string asks for. Raises Invalid with a line for every parameter that is not right."""
    query = request.query_params
    errors: list[FieldError] = []

    def amount(name: str) -> int | None:
        text = query.get(name, "")
        if text and not (text.isascii() and text.isdigit() and len(text) < 16):
            errors.append(FieldError(name, "invalid", "A whole number of minor units."))
            return None
        return int(text) if text else None

    def one_of(name: str, values: list[str]) -> str:
        text = query.get(name, "")
        if text and text not in values:
            errors.append(FieldError(name, "invalid", f"One of {', '.join(values)}."))
        return text

    unknown = set(query) - _OWN
    known = unknown & {definition.name for definition in definitions}
    errors += [FieldError(name, "unknown", "There is no such parameter or attribute.") for name in sorted(unknown - known)]
    in_stock = one_of("in_stock", ["true", "false"])
    wanted = selectors.Wanted(
        category=query.get("category", ""),
        collection=query.get("collection", ""),
        q=query.get("q", "")[:200],
        sort=one_of("sort", selectors.SORTS),
        min_price=amount("min_price"),
        max_price=amount("max_price"),
        in_stock=None if not in_stock else in_stock == "true",
        badge=one_of("badge", ["new", "best_seller"]),
        attributes={name: query.getlist(name)[:50] for name in sorted(known)},
        limit=limit_of(request),
        cursor=query.get("cursor", ""),
    )
    if errors:
        raise Invalid(errors=errors)
    return wanted


class ProductsView(APIView):
    caching = "public"

    @extend_schema(parameters=_PARAMETERS, responses=shapes.ProductListOut)
    def get(self, request: Request) -> HttpResponse:
        """One parameter more per attribute of the shop: `family=woody&family=floral`."""
        definitions = list(Attribute.objects.all())
        return public_cache(request, selectors.product_list(wanted_of(request, definitions), definitions))


class ProductView(APIView):
    caching = "public"

    @extend_schema(responses=shapes.ProductOut)
    def get(self, request: Request, slug: str) -> HttpResponse:
        return public_cache(request, selectors.product_page(slug))


def _page(results: list[dict[str, Any]]) -> dict[str, Any]:
    return {"results": results, "next": None, "total": len(results)}


class CategoriesView(APIView):
    caching = "public"

    @extend_schema(responses=shapes.CategoryPageOut)
    def get(self, request: Request) -> HttpResponse:
        return public_cache(request, _page(selectors.category_tree()))


class CollectionsView(APIView):
    caching = "public"

    @extend_schema(responses=shapes.CollectionPageOut)
    def get(self, request: Request) -> HttpResponse:
        return public_cache(request, _page(selectors.collections()))


class CollectionView(APIView):
    caching = "public"

    @extend_schema(responses=shapes.CollectionOut)
    def get(self, request: Request, slug: str) -> HttpResponse:
        found = selectors.collections(slug)
        if not found:
            raise NotFound("There is no such collection.")
        return public_cache(request, found[0])


class SuggestView(APIView):
    caching = "public"

    @extend_schema(parameters=[OpenApiParameter("q", required=True)], responses=shapes.SuggestionsOut)
    def get(self, request: Request) -> HttpResponse:
        return public_cache(request, selectors.suggest(request.query_params.get("q", "")[:100]))
