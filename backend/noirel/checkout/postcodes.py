"""What is known of a postal code before anybody buys: where it lies, and how and by when parcels get there."""

from typing import Any

from django.conf import settings

from noirel.core.domain.addresses import COUNTRIES
from noirel.core.domain.errors import NotFound
from noirel.core.domain.money import Money
from noirel.core.postcodes import Place, canonical, place_of
from noirel.pricing.selectors import OfferedMethod, shipping_methods


def postcode_json(country: str, postcode: str) -> dict[str, Any]:
    """The contract's Postcode: a suggestion for an address, and the methods that deliver there.

    A code that could exist but isn't known is not serviceable. Raises NotFound for a country we don't deliver to and a code
    that can't exist. At most one statement.
    """
    if country not in COUNTRIES or not postcode:
        raise NotFound("There is no such postcode.")
    code = canonical(country, postcode)
    if code is None:
        raise NotFound("There is no such postcode.")
    place = place_of(country, code)
    methods = shipping_methods(country, code, Money(0, settings.SHOP_CURRENCY)) if place else []
    place = place or Place(code)
    return {
        "postcode": place.postcode,
        "country": country,
        "region": place.region,
        "city": place.city,
        "serviceable": bool(methods),
        "methods": [_method_json(method) for method in methods],
    }


def _method_json(method: OfferedMethod) -> dict[str, Any]:
    promise = method.promise
    return {
        "code": method.code,
        "name": method.name,
        "price": method.price.json(),
        "promise": {
            "earliest_on": promise.earliest_on.isoformat() if promise.earliest_on else None,
            "latest_on": promise.latest_on.isoformat() if promise.latest_on else None,
            "text": promise.text,
        },
        "cash_on_delivery": False,
    }
