"""Stock queries for staff."""

from django.db.models import QuerySet

from noirel.inventory.models import StockItem

LOW = 10


def running_low() -> QuerySet[StockItem]:
    """Return stock items on sale with at most LOW units available, for staff's list and the dashboard's count."""
    return StockItem.objects.filter(
        is_tracked=True, available__lte=LOW, variant__archived_at=None, variant__product__status="active"
    )
