"""What shoppers read: the same for everyone, kept by shared caches."""

from collections.abc import Sequence
from typing import Any

from django.http import QueryDict
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view

from noirel.catalog.api import shapes
from noirel.catalog.read import queries
from noirel.core.db.queries import QueryPlan
from noirel.core.http.public import PathParams, Payload, PublicView

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


def _shaped(responses: Any, parameters: Sequence[OpenApiParameter] = (), description: str | None = None) -> Any:
    get = extend_schema(responses=responses, parameters=list(parameters), description=description)
    return extend_schema_view(get=get)


@_shaped(shapes.ProductListOut, _PARAMETERS, "One parameter more per attribute of the shop: `family=woody&family=floral`.")
class ProductsView(PublicView):
    @classmethod
    def warm_up(cls) -> None:
        queries.prepare()

    @classmethod
    def payload(cls, query: QueryDict, where: PathParams) -> Payload:
        return queries.product_list(query)

    @classmethod
    def query_plan(cls, query: QueryDict, where: PathParams) -> QueryPlan[Payload | None]:
        return queries.product_list_steps(query)


@_shaped(shapes.ProductOut)
class ProductView(PublicView):
    refusals = frozenset({301})
    is_shared = False

    @classmethod
    def payload(cls, query: QueryDict, where: PathParams) -> Payload:
        return queries.product(where["slug"])

    @classmethod
    def query_plan(cls, query: QueryDict, where: PathParams) -> QueryPlan[Payload | None]:
        return queries.product_steps(where["slug"])


@_shaped(shapes.CategoryPageOut)
class CategoriesView(PublicView):
    @classmethod
    def payload(cls, query: QueryDict, where: PathParams) -> Payload:
        return queries.categories()


@_shaped(shapes.CategoryDetailOut)
class CategoryView(PublicView):
    refusals = frozenset({301})

    @classmethod
    def payload(cls, query: QueryDict, where: PathParams) -> Payload:
        return queries.category(where["slug"])


@_shaped(shapes.CollectionPageOut)
class CollectionsView(PublicView):
    @classmethod
    def payload(cls, query: QueryDict, where: PathParams) -> Payload:
        return queries.collections()


@_shaped(shapes.CollectionOut)
class CollectionView(PublicView):
    refusals = frozenset({301})

    @classmethod
    def payload(cls, query: QueryDict, where: PathParams) -> Payload:
        return queries.collection(where["slug"])


@_shaped(shapes.SuggestionsOut, [OpenApiParameter("q")])
class SuggestView(PublicView):
    @classmethod
    def payload(cls, query: QueryDict, where: PathParams) -> Payload:
        return queries.suggestions(_typed(query))

    @classmethod
    def query_plan(cls, query: QueryDict, where: PathParams) -> QueryPlan[Payload | None]:
        return queries.suggestion_steps(_typed(query))


def _typed(query: QueryDict) -> str:
    return query.get("q", "")[:100]
