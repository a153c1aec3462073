"""The product feed in Google Merchant Center's format: RSS 2.0 with the `g:` names, an item for each variant.

Source: Google Merchant Center Help, "Product data specification" (lengths, values, when an attribute is asked for).
What the specification would refuse is left out: a variant without a picture or with no price, and one that is sold in a drop.
"""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote, urlencode
from xml.sax.saxutils import escape

import nh3
import orjson
from django.conf import settings
from django.utils import timezone

from noirel.catalog.feeds.measures import measure_of
from noirel.catalog.feeds.pictures import largest
from noirel.catalog.models import Category
from noirel.catalog.purchasable import SOLD_SEPARATELY
from noirel.catalog.selectors import VISIBLE
from noirel.core.db import prepared
from noirel.core.domain.money import exponent

BATCH = 200  # products
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_OPTIONS = {"color": {"colour", "color"}, "size": {"size", "volume"}, "material": {"material"}, "pattern": {"pattern"}}
_MPN = "CASE WHEN jsonb_typeof({0}.attributes->'mpn') IN ('string', 'number') THEN {0}.attributes->>'mpn' END"
_PRODUCTS = f"""
SELECT p.id, p.slug, p.name, p.subtitle, p.story, p.vendor, p.category_id, p.options::text, p.page::text, {_MPN.format("p")},
    (SELECT json_agg(json_build_object('id', v.id, 'sku', v.sku, 'options', v.options, 'amount', v.price_amount,
        'compare_at', v.compare_at_amount, 'currency', v.currency, 'barcode', v.barcode, 'grams', v.weight_grams,
        'in_stock', v.in_stock, 'available', v.available, 'policy', v.policy, 'expected_on', v.expected_on,
        'picture', v.picture_id, 'mpn', {_MPN.format("v")}) ORDER BY v.position, v.id)::text
     FROM catalog_variant v
     WHERE v.product_id = p.id AND v.archived_at IS NULL AND v.drop IS NULL AND {SOLD_SEPARATELY.format("v")})
FROM catalog_product p WHERE {VISIBLE} AND p.id > %s ORDER BY p.id LIMIT %s
"""


def feed() -> Iterator[str]:
    """The whole feed, a batch of products at a time."""
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel>\n'
        f"<title>{_text(settings.SHOP_NAME)}</title><link>{escape(settings.PUBLIC_URL)}</link>"
        f"<description>{_text(settings.SHOP_NAME)}</description>\n"
    )
    trails = _trails()
    last = 0
    while rows := prepared.execute(_PRODUCTS, last, BATCH):
        last = rows[-1][0]
        yield "".join(item for row in rows for item in _items(row, trails))
    yield "</channel></rss>\n"


def _items(row: Sequence[Any], trails: Mapping[int, str]) -> Iterator[str]:
    _, slug, name, subtitle, story, vendor, category_id, options, page, mpn, variants = row
    pictures = {picture["id"]: largest(picture) for picture in orjson.loads(page).get("images", ())}
    told = orjson.loads(variants) if variants else []
    if not any(pictures.values()):
        return
    common = {
        "description": (_plain(story) or _plain(subtitle) or name)[:5000],
        "brand": (vendor or settings.SHOP_NAME)[:70],
        "condition": "new",
        "product_type": trails.get(category_id, "")[:750],
    }
    labels = {option["name"]: str(option["label"]) for option in orjson.loads(options)}
    for variant in told:
        fields = {"id": variant["sku"] if len(variant["sku"]) <= 50 else f"v{variant['id']}"}
        fields |= {"title": _title(name, variant, is_one_of_many=len(told) > 1)} | common
        fields["mpn"] = _mpn(variant, "" if len(told) > 1 else mpn, is_our_own=_is_our_own(vendor))
        if len(told) > 1:
            fields["item_group_id"] = slug if len(slug) <= 50 else f"p{row[0]}"
        yield _item(slug, variant, fields, _shown(pictures, variant["picture"]), labels)


def _title(name: str, variant: Mapping[str, Any], *, is_one_of_many: bool) -> str:
    values = ", ".join(str(value) for value in variant["options"].values())
    return (f"{name}, {values}" if is_one_of_many and values else name)[:150]


