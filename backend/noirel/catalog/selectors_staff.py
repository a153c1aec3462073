"""What staff see of a product beyond what shoppers do."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.utils import timezone

from noirel.catalog.models import Category, Collection, CollectionItem, Product, ProductPicture, RelatedProduct, Variant
from noirel.catalog.purchasable import is_purchasable, is_sold_separately
from noirel.catalog.selectors_taxonomy import descendants
from noirel.catalog.text import fold
from noirel.catalog.visibility import visibility_of
from noirel.content.selectors import picture_json
from noirel.core.domain.errors import FieldError, Invalid, NotFound
from noirel.core.domain.money import Money


def stock_of(product_ids: Sequence[int]) -> dict[int, tuple[int, int | None]]:
    """Per product: how many variants, and what can be had of them together (None when nothing is tracked). One statement."""
    counted = (
        Variant.objects.filter(product_id__in=product_ids, archived_at=None)
        .values("product_id")
        .annotate(count=Count("id"), left=Sum("available"))
        .values_list("product_id", "count", "left")
    )
    found: dict[int, tuple[int, int | None]] = dict.fromkeys(product_ids, (0, None))
    return found | {product_id: (count, left) for product_id, count, left in counted}


def is_sample(product: str = "") -> Q:
    """A product that only goes along with an order, for nothing: unlisted and free. `product` is the path to it."""
    return Q(**{f"{product}is_listed": False, f"{product}max_price_amount": 0})


def products_for_staff(
    *,
    q: str = "",
    status: str = "",
    category: str = "",
    collection: str = "",
    in_stock: bool | None = None,
    sample: bool | None = None,
) -> QuerySet[Product]:
    """The products that staff ask for: words of q in what is searched or in the address, a category with all below it.

    sample: only free samples, or only what is sold; None for both.

    Raises Invalid for a category or collection that there is none of.
    """
    rows = Product.objects.all()
    if status:
        rows = rows.filter(status=status)
    if category:
        top = Category.objects.filter(slug=category).values_list("pk", flat=True).first()
        if top is None:
            raise Invalid(errors=[FieldError("category", "unknown", "There is no such category.")])
        rows = rows.filter(category_id__in=descendants(top))
    if collection:
        if not Collection.objects.filter(slug=collection).exists():
            raise Invalid(errors=[FieldError("collection", "unknown", "There is no such collection.")])
        items = CollectionItem.objects.filter(collection__slug=collection, product=OuterRef("pk"))
        rows = rows.filter(Exists(items))
    if in_stock is not None:
        rows = rows.filter(in_stock=in_stock)
    if sample is not None:
        rows = rows.filter(is_sample() if sample else ~is_sample())
    for word in fold(q).split()[:8]:
        rows = rows.filter(Q(search_text__contains=word) | Q(slug__contains=word))
    return rows


def product_for_staff(slug: str) -> dict[str, Any]:
    """An AdminProduct of the contract; six statements. Raises NotFound."""
    product = Product.objects.select_related("category", "seo_picture").filter(slug=slug).first()
    if product is None:
        raise NotFound("There is no such product.")
    pictures = ProductPicture.objects.filter(product=product).select_related("asset")
    rows = RelatedProduct.objects.filter(product=product).select_related("other")
    beside = [row.other for row in rows.only("product", "position", "other__slug", "other__name", "other__status")]
    return {
        "slug": product.slug,
        "name": product.name,
        "subtitle": product.subtitle,
        "story": product.story,
        "vendor": product.vendor,
        "status": product.status,
        "visibility": visibility_of(product, at=timezone.now()),
        "category": product.category.slug if product.category else None,
        "attributes": product.attributes,
        "seo": {
            "title": product.seo_title,
            "description": product.seo_description,
            "canonical": product.seo_canonical,
            "image": picture_json(product.seo_picture) if product.seo_picture else None,
        },
        "tags": product.tags,
        "options": product.options,
        "images": [picture_json(picture.asset) for picture in pictures],
        "variants": [_variant(variant) for variant in Variant.objects.filter(product=product)],
        "related": [other.slug for other in beside],
        "related_products": [{"slug": other.slug, "name": other.name, "status": other.status} for other in beside],
        "collections": [
            {"slug": row.slug, "name": row.name, "is_ruled": row.rules is not None}
            for row in Collection.objects.filter(items__product=product)
        ],
        "is_listed": product.is_listed,
        "published_at": product.published_at,
        "unpublish_at": product.unpublish_at,
        "created_at": product.created_at,
        "updated_at": product.updated_at,
    }


def _variant(variant: Variant) -> dict[str, Any]:
    compare_at = variant.compare_at_amount
    return {
        "sku": variant.sku,
        "title": variant.title,
        "options": variant.options,
        "attributes": variant.attributes,
        "archived_at": variant.archived_at,
        "drop": variant.drop,
        "price": Money(variant.price_amount, variant.currency).json(),
        "compare_at": Money(compare_at, variant.currency).json() if compare_at else None,
        "availability": {
            "in_stock": is_purchasable(variant),
            "quantity": variant.available if is_sold_separately(variant.price_amount) else 0,
            "policy": variant.policy,
            "expected_on": variant.expected_on,
        },
        "weight_grams": variant.weight_grams,
        "tax_rate_bps": variant.tax_rate_bps,
        "barcode": variant.barcode,
        "image": variant.picture_id,
        "inventory": {
            "on_hand": variant.on_hand,
            "reserved": 0 if variant.available is None else variant.on_hand - variant.committed - variant.available,
            "committed": variant.committed,
            "available": variant.available or 0,
            "tracked": variant.available is not None,
            "policy": variant.policy,
        },
        "updated_at": variant.updated_at,
    }
