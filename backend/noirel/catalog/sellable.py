"""What a bag and an order need of a variant: price, stock and look, as they are now."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson
from django.utils import timezone

from noirel.catalog.models import Product, Variant
from noirel.catalog.purchasable import is_sold_separately
from noirel.core.db import prepared
from noirel.core.domain.money import Money
from noirel.core.shop_time import shop_day


@dataclass(frozen=True, slots=True)
class SellableVariant:
    """All that a bag and an order need of a variant.

    available: None when stock is not tracked or may run below zero. left: what is there all the same, unless it is not tracked;
    expected_on: when more of it comes, if that day is not over.
    """

    variant_id: int
    sku: str
    title: str
    options: dict[str, str]
    product_slug: str
    product_name: str
    product_subtitle: str
    product_status_ok: bool
    price: Money
    compare_at: Money | None
    tax_rate_bps: int
    weight_grams: int | None
    image: dict[str, Any] | None
    attributes: dict[str, Any]
    available: int | None
    drop: dict[str, Any] | None = None
    left: int | None = None
    policy: str = "deny"
    expected_on: date | None = None

    @property
    def is_sold_separately(self) -> bool:
        return is_sold_separately(self.price.amount)


# What `sellable_from` reads, of catalog_variant v and catalog_product p.
COLUMNS = (
    "v.id, v.sku, v.title, v.options, v.price_amount, v.compare_at_amount, v.currency, v.tax_rate_bps, v.weight_grams,"
    " v.available, v.policy, v.expected_on, v.drop, p.slug, p.name, p.subtitle, p.status, p.published_at,"
    " p.card::jsonb->'images'->0, p.card::jsonb->'attributes',"
    " v.archived_at IS NULL AND (p.unpublish_at IS NULL OR p.unpublish_at > now())"
)
_OF_SKUS = (
    f"SELECT {COLUMNS} FROM catalog_variant v JOIN catalog_product p ON p.id = v.product_id WHERE v.sku = ANY(%s::text[])"
)


def sellable(skus: Collection[str]) -> dict[str, SellableVariant]:
    """The variants of these SKUs by SKU; unknown ones are missing. One statement."""
    now = timezone.now()
    found = (sellable_from(row, at=now) for row in prepared.execute(_OF_SKUS, [str(sku) for sku in skus]))
    return {item.sku: item for item in found}


def sellable_from(row: Sequence[Any], *, at: datetime) -> SellableVariant:
    """A variant from a row that begins with COLUMNS."""
    id_, sku, title, options, price, compare_at, currency, tax, grams, available, policy, expected_on, drop = row[:13]
    slug, name, subtitle, status, published, image, attributes, is_offered = row[13:21]
    return SellableVariant(
        variant_id=id_,
        sku=sku,
        title=title,
        options=orjson.loads(options),
        product_slug=slug,
        product_name=name,
        product_subtitle=subtitle,
        product_status_ok=is_offered and status == Product.Status.ACTIVE and published is not None and published <= at,
        price=Money(price, currency),
        compare_at=Money(compare_at, currency) if compare_at else None,
        tax_rate_bps=tax,
        weight_grams=grams,
        image=orjson.loads(image) if image else None,
        attributes=orjson.loads(attributes) if attributes else {},
        available=available if policy == "deny" else None,
        drop=orjson.loads(drop) if drop else None,
        left=available,
        policy=policy,
        expected_on=expected_on if expected_on and expected_on >= shop_day(at) else None,
    )


def samples() -> dict[str, SellableVariant]:
    """What may go with an order for nothing: unlisted, free and in stock, by SKU. Two statements."""
    free = Variant.objects.filter(price_amount=0, in_stock=True, archived_at=None, product__is_listed=False)
    free = free.filter(product__status=Product.Status.ACTIVE)
    return sellable(list(free.order_by("product_id", "position").values_list("sku", flat=True)))
