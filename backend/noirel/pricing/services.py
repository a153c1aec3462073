"""Setup of the default shipping methods."""

from noirel.pricing.models import ShippingMethod

DEFAULT_METHODS = (
    {
        "code": "standard",
        "name": "Standard",
        "description": "By courier, insured, signed for.",
        "price_amount": 250_00,
        "free_over_amount": 10_000_00,
        "min_days": 2,
        "max_days": 4,
        "cutoff_hour": 14,
        "position": 1,
    },
    {
        "code": "evening",
        "name": "Evening, by hand",
        "description": "Between 18:00 and 21:00, by one of us.",
        "price_amount": 450_00,
        "min_days": 1,
        "max_days": 1,
        "cutoff_hour": 14,
        "postcode_prefixes": ["110", "122", "201", "400", "560", "600", "700"],
        "position": 2,
    },
    {
        "code": "abroad",
        "name": "Abroad",
        "description": "By air courier, insured, duties paid.",
        "price_amount": 2_500_00,
        "min_days": 5,
        "max_days": 9,
        "cutoff_hour": 12,
        "countries": ["AE", "AU", "CA", "DE", "FR", "GB", "JP", "SG", "US"],
        "position": 3,
    },
)


def ensure_defaults() -> None:
    """Create the default shipping methods that are missing. Existing ones are not changed."""
    for method in DEFAULT_METHODS:
        ShippingMethod.objects.get_or_create(code=method["code"], defaults={"currency": "INR", "countries": ["IN"], **method})
