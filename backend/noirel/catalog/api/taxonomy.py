"""What staff read and write of categories, collections and attributes. Every change is in the audit log."""

from typing import Any

from django.db import transaction
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from noirel.catalog import selectors_taxonomy
from noirel.catalog.api import shapes
from noirel.catalog.models import Attribute, Collection
from noirel.catalog.services import collections, locking, ordering, taxonomy
from noirel.core.http import APIView, In, Out, Request, SlugField, check_if_match, etag, page_of


class PlainSeoIn(In):
    title = serializers.CharField(max_length=255, allow_blank=True)
    description = serializers.CharField(max_length=1000, allow_blank=True)


class CategoryIn(In):
    slug = SlugField(max_length=120, required=False)
    name = serializers.CharField(max_length=120)
    story = serializers.CharField(max_length=10_000, allow_blank=True, required=False)
    parent = serializers.CharField(max_length=120, allow_null=True, required=False)  # type: ignore[assignment]
    position = serializers.IntegerField(min_value=0, max_value=1_000_000, required=False)
    seo = PlainSeoIn(required=False)


class AdminCategoryOut(Out):
    slug = serializers.CharField()
    name = serializers.CharField()
    story = serializers.CharField()
    parent = serializers.CharField(allow_null=True)  # type: ignore[assignment]
    position = serializers.IntegerField()
    seo = shapes.ListSeoOut()
    updated_at = serializers.DateTimeField()


class CategoryPlaceIn(In):
    parent = serializers.CharField(max_length=120, allow_null=True, help_text="None: at the top.")  # type: ignore[assignment]
    before = serializers.CharField(max_length=120, allow_null=True, help_text="One that stands there; none: last.")


class AdminSubcategoryOut(shapes.SubcategoryOut):
    held = serializers.IntegerField()


class AdminCategoryNodeOut(shapes.CategoryOut):
    held = serializers.IntegerField(help_text="Products in the category itself, whether they can be seen or not.")
    children = AdminSubcategoryOut(many=True)


class RuleIn(In):
    field = serializers.ChoiceField(choices=list(collections.OPERATORS))
    name = serializers.CharField(max_length=60, required=False, help_text="Of the attribute.")
    value = serializers.JSONField(help_text="A text; minor units for price, days for published, true or false for in_stock.")

    def get_fields(self) -> dict[str, Any]:
        asked = sorted(set().union(*collections.OPERATORS.values()))
        return {**super().get_fields(), "is": serializers.ChoiceField(choices=asked)}


class RulesIn(In):
    rules = RuleIn(many=True)
    match = serializers.ChoiceField(choices=["all", "any"], default="all")


class CollectionIn(In):
    slug = SlugField(max_length=120, required=False)
    name = serializers.CharField(max_length=120)
    story = serializers.CharField(max_length=10_000, allow_blank=True, required=False)
    position = serializers.IntegerField(min_value=0, max_value=1_000_000, required=False)
    rules = RuleIn(many=True, allow_null=True, required=False)
    match = serializers.ChoiceField(choices=["all", "any"], required=False)
    products = serializers.ListField(
        child=serializers.CharField(max_length=200), max_length=5000, required=False, help_text="Slugs, in order."
    )
    seo = PlainSeoIn(required=False)


class CollectionItemOut(Out):
    slug = serializers.CharField()
    name = serializers.CharField()
    status = serializers.ChoiceField(choices=["draft", "active", "archived"])


class AdminCollectionCardOut(Out):
    slug = serializers.CharField()
    name = serializers.CharField()
    is_ruled = serializers.BooleanField()
    product_count = serializers.IntegerField()
    updated_at = serializers.DateTimeField()


class RuleOut(Out):
    field = serializers.CharField()
    name = serializers.CharField(required=False)
    value = serializers.JSONField()

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), "is": serializers.CharField()}


class AdminCollectionOut(Out):
    slug = serializers.CharField()
    name = serializers.CharField()
    story = serializers.CharField()
    position = serializers.IntegerField()
    rules = RuleOut(many=True, allow_null=True)
    match = serializers.ChoiceField(choices=["all", "any"])
    seo = shapes.ListSeoOut()
    product_count = serializers.IntegerField()
    products = CollectionItemOut(many=True, help_text="In order: all of them by hand, the first 250 by rule.")
    updated_at = serializers.DateTimeField()


