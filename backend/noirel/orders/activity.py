"""Sales and refunds of some days: the one definition for the dashboard's sums and for the lists they lead to.

An order counts on the shop's day its money came (`paid_at`), a refund on the day it was made. Money that was never a sale
(late, paid twice) is no refund of one. Orders in another currency than the shop's are left out of both.
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
    REVENUE = "revenue"  # either: what net revenue is made of


# Parameters: currency, first instant, end.
REFUNDS_SQL = """
    FROM orders_order, jsonb_array_elements(refunds) AS refund
    WHERE currency = %s AND paid_at IS NOT NULL AND refund ->> 'status' <> 'failed'
      AND refund ->> 'reason' NOT IN ('late', 'duplicate', 'mismatch', 'unmatched')
      AND (refund ->> 'created_at')::timestamptz >= %s AND (refund ->> 'created_at')::timestamptz < %s
"""


def span_of(first: date, last: date) -> tuple[datetime, datetime]:
    """The instants from which and before which these days of the shop are, both included."""
    return day_start(first), day_end(last)


def sold(first: date, last: date) -> Q:
    """Orders whose money came on these days."""
    begin, end = span_of(first, last)
    return Q(currency=settings.SHOP_CURRENCY, paid_at__gte=begin, paid_at__lt=end)


def refunded(first: date, last: date) -> Q:
    """Orders of which something was refunded on these days."""
    refunds = RawSQL(  # noqa: S611 - a constant; what varies is passed as parameters
        f"SELECT orders_order.id {REFUNDS_SQL}", [settings.SHOP_CURRENCY, *span_of(first, last)]
    )
    return Q(pk__in=refunds)


def with_activity(orders: QuerySet[Order], activity: Activity, *, first: date, last: date) -> QuerySet[Order]:
    """The orders that the dashboard's figure for these days is made of."""
    match activity:
        case Activity.SALES:
            return orders.filter(sold(first, last))
        case Activity.REFUNDS:
            return orders.filter(refunded(first, last))
        case Activity.REVENUE:
            return orders.filter(sold(first, last) | refunded(first, last))
