"""Writes what the shop reads: one product's card, page, price range and search text, from its rows."""

from typing import Any

from django.db.models import Prefetch

from noirel.catalog.models import Attribute, Category, Product, ProductPicture, Variant
from noirel.catalog.present import search_text
from noirel.content.selectors import picture_json
from noirel.core.money import Money


def present(product_id: int) -> None:
    """Call in the transaction of any change to a product, its variants, pictures or category. Five statements."""
    product = (
        Product.objects.select_related("category")
        .prefetch_related(
            Prefetch("variants", Variant.objects.order_by("position", "id")),
            Prefetch("pictures", ProductPicture.objects.select_related("asset").order_by("position", "id")),
        )
        .get(pk=product_id)
    )
    variants = list(product.variants.all())
    # One that could not be fetched has its place and its address, and nothing to show yet.
    pictures = [picture_json(item.asset) for item in product.pictures.all() if item.asset.renditions]
    shown = [picture for picture in pictures if picture["view"] != "cutout"]
    prices = [variant.price_amount for variant in variants] or [0]
    currency = variants[0].currency if variants else product.currency
    cheapest = min(variants, key=lambda variant: variant.price_amount, default=None)
    definitions = list(Attribute.objects.all())
    on_card = {d.name for d in definitions if d.is_on_card}
    trail = _trail(product.category)
    compare_at = cheapest and cheapest.compare_at_amount and Money(cheapest.compare_at_amount, currency).json()
    common: dict[str, Any] = {
        "slug": product.slug,
        "name": product.name,
        "subtitle": product.subtitle,
        "category": product.category.slug if product.category else None,
        "price_range": {"min": Money(min(prices), currency).json(), "max": Money(max(prices), currency).json()},
        "compare_at": compare_at,
        "rating": {"average": None, "count": 0},
    }
    card = common | {
        "images": shown[:2],
        "attributes": {name: value for name, value in product.attributes.items() if name in on_card},
    }
    page = common | {
        "story": product.story,
        "vendor": product.vendor,
        "options": product.options,
        "images": [*shown, *(picture for picture in pictures if picture["view"] == "cutout")],
        "attributes": product.attributes,
        "attribute_definitions": [
            {"name": d.name, "label": d.label, "type": d.type} for d in definitions if d.name in product.attributes
        ],
        "breadcrumbs": [{"name": category.name, "slug": category.slug} for category in trail],
        "seo": {
            "title": product.seo_title
            or f"{product.name}, {product.attributes.get('concentration', product.subtitle)}".rstrip(", "),
            "description": product.seo_description or product.subtitle,
        },
        "published_at": product.published_at,
    }
    Product.objects.filter(pk=product_id).update(
        currency=currency,
        min_price_amount=min(prices),
        max_price_amount=max(prices),
        in_stock=any(variant.in_stock for variant in variants),
        search_text=search_text(
            name=product.name,
            subtitle=product.subtitle,
            vendor=product.vendor,
            category=" ".join(category.name for category in trail),
            tags=product.tags,
            attributes=product.attributes,
            skus=[variant.sku for variant in variants],
        ),
        card=card,
        page={
            **page,
            "published_at": product.published_at.isoformat().replace("+00:00", "Z") if product.published_at else None,
        },
    )


def _trail(category: Category | None) -> list[Category]:
    trail: list[Category] = []
    while category is not None and category not in trail:
        trail.insert(0, category)
        category = category.parent
    return trail