class CountOut(Out):
    count = serializers.IntegerField()
    sample = CollectionItemOut(many=True, help_text="The newest.")


class AttributeChangeIn(In):
    label = serializers.CharField(max_length=120)  # type: ignore[assignment]
    type = serializers.ChoiceField(choices=["text", "number", "list", "colour", "json"])
    is_facet = serializers.BooleanField(required=False)
    is_on_card = serializers.BooleanField(required=False)
    is_of_variant = serializers.BooleanField(required=False)
    choices = serializers.ListField(child=serializers.JSONField(), max_length=500, required=False)
    position = serializers.IntegerField(min_value=0, max_value=1_000_000, required=False)


class AttributeIn(AttributeChangeIn):
    name = SlugField(max_length=60, any_case=True)


class AttributeOut(Out):
    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    type = serializers.ChoiceField(choices=["text", "number", "list", "colour", "json"])
    is_facet = serializers.BooleanField()
    is_on_card = serializers.BooleanField()
    is_of_variant = serializers.BooleanField()
    choices = serializers.ListField(child=serializers.JSONField())
    position = serializers.IntegerField()
    updated_at = serializers.DateTimeField()


class AttributeDetailOut(AttributeOut):
    is_used = serializers.BooleanField(help_text="Whether a product or a variant has a value: then its type stays.")


class AttributeOrderIn(In):
    names = serializers.ListField(child=serializers.CharField(max_length=60), max_length=1000, help_text="All of them.")


class _Edit(APIView):
    permission = "products.view"

    def permission_for(self, method: str) -> str | None:
        return "products.view" if method in {"GET", "HEAD", "OPTIONS"} else "products.edit"


def _tag(row: dict[str, Any]) -> str:
    # Products come into a collection by hand from elsewhere too: who puts it in order has to have seen them.
    by_hand = [item["slug"] for item in row.get("products", ())] if row.get("rules") is None else []
    return etag(row.get("slug") or row.get("name"), row["updated_at"], *by_hand)


def _tagged(row: dict[str, Any], status: int = 200) -> Response:
    return Response(row, status=status, headers={"ETag": _tag(row)})


class CategoriesView(_Edit):
    @extend_schema(responses=page_of(AdminCategoryNodeOut))
    def get(self, request: Request) -> Response:
        return Response(_tree())

    @extend_schema(request=CategoryIn, responses={201: AdminCategoryOut})
    def post(self, request: Request) -> Response:
        row = taxonomy.save_category(None, actor=request.viewer, **CategoryIn.checked(request.data))
        return _tagged(selectors_taxonomy.category_for_staff(row.slug), status=201)


class CategoryView(_Edit):
    if_match = frozenset({"PATCH", "DELETE"})

    @extend_schema(responses=AdminCategoryOut)
    def get(self, request: Request, slug: str) -> Response:
        return _tagged(selectors_taxonomy.category_for_staff(slug))

    @extend_schema(request=CategoryIn, responses=AdminCategoryOut)
    def patch(self, request: Request, slug: str) -> Response:
        with transaction.atomic():
            taxonomy.lock_category_tree()
            check_if_match(request, _tag(selectors_taxonomy.category_for_staff(slug)))
            row = taxonomy.save_category(slug, actor=request.viewer, **CategoryIn.checked(request.data, partial=True))
        return _tagged(selectors_taxonomy.category_for_staff(row.slug))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str) -> HttpResponse:
        with transaction.atomic():
            taxonomy.lock_category_tree()
            check_if_match(request, _tag(selectors_taxonomy.category_for_staff(slug)))
            taxonomy.delete_category(slug, actor=request.viewer)
        return HttpResponse(status=204)


class CategoryPlaceView(_Edit):
    """Where it stands. Two at once are done one after the other; the answer is the tree as it is then."""

    @extend_schema(request=CategoryPlaceIn, responses=page_of(AdminCategoryNodeOut))
    def put(self, request: Request, slug: str) -> Response:
        ordering.move_category(slug, actor=request.viewer, **CategoryPlaceIn.checked(request.data))
        return Response(_tree())


