"""Writes what the shop reads: a product's card, page, price range and search text, from its rows."""

import re
from collections.abc import Collection, Mapping
from html import unescape
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Prefetch

from noirel.catalog.models import Attribute, Category, Product, ProductPicture, Variant
from noirel.catalog.purchasable import is_purchasable, is_sold_separately
from noirel.catalog.services.availability import is_low
from noirel.catalog.services.collections import update_membership
from noirel.catalog.story import pictures_in, with_pictures
from noirel.catalog.text import attribute_text, search_text, tokens
from noirel.content.models import MediaAsset
from noirel.content.selectors import picture_json
from noirel.core.db import prepared
from noirel.core.domain.money import Money
from noirel.core.http.json import dumps

_WRITE = """
UPDATE catalog_product p SET currency = t.currency,
    min_price_amount = t.min_price_amount, max_price_amount = t.max_price_amount,
    in_stock = t.in_stock, is_on_sale = t.is_on_sale, is_low_stock = t.is_low_stock,
    search_text = t.search_text, card = t.card, page = t.page
FROM jsonb_to_recordset(%s::jsonb) AS t(
    id bigint, currency text, min_price_amount bigint, max_price_amount bigint, in_stock bool, is_on_sale bool,
    is_low_stock bool, search_text text, card text, page text
)
WHERE p.id = t.id
"""
# Only what is other words now: their lexemes are made anew, and searches that were kept are forgotten.
_WRITE_WORDS = """
INSERT INTO catalog_productwords AS w (product_id, language, name, said, source, head, lexemes)
SELECT t.id, g.language, t.name, t.said, s.source, catalog_head(g.language, t.name, t.beside),
    catalog_lexemes(g.language, t.said, t.story)
FROM (SELECT %s::text AS language, %s::jsonb AS rows) g
CROSS JOIN LATERAL jsonb_to_recordset(g.rows) AS t(id bigint, name text, beside text, said text, story text)
JOIN catalog_product p ON p.id = t.id CROSS JOIN LATERAL (SELECT catalog_words_source(p) AS source) s
WHERE NOT EXISTS (
    SELECT FROM catalog_productwords o WHERE o.product_id = t.id AND (o.language, o.source) = (g.language, s.source))
ORDER BY t.id
ON CONFLICT (product_id) DO UPDATE SET language = excluded.language, name = excluded.name, said = excluded.said,
    source = excluded.source, head = excluded.head, lexemes = excluded.lexemes
"""


def refresh_projection(product_id: int) -> None:
    """Call in the transaction of any change to a product, its variants, pictures or category."""
    refresh_projections([product_id])


@transaction.atomic(savepoint=False)
def refresh_projections(product_ids: Collection[int]) -> None:
    """The same for many products: nine statements, however many they are. Locks their rows, in id order.

    They are locked before their variants are read, as stock movements do (availability.present_flipped): otherwise a product
    whose last variant sells out meanwhile would be written as in stock.
    """
    if not product_ids:
        return
    prepared.execute("SELECT 1 FROM catalog_product WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", list(product_ids))
    products = (
        Product.objects.filter(pk__in=product_ids)
        .select_related("seo_picture")
        .prefetch_related(
            Prefetch("variants", Variant.objects.filter(archived_at=None).order_by("position", "id")),
            Prefetch("pictures", ProductPicture.objects.select_related("asset").order_by("position", "id")),
        )
    )
    definitions = list(Attribute.objects.all())
    categories = Category.objects.in_bulk()
    found = list(products.order_by("pk"))
    renditions = _renditions(found)
    prepared.execute(
        _WRITE, dumps([_projection_row(product, definitions, categories, renditions) for product in found]).decode()
    )
    prepared.execute(
        _WRITE_WORDS, settings.SEARCH_LANGUAGE, dumps([_search_row(product, categories) for product in found]).decode()
    )
    update_membership(product_ids)


def _renditions(products: Collection[Product]) -> dict[str, tuple[str, int, int]]:
    """Address, width and height of the pictures in stories, by their source. A statement if there is any, else none."""
    sources = {source for product in products for source in pictures_in(product.story)}
    if not sources:
        return {}
    found = {}
    for asset in MediaAsset.objects.filter(source__in=sources):
        by_width = sorted(picture_json(asset)["renditions"], key=lambda r: r["width"])
        # Every browser shows WebP; a column of prose is at most some 800 pixels wide.
        fitting = [r for r in by_width if r["format"] == "webp"] or by_width
        if fitting:
            chosen = next((r for r in fitting if r["width"] >= 800), fitting[-1])
            found[asset.source] = (chosen["url"], chosen["width"], chosen["height"])
    return found


