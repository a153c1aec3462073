"""What staff see of categories, collections and attributes."""

from typing import Any

from django.db.models import Count

from noirel.catalog.models import Attribute, Category, Collection, CollectionItem
from noirel.core.errors import NotFound

SHOWN = 250  # products of a collection on its page


def below(pk: int) -> list[int]:
    """It and everything under it."""
    children: dict[int | None, list[int]] = {}
    for child, parent in Category.objects.values_list("pk", "parent_id"):
        children.setdefault(parent, []).append(child)
    found = [pk]
    for one in found:
        found += children.get(one, [])
    return found


def category_for_staff(slug: str) -> dict[str, Any]:
    """Raises NotFound."""
    row = Category.objects.select_related("parent").filter(slug=slug).first()
    if row is None:
        raise NotFound("There is no such category.")
    return {
        "slug": row.slug,
        "name": row.name,
        "story": row.story,
        "parent": row.parent.slug if row.parent else None,
        "position": row.position,
        "seo": {"title": row.seo_title, "description": row.seo_description},
        "updated_at": row.updated_at,
    }


def collections_for_staff() -> list[dict[str, Any]]:
    """One statement."""
    return [
        {
            "slug": row.slug,
            "name": row.name,
            "is_ruled": row.rules is not None,
            "product_count": row.product_count,
            "updated_at": row.updated_at,
        }
        for row in Collection.objects.annotate(product_count=Count("items"))
    ]


def collection_for_staff(slug: str) -> dict[str, Any]:
    """Three statements. Raises NotFound."""
    row = Collection.objects.filter(slug=slug).first()
    if row is None:
        raise NotFound("There is no such collection.")
    items = CollectionItem.objects.filter(collection=row).order_by("position", "product_id")
    return {
        "slug": row.slug,
        "name": row.name,
        "story": row.story,
        "position": row.position,
        "rules": row.rules,
        "match": row.match,
        "seo": {"title": row.seo_title, "description": row.seo_description},
        "product_count": items.count(),
        "products": [
            {"slug": item.product.slug, "name": item.product.name, "status": item.product.status}
            for item in items.select_related("product").only(
                "product__slug", "product__name", "product__status", "position", "collection"
            )[:SHOWN]
        ],
        "updated_at": row.updated_at,
    }


def attributes_for_staff() -> list[dict[str, Any]]:
    return [_attribute(row) for row in Attribute.objects.all()]


def attribute_for_staff(name: str) -> dict[str, Any]:
    """Raises NotFound."""
    row = Attribute.objects.filter(name=name).first()
    if row is None:
        raise NotFound("There is no such attribute.")
    return _attribute(row)


def _attribute(row: Attribute) -> dict[str, Any]:
    told = ("name", "label", "type", "is_facet", "is_on_card", "is_of_variant", "choices", "position", "updated_at")
    return {name: getattr(row, name) for name in told}