def _tree() -> dict[str, Any]:
    tree = selectors_taxonomy.tree_for_staff()
    return {"results": tree, "next": None, "total": len(tree)}


class CollectionsView(_Edit):
    @extend_schema(responses=page_of(AdminCollectionCardOut))
    def get(self, request: Request) -> Response:
        rows = selectors_taxonomy.collections_for_staff()
        return Response({"results": rows, "next": None, "total": len(rows)})

    @extend_schema(request=CollectionIn, responses={201: AdminCollectionOut})
    def post(self, request: Request) -> Response:
        row = collections.save_collection(None, actor=request.viewer, **CollectionIn.checked(request.data))
        return _tagged(selectors_taxonomy.collection_for_staff(row.slug), status=201)


class CollectionView(_Edit):
    if_match = frozenset({"PATCH", "DELETE"})

    @extend_schema(responses=AdminCollectionOut)
    def get(self, request: Request, slug: str) -> Response:
        return _tagged(selectors_taxonomy.collection_for_staff(slug))

    @extend_schema(request=CollectionIn, responses=AdminCollectionOut)
    def patch(self, request: Request, slug: str) -> Response:
        with transaction.atomic():
            locking.lock_row(Collection, slug=slug)
            check_if_match(request, _tag(selectors_taxonomy.collection_for_staff(slug)))
            row = collections.save_collection(slug, actor=request.viewer, **CollectionIn.checked(request.data, partial=True))
        return _tagged(selectors_taxonomy.collection_for_staff(row.slug))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str) -> HttpResponse:
        with transaction.atomic():
            locking.lock_row(Collection, slug=slug)
            check_if_match(request, _tag(selectors_taxonomy.collection_for_staff(slug)))
            collections.delete_collection(slug, actor=request.viewer)
        return HttpResponse(status=204)


class RulesCountView(APIView):
    """How many products some rules would gather, and the newest of them, before anything is kept."""

    permission = "products.view"

    @extend_schema(request=RulesIn, responses=CountOut)
    def post(self, request: Request) -> Response:
        asked = RulesIn.checked(request.data)
        return Response(collections.preview(asked["rules"], asked["match"]))


class AttributesView(_Edit):
    @extend_schema(responses=page_of(AttributeOut))
    def get(self, request: Request) -> Response:
        rows = selectors_taxonomy.attributes_for_staff()
        return Response({"results": rows, "next": None, "total": len(rows)})

    @extend_schema(request=AttributeIn, responses={201: AttributeDetailOut})
    def post(self, request: Request) -> Response:
        row = taxonomy.save_attribute(None, actor=request.viewer, **AttributeIn.checked(request.data))
        return _tagged(selectors_taxonomy.attribute_for_staff(row.name), status=201)


class AttributeOrderView(_Edit):
    @extend_schema(request=AttributeOrderIn, responses=page_of(AttributeOut))
    def put(self, request: Request) -> Response:
        ordering.order_attributes(AttributeOrderIn.checked(request.data)["names"], actor=request.viewer)
        rows = selectors_taxonomy.attributes_for_staff()
        return Response({"results": rows, "next": None, "total": len(rows)})


class AttributeView(_Edit):
    if_match = frozenset({"PATCH", "DELETE"})

    @extend_schema(responses=AttributeDetailOut)
    def get(self, request: Request, name: str) -> Response:
        return _tagged(selectors_taxonomy.attribute_for_staff(name))

    @extend_schema(request=AttributeChangeIn, responses=AttributeDetailOut)
    def patch(self, request: Request, name: str) -> Response:
        with transaction.atomic():
            locking.lock_row(Attribute, name=name)
            check_if_match(request, _tag(selectors_taxonomy.attribute_for_staff(name)))
            taxonomy.save_attribute(name, actor=request.viewer, **AttributeChangeIn.checked(request.data, partial=True))
        return _tagged(selectors_taxonomy.attribute_for_staff(name))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, name: str) -> HttpResponse:
        with transaction.atomic():
            locking.lock_row(Attribute, name=name)
            check_if_match(request, _tag(selectors_taxonomy.attribute_for_staff(name)))
            taxonomy.delete_attribute(name, actor=request.viewer)
        return HttpResponse(status=204)
