"""What staff see of a product beyond what shoppers do."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Sum

from noirel.catalog.models import Product, ProductPicture, Variant
from noirel.content.selectors import picture_json
from noirel.core.errors import NotFound
from noirel.core.money import Money


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


def product_for_staff(slug: str) -> dict[str, Any]:
    """An AdminProduct of the contract; four statements. Raises NotFound."""
    product = Product.objects.select_related("category", "seo_picture").filter(slug=slug).first()
    if product is None:
        raise NotFound("There is no such product.")
    pictures = ProductPicture.objects.filter(product=product).select_related("asset")
    return {
        "slug": product.slug,
        "name": product.name,
        "subtitle": product.subtitle,
        "story": product.story,
        "vendor": product.vendor,
        "status": product.status,
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
        "related": list(product.related.values_list("other__slug", flat=True)),
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
            "in_stock": variant.in_stock,
            "quantity": variant.available,
            "policy": variant.policy,
            "expected_on": variant.expected_on,
        },
        "weight_grams": variant.weight_grams,
        "barcode": variant.barcode,
        "image": variant.picture_id,
        "inventory": {
            "on_hand": variant.on_hand,
            "reserved": variant.on_hand - (variant.available or 0) if variant.available is not None else 0,
            "available": variant.available or 0,
            "tracked": variant.available is not None,
            "policy": variant.policy,
        },
        "updated_at": variant.updated_at,
    }
