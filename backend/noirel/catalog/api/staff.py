"""What staff read and write of the catalogue. Every change is in the audit log."""

from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response

from noirel.catalog.api import shapes
from noirel.catalog.models import Product
from noirel.catalog.selectors_staff import product_for_staff, products_for_staff, stock_of
from noirel.catalog.services import locking, options, products, variants
from noirel.catalog.story import sanitise
from noirel.catalog.visibility import visibility_of
from noirel.core.http import APIView, Request, check_if_match, etag, page_of, paginate

FILTERS = tuple(shapes.ProductsWhereIn().fields)


class _ProductsEdit(APIView):
    permission = "products.view"

    def permission_for(self, method: str) -> str | None:
        return "products.view" if method in {"GET", "HEAD", "OPTIONS"} else "products.edit"


def _tagged(product: dict[str, Any], status: int = 200) -> Response:
    return Response(product, status=status, headers={"ETag": _tag(product)})


def _tag(product: dict[str, Any]) -> str:
    return etag(product["slug"], product["updated_at"], *(variant["updated_at"] for variant in product["variants"]))


class ProductsView(_ProductsEdit):
    @extend_schema(
        parameters=[
            shapes.ProductsWhereIn,
            OpenApiParameter("limit", int),
            OpenApiParameter("cursor"),
        ],
        responses=page_of(shapes.AdminProductCardOut),
    )
    def get(self, request: Request) -> Response:
        told = {name: request.query_params[name] for name in FILTERS if name in request.query_params}
        rows = products_for_staff(**shapes.ProductsWhereIn.checked(told))
        page = paginate(rows, request, order=("-updated_at", "-id"), out=lambda product: product)
        stock = stock_of([product.pk for product in page["results"]])
        now = timezone.now()
        page["results"] = [
            {
                "slug": product.slug,
                "name": product.name,
                "subtitle": product.subtitle,
                "status": product.status,
                "visibility": visibility_of(product, at=now),
                "image": next(iter(product.card.get("images", ())), None),
                "price_range": product.card.get("price_range"),
                "variant_count": stock[product.pk][0],
                "available": stock[product.pk][1],
                "is_sample": product.is_sample,
                "updated_at": product.updated_at,
            }
            for product in page["results"]
        ]
        return Response(page)

    @extend_schema(request=shapes.NewProductIn, responses={201: shapes.AdminProductOut})
    def post(self, request: Request) -> Response:
        product = products.create_product(actor=request.viewer, **shapes.NewProductIn.checked(request.data))
        return _tagged(product_for_staff(product.slug), status=201)


class ProductView(_ProductsEdit):
    if_match = frozenset({"PATCH", "DELETE"})

    @extend_schema(responses=shapes.AdminProductOut)
    def get(self, request: Request, slug: str) -> Response:
        return _tagged(product_for_staff(slug))

    @extend_schema(request=shapes.ProductChangeIn, responses=shapes.AdminProductOut)
    def patch(self, request: Request, slug: str) -> Response:
        with transaction.atomic():
            _check(request, locking.lock_product(slug))
            change = shapes.ProductChangeIn.checked(request.data, partial=True)
            slug = products.update_product(slug, actor=request.viewer, **change)
        return _tagged(product_for_staff(slug))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str) -> HttpResponse:
        """Archives: what was sold keeps its product."""
        with transaction.atomic():
            _check(request, locking.lock_product(slug))
            products.update_product(slug, actor=request.viewer, status="archived")
        return HttpResponse(status=204)


def _check(request: Request, held: Product) -> None:
    """Whoever says which product was seen changes neither it nor any of its variants as it is no longer."""
    if "If-Match" in request.headers:
        check_if_match(request, _tag(product_for_staff(held.slug)))


class VariantView(APIView):
    if_match = frozenset({"PATCH", "DELETE"})
    permission = "products.edit"

    @extend_schema(request=shapes.VariantIn, responses=shapes.AdminProductOut)
    def patch(self, request: Request, sku: str) -> Response:
        with transaction.atomic():
            held = locking.lock_product_of_sku(sku)
            _check(request, held)
            variants.update_variant(sku, actor=request.viewer, **shapes.VariantIn.checked(request.data, partial=True))
        return _tagged(product_for_staff(held.slug))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, sku: str) -> HttpResponse:
        """Archives: what was sold keeps its variant."""
        with transaction.atomic():
            _check(request, locking.lock_product_of_sku(sku))
            options.archive_variant(sku, actor=request.viewer)
        return HttpResponse(status=204)


class VariantsView(APIView):
    permission = "products.edit"

    @extend_schema(request=shapes.NewVariantIn, responses={201: shapes.AdminProductOut})
    def post(self, request: Request, slug: str) -> Response:
        options.add_variant(slug, actor=request.viewer, **shapes.NewVariantIn.checked(request.data))
        return _tagged(product_for_staff(slug), status=201)


class OptionsView(APIView):
    if_match = frozenset({"PUT"})
    permission = "products.edit"

    @extend_schema(request=shapes.OptionsIn, responses=shapes.AdminProductOut)
    def put(self, request: Request, slug: str) -> Response:
        with transaction.atomic():
            _check(request, locking.lock_product(slug))
            options.set_options(slug, actor=request.viewer, **shapes.OptionsIn.checked(request.data))
        return _tagged(product_for_staff(slug))


class MissingVariantsView(APIView):
    permission = "products.edit"

    @extend_schema(request=shapes.MissingVariantsIn, responses=shapes.AdminProductOut)
    def post(self, request: Request, slug: str) -> Response:
        """A variant for each combination of the options that has none yet; saying it twice is saying it once."""
        options.add_missing(slug, actor=request.viewer, **shapes.MissingVariantsIn.checked(request.data))
        return _tagged(product_for_staff(slug))


class StoryView(APIView):
    permission = "products.view"

    @extend_schema(request=shapes.StoryIn, responses=shapes.StoryOut)
    def post(self, request: Request) -> Response:
        """What would be kept of a story, before it is."""
        return Response({"story": sanitise(shapes.StoryIn.checked(request.data)["story"])})