def _item(
    slug: str, variant: Mapping[str, Any], fields: dict[str, str], pictures: Sequence[str], labels: Mapping[str, str]
) -> str:
    query = {name: "".join(str(value).lower().split()) for name, value in variant["options"].items()}  # as product pages do
    link = f"{settings.PUBLIC_URL}/p/{quote(slug)}" + (f"?{urlencode(query)}" if query else "")
    fields |= {"link": link, "image_link": pictures[0], **_price(variant), **_availability(variant)}
    if is_gtin(variant["barcode"]):
        fields["gtin"] = variant["barcode"]
    fields["identifier_exists"] = "yes" if "gtin" in fields or fields["mpn"] else "no"  # a brand is always there
    if variant["grams"]:
        fields["shipping_weight"] = f"{variant['grams']} g"
    for name, words in _OPTIONS.items():
        for key, value in variant["options"].items():
            if labels.get(key, key).casefold() in words and value:
                fields[name] = str(value)[:100]
    if measure := measure_of({labels.get(key, key): str(value) for key, value in variant["options"].items()}):
        fields |= {"unit_pricing_measure": measure.measure, "unit_pricing_base_measure": measure.base}
    told = "".join(f"<g:{name}>{_text(value)}</g:{name}>" for name, value in fields.items() if value)
    more = "".join(f"<g:additional_image_link>{_text(url)}</g:additional_image_link>" for url in pictures[1:11])
    return f"<item>{told}{more}</item>\n"


def _price(variant: Mapping[str, Any]) -> dict[str, str]:
    """A former price is the price, and what is asked now the sale price."""
    now = _amount(variant["amount"], variant["currency"])
    if variant["compare_at"]:
        return {"price": _amount(variant["compare_at"], variant["currency"]), "sale_price": now}
    return {"price": now}


def _amount(amount: int, currency: str) -> str:
    decimals = exponent(currency)
    whole, part = divmod(amount, 10**decimals)
    return f"{whole}.{part:0{decimals}d} {currency}" if decimals else f"{whole} {currency}"


def _availability(variant: Mapping[str, Any]) -> dict[str, str]:
    """Sold ahead needs a day within a year; without one it is not on offer yet."""
    if not variant["in_stock"]:
        return {"availability": "out_of_stock"}
    if variant["available"] is None or variant["available"] > 0 or variant["policy"] == "deny":
        return {"availability": "in_stock"}
    expected = date.fromisoformat(variant["expected_on"]) if variant["expected_on"] else None
    today = timezone.now().date()
    if expected is None or not today <= expected <= today + timedelta(days=365):
        return {"availability": "out_of_stock"}
    return {"availability": variant["policy"], "availability_date": f"{expected.isoformat()}T00:00:00Z"}


def _is_our_own(vendor: str) -> bool:
    return vendor.strip().casefold() == settings.SHOP_NAME.strip().casefold()


def _mpn(variant: Mapping[str, Any], of_product: str | None, *, is_our_own: bool) -> str:
    """The maker's number: the attribute `mpn` of the variant, or of a product that has one variant alone; else the SKU of
    what the shop says it makes itself. A number in doubt is none (Google: do not guess).
    """
    told = (variant["mpn"] or of_product or (variant["sku"] if is_our_own else "")).strip()
    return told if len(told) <= 70 else ""


def is_gtin(code: str) -> bool:
    """8, 12, 13 or 14 digits with the right check digit (GS1 General Specifications, 7.9); none that shops give themselves."""
    if len(code) not in {8, 12, 13, 14} or not (code.isascii() and code.isdigit()):
        return False
    weighed = sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(reversed(code)))
    padded = code.zfill(14)
    return weighed % 10 == 0 and not (padded[1] == "2" or padded[1:3] in {"02", "04"})


def _shown(pictures: Mapping[str, str], first: str | None) -> list[str]:
    urls = [pictures.get(str(first), ""), *pictures.values()]
    return list(dict.fromkeys(url for url in urls if url))


def _plain(story: str) -> str:
    spaced = re.sub(r"<(?:br|/p|/li|/h\d|/td|/div)[^>]*>", " ", story)
    return " ".join(html.unescape(nh3.clean(spaced, tags=set())).split())


def _text(value: str) -> str:
    return escape(_NO_XML.sub("", value))


def _trails() -> dict[int, str]:
    rows = {row.pk: row for row in Category.objects.all()}
    trails: dict[int, str] = {}
    for pk in rows:
        names: list[str] = []
        at: int | None = pk
        while at is not None and len(names) < len(rows):
            names.insert(0, rows[at].name)
            at = rows[at].parent_id
        trails[pk] = " > ".join(names)
    return trails
