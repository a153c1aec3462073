"""Whether shoppers see a product. Pure; `selectors.ON_SHOW` is the same rule in SQL."""

from datetime import datetime
from enum import StrEnum

from noirel.catalog.models import Product


class Visibility(StrEnum):
    DRAFT = "draft"
    SCHEDULED = "scheduled"
    LIVE = "live"
    ENDED = "ended"
    ARCHIVED = "archived"


def visibility_of(product: Product, *, at: datetime) -> Visibility:
    """What shoppers are shown of a product at a moment: only what is LIVE."""
    if product.status != Product.Status.ACTIVE:
        return Visibility(product.status)
    if product.unpublish_at is not None and product.unpublish_at <= at:
        return Visibility.ENDED
    if product.published_at is None or product.published_at > at:
        return Visibility.SCHEDULED
    return Visibility.LIVE


def start_of(status: str, wanted: datetime | None, *, before: datetime | None, now: datetime) -> datetime | None:
    """The start date to save for a product that is to have this status and this start date.

    An active product without a start date is in the shop: it keeps the date since when it was (before), else it starts now.
    """
    if wanted is not None or status != Product.Status.ACTIVE:
        return wanted
    return before if before is not None and before <= now else now
