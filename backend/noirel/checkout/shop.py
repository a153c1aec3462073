"""What a storefront has to know before anybody buys."""

from typing import Any

from django.conf import settings

from noirel.catalog.selectors import samples
from noirel.core.addresses import COUNTRIES
from noirel.core.money import Money, format_money
from noirel.pricing.selectors import free_shipping_over

RAZORPAY = "https://api.razorpay.com"
ENGRAVING_MAX, ENGRAVING_ALPHABET = 12, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 .&'-"
SAMPLES_MAX = 2


def shop_json() -> dict[str, Any]:
    """The contract's Shop; the same for everyone. Three statements, kept by shared caches."""
    free_over = free_shipping_over(settings.SHOP_CURRENCY)
    api_url = settings.RAZORPAY_API_URL
    return {
        "name": settings.SHOP_NAME,
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
        "shipping_summary": f"Free delivery over {format_money(free_over)}." if free_over else "Delivered by courier.",
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