def _projection_row(
    product: Product,
    definitions: list[Attribute],
    categories: Mapping[int, Category],
    renditions: Mapping[str, tuple[str, int, int]],
) -> dict[str, Any]:
    """A row of _WRITE; no statement."""
    variants = list(product.variants.all())
    # One that could not be fetched has its place and its address, and nothing to show yet.
    pictures = [
        picture_json(item.asset) | ({"alt": item.alt} if item.alt else {})
        for item in product.pictures.all()
        if item.asset.renditions
    ]
    shown = [picture for picture in pictures if picture["view"] != "cutout"]
    # What a shopper can pay: a free variant beside others does not make the product begin at 0.
    sold = [variant for variant in variants if is_sold_separately(variant.price_amount)]
    prices = [variant.price_amount for variant in sold] or [0]
    purchasable = [variant for variant in sold if is_purchasable(variant)]
    currency = variants[0].currency if variants else product.currency
    cheapest = min(sold, key=lambda variant: variant.price_amount, default=None)
    on_card = {d.name for d in definitions if d.is_on_card}
    trail = _breadcrumbs(product.category_id, categories)
    compare_at = cheapest and cheapest.compare_at_amount and Money(cheapest.compare_at_amount, currency).json()
    common: dict[str, Any] = {
        "slug": product.slug,
        "name": product.name,
        "subtitle": product.subtitle,
        "category": trail[-1].slug if trail else None,
        "price_range": {"min": Money(min(prices), currency).json(), "max": Money(max(prices), currency).json()},
        "compare_at": compare_at,
        "rating": {"average": None, "count": 0},
    }
    card = common | {
        "images": shown[:2],
        "attributes": {name: value for name, value in product.attributes.items() if name in on_card},
    }
    page = common | {
        "story": with_pictures(product.story, renditions.get),
        "vendor": product.vendor,
        "options": product.options,
        "images": [*shown, *(picture for picture in pictures if picture["view"] == "cutout")],
        "attributes": product.attributes,
        "attribute_definitions": [
            {"name": d.name, "label": d.label, "type": d.type}
            for d in definitions
            if d.name in product.attributes or any(d.name in variant.attributes for variant in variants)
        ],
        "breadcrumbs": [{"name": category.name, "slug": category.slug} for category in trail],
        "seo": {
            "title": product.seo_title
            or f"{product.name}, {product.attributes.get('concentration', product.subtitle)}".rstrip(", "),
            "description": product.seo_description or product.subtitle,
            "canonical": product.seo_canonical,
            "image": picture_json(product.seo_picture) if product.seo_picture else next(iter(shown), None),
        },
        "published_at": product.published_at.isoformat().replace("+00:00", "Z") if product.published_at else None,
    }
    return {
        "id": product.pk,
        "currency": currency,
        "min_price_amount": min(prices),
        "max_price_amount": max(prices),
        "in_stock": bool(purchasable),
        "is_on_sale": any((variant.compare_at_amount or 0) > variant.price_amount for variant in sold),
        "is_low_stock": bool(purchasable) and all(is_low(variant) for variant in purchasable),
        "search_text": search_text(
            name=product.name,
            subtitle=product.subtitle,
            vendor=product.vendor,
            category=" ".join(category.name for category in trail),
            tags=product.tags,
            attributes=product.attributes,
            skus=[variant.sku for variant in variants],
        ),
        "card": dumps(card).decode(),
        "page": dumps(page).decode(),
    }


def _search_row(product: Product, categories: Mapping[int, Category]) -> dict[str, Any]:
    """A row of _WRITE_WORDS; no statement."""
    trail = (category.name for category in _breadcrumbs(product.category_id, categories))
    variants = list(product.variants.all())
    codes = (code for variant in variants for code in (variant.sku, variant.barcode))
    name, beside = _said(product.name), _said(product.subtitle, product.vendor, *trail, *codes)
    of_variants = dict.fromkeys(word for v in variants for told in (v.options, v.attributes) for word in attribute_text(told))
    return {
        "id": product.pk,
        "name": name,
        "beside": beside,
        "said": " ".join(filter(None, [name, beside, _said(*product.tags, *attribute_text(product.attributes), *of_variants)])),
        "story": _said(unescape(_TAG.sub(" ", product.story)), most=_STORY),
    }


_TAG = re.compile(r"<[^>]*>")
_SAID, _STORY = 8000, 3000  # characters: who writes more than that is found by the beginning
_LONGEST = 60  # what is longer is no word, and too long for PostgreSQL sometimes


def _said(*texts: str, most: int = _SAID) -> str:
    return " ".join(word for word in tokens(" ".join(texts)[:most]) if len(word) <= _LONGEST)


def _breadcrumbs(category_id: int | None, categories: Mapping[int, Category]) -> list[Category]:
    trail: list[Category] = []
    while category_id is not None and (category := categories[category_id]) not in trail:
        trail.insert(0, category)
        category_id = category.parent_id
    return trail
