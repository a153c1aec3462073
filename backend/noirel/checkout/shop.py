"""What a storefront has to know before anybody buys."""

from typing import Any

from django.conf import settings

from noirel.catalog.sellable import samples
from noirel.core.domain.addresses import COUNTRIES
from noirel.core.domain.money import Money, format_money
from noirel.pricing.selectors import free_shipping_over, shipping_methods

RAZORPAY = "https://api.razorpay.com"
ENGRAVING_MAX, ENGRAVING_ALPHABET = 12, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 .&'-"
SAMPLES_MAX = 2


def shop_json() -> dict[str, Any]:
    """The contract's Shop; the same for everyone. Four statements, kept by shared caches."""
    free_over = free_shipping_over(settings.SHOP_CURRENCY)
    api_url = settings.RAZORPAY_API_URL
    return {
        "name": settings.SHOP_NAME,
        "time_zone": settings.SHOP_TIME_ZONE,
        "currency": settings.SHOP_CURRENCY,
        "currencies": [settings.SHOP_CURRENCY],
        "countries": [
            {
                "code": country.code,
                "name": country.name,
                "postcode_label": country.postcode_label,
                "postcode_pattern": country.postcode_pattern,
                "regions": [{"code": code, "name": name} for code, name in country.regions],
            }
            for country in COUNTRIES.values()
        ],
        "locales": ["en-IN"],
        "shipping_summary": _summary(free_over),
        "free_shipping_over": free_over.json() if free_over else None,
        "gift": {"wrap_price": Money(0, settings.SHOP_CURRENCY).json(), "message_max": 200},
        "samples": {
            "max": SAMPLES_MAX,
            "items": [{"sku": item.sku, "name": item.product_name, "image": item.image} for item in samples().values()],
        },
        "engraving": {"max": ENGRAVING_MAX, "alphabet": ENGRAVING_ALPHABET},
        "returns_days": 14,
        "gateway": {
            "provider": "razorpay",
            "key_id": settings.RAZORPAY_KEY_ID,
            "checkout_js": "https://checkout.razorpay.com/v1/checkout.js"
            if api_url == RAZORPAY
            else f"{api_url}/v1/checkout.js",
        },
    }


def _summary(free_over: Money | None) -> str:
    """When an order of this hour arrives by the house's first method, and what makes it free: a date, never "3-5 days"."""
    methods = shipping_methods("", "", Money(0, settings.SHOP_CURRENCY))
    told = [f"Delivered by {methods[0].promise.latest_on:%A %-d %B}."] if methods else []
    if free_over:
        told.append(f"Free over {format_money(free_over)}.")
    return " ".join(told)
