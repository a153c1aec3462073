"""Sales and refunds per day: the shared definition of the dashboard's figures and the order lists they link to.

A sale counts on the day it was paid (`paid_at`) and a refund on the day it was requested, in the shop's time zone. Refunds of
money that was never a sale (late or duplicate payments) do not count, nor do orders in another currency than the shop's.
"""

from datetime import date, datetime

from django.conf import settings
from django.db.models import Q, QuerySet, TextChoices
from django.db.models.expressions import RawSQL

from noirel.core.shop_time import day_end, day_start
from noirel.orders.models import Order


class Activity(TextChoices):
    SALES = "sales"
    REFUNDS = "refunds"
    REVENUE = "revenue"  # orders with sales or refunds, which net revenue consists of


# Parameters: currency, start (inclusive), end (exclusive).
REFUNDS_SQL = """
    FROM orders_order, jsonb_array_elements(refunds) AS refund
    WHERE currency = %s AND paid_at IS NOT NULL AND refund ->> 'status' <> 'failed'
      AND refund ->> 'reason' NOT IN ('late', 'duplicate', 'mismatch', 'unmatched')
      AND (refund ->> 'created_at')::timestamptz >= %s AND (refund ->> 'created_at')::timestamptz < %s
"""


def span_of(first: date, last: date) -> tuple[datetime, datetime]:
    """Return the start (inclusive) and end (exclusive) of a range of days in the shop's time zone, both days included."""
    return day_start(first), day_end(last)


def sold(first: date, last: date) -> Q:
    """Condition for orders that were paid on these days."""
    start, end = span_of(first, last)
    return Q(currency=settings.SHOP_CURRENCY, paid_at__gte=start, paid_at__lt=end)


def refunded(first: date, last: date) -> Q:
    """Condition for orders with a refund requested on these days."""
    refunds = RawSQL(  # noqa: S611 - constant SQL, values are parameters
        f"SELECT orders_order.id {REFUNDS_SQL}", [settings.SHOP_CURRENCY, *span_of(first, last)]
    )
    return Q(pk__in=refunds)


def with_activity(orders: QuerySet[Order], activity: Activity, *, first: date, last: date) -> QuerySet[Order]:
    """Filter `orders` to those that a dashboard figure for these days consists of."""
    match activity:
        case Activity.SALES:
            return orders.filter(sold(first, last))
        case Activity.REFUNDS:
            return orders.filter(refunded(first, last))
        case Activity.REVENUE:
            return orders.filter(sold(first, last) | refunded(first, last))
