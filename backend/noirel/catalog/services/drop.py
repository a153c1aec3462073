"""What drops tells us of each variant."""

from collections.abc import Collection, Mapping
from typing import Any

from django.utils import timezone

from noirel.catalog.models import Product, Variant


def set_drop(variant_ids: Collection[int], terms: Mapping[str, Any] | None) -> None:
    """Write down the terms of the drop these variants are sold in from now on, as their page tells them; None: in no drop."""
    now = timezone.now()
    Variant.objects.filter(pk__in=variant_ids).update(drop=terms, updated_at=now)
    Product.objects.filter(variants__in=variant_ids).update(updated_at=now)
