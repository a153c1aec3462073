"""What staff see of categories, collections and attributes."""

from typing import Any

from django.db.models import Count, QuerySet

from noirel.catalog.index.bitset import Bitset
from noirel.catalog.index.counts import by_category
from noirel.catalog.index.listing import read_current
from noirel.catalog.models import Attribute, Category, Collection, CollectionItem, Product, Redirect, Variant
from noirel.catalog.selectors import category_tree
from noirel.core.domain.errors import NotFound

SHOWN = 250  # products of a collection by rule on its page
MOST_BY_HAND = 5000  # as many as can be put in order at once


def descendants(pk: int) -> list[int]:
    """It and everything under it."""
    children: dict[int | None, list[int]] = {}
    for child, parent in Category.objects.values_list("pk", "parent_id"):
        children.setdefault(parent, []).append(child)
    found = [pk]
    for one in found:
        found += children.get(one, [])
    return found


def tree_for_staff() -> list[dict[str, Any]]:
    """The tree; `held` is how many products stand in a category itself, whether they can be seen or not. Two statements."""
    (seen, held), _ = read_current(
        lambda columns: (
            (by_category(columns, columns.visible()), by_category(columns, Bitset.from_bools(columns.ids > 0))),
            None,
        )
    )
    numbers = {category.slug: category.pk for category in Category.objects.only("slug")}

    def told(row: dict[str, Any]) -> dict[str, Any]:
        return {**row, "held": held.get(numbers[row["slug"]], 0), "children": [told(child) for child in row["children"]]}

    return [told(row) for row in category_tree(seen)]


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
    """Three statements. By hand it is told whole, so that it can be put in order; by rule its first. Raises NotFound."""
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
            )[: SHOWN if row.rules is not None else MOST_BY_HAND]
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
    return _attribute(row) | {"is_used": is_used(name)}


def is_used(name: str) -> bool:
    """Whether a product or a variant has a value of this attribute. Two statements."""
    return (
        Product.objects.filter(attributes__has_key=name).exists() or Variant.objects.filter(attributes__has_key=name).exists()
    )


def _attribute(row: Attribute) -> dict[str, Any]:
    told = ("name", "label", "type", "is_facet", "is_on_card", "is_of_variant", "choices", "position", "updated_at")
    return {name: getattr(row, name) for name in told}


def redirects_for_staff(*, kind: str = "", q: str = "") -> QuerySet[Redirect]:
    """Old addresses with what lives at the new ones; q is a part of the old address."""
    rows = Redirect.objects.select_related("product", "category", "collection").defer("product__card", "product__page")
    if kind:
        rows = rows.filter(kind=kind)
    return rows.filter(slug__icontains=q) if q else rows


def redirect_json(row: Redirect) -> dict[str, Any]:
    now = row.product or row.category or row.collection
    return {
        "kind": row.kind,
        "slug": row.slug,
        "to": now.slug if now else "",
        "name": now.name if now else "",
        "created_at": row.created_at,
    }
