"""Shipping methods for a destination, with prices and delivery promises."""

import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils import timezone

from noirel.core.domain.money import Money
from noirel.core.postcodes import Place, place_of
from noirel.core.shop_time import shop_zone
from noirel.pricing.delivery import UNDATED, DeliveryPromise, promise
from noirel.pricing.models import ShippingMethod
from noirel.pricing.quote import Ahead, ShippingOption

_cache: dict[str, tuple[float, list[ShippingMethod]]] = {}


@dataclass(frozen=True)
class OfferedMethod:
    """A shipping method priced for one purchase and destination."""

    code: str
    name: str
    description: str
    price: Money
    promise: DeliveryPromise

    @property
    def option(self) -> ShippingOption:
        return ShippingOption(code=self.code, name=self.name, price=self.price)


def shipping_methods(
    country: str, postcode: str, subtotal: Money, *, ahead: Collection[Ahead] = (), at: datetime | None = None
) -> list[OfferedMethod]:
    """Return every method that delivers to a destination, in the shop's order. At most one query.

    An empty country or postcode is unknown and excludes nothing; a postcode that doesn't exist excludes all. `subtotal` is the
    value of the goods, tax included. An order with units sold ahead ships as a whole when the last of them is expected.
    """
    place = place_of(country or settings.SHOP_COUNTRY, postcode) if postcode else Place("")
    if place is None:
        return []
    now = at or timezone.now()
    days = [line.expected_on for line in ahead]
    ready_on = max((day for day in days if day), default=None)
    zone = shop_zone()
    return [
        OfferedMethod(
            code=method.code,
            name=method.name,
            description=method.description,
            price=_price(method, subtotal),
            promise=UNDATED
            if None in days
            else promise(
                now,
                min_days=method.min_days,
                max_days=method.max_days,
                cutoff_hour=method.cutoff_hour,
                zone=zone,
                ready_on=ready_on,
            ),
        )
        for method in _methods(subtotal.currency)
        if _delivers(method, country, place.postcode)
    ]


def is_shipping_method(code: str, currency: str) -> bool:
    """Whether the shop has a delivery method of this code, wherever it delivers to. At most one SQL statement."""
    return any(method.code == code for method in _methods(currency))


def _methods(currency: str) -> list[ShippingMethod]:
    """Return the active methods, cached per process for SHIPPING_KEPT_SECONDS, so that changes take effect with that delay."""
    until, methods = _cache.get(currency, (0.0, []))
    now = time.monotonic()
    if now >= until:
        methods = list(ShippingMethod.objects.filter(is_active=True, currency=currency))
        _cache[currency] = (now + settings.SHIPPING_KEPT_SECONDS, methods)
    return methods


def free_shipping_over(currency: str) -> Money | None:
    """Return the lowest subtotal from which a method is free, or None."""
    threshold = (
        ShippingMethod.objects.filter(is_active=True, currency=currency, free_over_amount__isnull=False)
        .order_by("free_over_amount")
        .values_list("free_over_amount", flat=True)
        .first()
    )
    return None if threshold is None else Money(threshold, currency)


def _price(method: ShippingMethod, subtotal: Money) -> Money:
    if method.free_over_amount is not None and subtotal.amount >= method.free_over_amount:
        return Money(0, method.currency)
    return Money(method.price_amount, method.currency)


def _delivers(method: ShippingMethod, country: str, postcode: str) -> bool:
    if country and method.countries and country not in method.countries:
        return False
    # A method restricted to certain postcodes is not offered before the postcode is known.
    return not method.postcode_prefixes or any(postcode.startswith(prefix) for prefix in method.postcode_prefixes)
