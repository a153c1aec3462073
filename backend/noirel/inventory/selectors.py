"""Reads of stock for staff."""

from django.db.models import QuerySet

from noirel.inventory.models import StockItem

# A shop that wants another number will get a setting with issue 4's reports.
LOW = 10


def running_low() -> QuerySet[StockItem]:
    """Stock items that can still be sold and have at most LOW units available: a list of staff's, and the dashboard's count."""
    return StockItem.objects.filter(
        is_tracked=True, available__lte=LOW, variant__archived_at=None, variant__product__status="active"
    )
