"""What delivery costs to a place, and by when it is there."""

import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils import timezone

from noirel.core.domain.money import Money
from noirel.core.postcodes import Place, place_of
from noirel.core.shop_time import shop_zone
from noirel.pricing.delivery import SOME_DAY, DeliveryPromise, promise
from noirel.pricing.models import ShippingMethod
from noirel.pricing.quote import Ahead, ShippingOption

_kept: dict[str, tuple[float, list[ShippingMethod]]] = {}


@dataclass(frozen=True)
class OfferedMethod:
    """A shipping method priced for one purchase and one place."""

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
    """Every method that delivers there, in the shop's order. At most one SQL statement.

    An empty country or postcode means "not said yet" and rules nothing out; a postcode that doesn't exist rules out all.
    subtotal is of the goods, tax included. What is
    sold ahead leaves, with all the rest, when the last of it is here.
    """
    place = place_of(country or settings.SHOP_COUNTRY, postcode) if postcode else Place("")
    if place is None:
        return []
    now = at or timezone.now()
    days = [one.expected_on for one in ahead]
    ready_on = max((day for day in days if day), default=None)
    zone = shop_zone()
    return [
        OfferedMethod(
            code=method.code,
            name=method.name,
            description=method.description,
            price=_price(method, subtotal),
            promise=SOME_DAY
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


def _methods(currency: str) -> list[ShippingMethod]:
    """The shop's methods, read again after SHIPPING_KEPT_SECONDS: until then another process may still offer the old ones."""
    until, methods = _kept.get(currency, (0.0, []))
    now = time.monotonic()
    if now >= until:
        methods = list(ShippingMethod.objects.filter(is_active=True, currency=currency))
        _kept[currency] = (now + settings.SHIPPING_KEPT_SECONDS, methods)
    return methods


def free_shipping_over(currency: str) -> Money | None:
    """The lowest sum from which some delivery is free, if there is one."""
    lowest = (
        ShippingMethod.objects.filter(is_active=True, currency=currency, free_over_amount__isnull=False)
        .order_by("free_over_amount")
        .values_list("free_over_amount", flat=True)
        .first()
    )
    return None if lowest is None else Money(lowest, currency)


def _price(method: ShippingMethod, subtotal: Money) -> Money:
    if method.free_over_amount is not None and subtotal.amount >= method.free_over_amount:
        return Money(0, method.currency)
    return Money(method.price_amount, method.currency)


def _delivers(method: ShippingMethod, country: str, postcode: str) -> bool:
    if country and method.countries and country not in method.countries:
        return False
    # A method for certain postcodes is not promised before the postcode is known.
    return not method.postcode_prefixes or any(postcode.startswith(prefix) for prefix in method.postcode_prefixes)
