"""What the days brought: sums over orders as they were sold, by the shop's own days.

An order counts on the day its money came (`paid_at`); a refund on the day it was made. Net revenue is the one less the
other. Amounts are in the minor unit of the shop's currency; orders in another one aren't mixed in.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Count, Max, Sum
from django.db.models.functions import TruncDate

from noirel.core.domain.errors import FieldError, Invalid
from noirel.core.domain.money import Money, divide_half_up
from noirel.core.shop_time import shop_today, shop_zone
from noirel.inventory.models import StockItem
from noirel.orders.activity import REFUNDS_SQL, sold, span_of
from noirel.orders.models import Order, OrderLine

MAX_DAYS = 366
BEST_SELLERS = 5


@dataclass(frozen=True, slots=True)
class DateRange:
    """Shop-local days, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def previous(self) -> "DateRange":
        """As many days, just before."""
        return DateRange(self.first - timedelta(days=self.days), self.first - timedelta(days=1))

    def __iter__(self) -> Iterator[date]:
        return (self.first + timedelta(days=number) for number in range(self.days))


@dataclass(slots=True)
class DaySums:
    revenue: int = 0
    refunded: int = 0
    orders: int = 0
    units: int = 0

    @property
    def net(self) -> int:
        return self.revenue - self.refunded


@dataclass(slots=True)
class DailySums:
    days: dict[date, DaySums] = field(default_factory=dict)

    def over(self, span: DateRange, name: str) -> int:
        return sum(getattr(self.days[day], name) for day in span if day in self.days)

    def day(self, day: date) -> DaySums:
        return self.days.setdefault(day, DaySums())


def range_between(first: date | None, last: date | None) -> DateRange:
    """The days from first to last; without them the last 30 days. Raises Invalid."""
    end = last or shop_today()
    begin = first or end - timedelta(days=29)
    span = DateRange(begin, end)
    if not 1 <= span.days <= MAX_DAYS:
        raise Invalid(errors=[FieldError("from", "invalid", f"A range begins before it ends and has at most {MAX_DAYS} days.")])
    return span


def summary(span: DateRange) -> dict[str, Any]:
    """The dashboard's numbers for a range and the one before it. Five statements, whatever the range."""
    currency = settings.SHOP_CURRENCY
    sums = _sums(DateRange(span.previous.first, span.last))

    def money(amount: int) -> dict[str, Any]:
        return Money(amount, currency).json()

    def both(name: str) -> tuple[int, int]:
        return sums.over(span, name), sums.over(span.previous, name)

    (revenue, revenue_before), (orders, orders_before) = both("revenue"), both("orders")
    (net, net_before), (refunded, refunded_before), (units, units_before) = both("net"), both("refunded"), both("units")
    return {
        "from": span.first,
        "to": span.last,
        "net_revenue": {"value": money(net), "previous": money(net_before)},
        "orders": {"value": orders, "previous": orders_before},
        "average_order": {
            "value": money(divide_half_up(revenue, orders) if orders else 0),
            "previous": money(divide_half_up(revenue_before, orders_before) if orders_before else 0),
        },
        "refunded": {"value": money(refunded), "previous": money(refunded_before)},
        "units": {"value": units, "previous": units_before},
        "series": [
            {
                "date": day,
                "net_revenue": money(sums.day(day).net),
                "orders": sums.day(day).orders,
                "previous_net_revenue": money(sums.day(earlier).net),
            }
            for day, earlier in zip(span, span.previous, strict=True)
        ],
        "best_sellers": _best_sellers(span, currency),
    }


def _sums(span: DateRange) -> DailySums:
    sums = DailySums()
    paid = (
        Order.objects.filter(sold(span.first, span.last))
        .order_by()
        .annotate(day=TruncDate("paid_at", tzinfo=shop_zone()))
        .values("day")
        .annotate(revenue=Sum("total_amount"), count=Count("pk"), units=Sum("item_count"))
    )
    for row in paid:
        day = sums.day(row["day"])
        day.revenue, day.orders, day.units = row["revenue"], row["count"], row["units"]
    for refund_day, amount in _refunds(span):
        sums.day(refund_day).refunded = amount
    return sums


def _refunds(span: DateRange) -> list[tuple[date, int]]:
    """Refunds of sales, by day."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT ((refund ->> 'created_at')::timestamptz AT TIME ZONE %s)::date AS day,
                   sum((refund -> 'amount' ->> 'amount')::bigint)
            {REFUNDS_SQL}
            GROUP BY 1
            """,
            [settings.SHOP_TIME_ZONE, settings.SHOP_CURRENCY, *span_of(span.first, span.last)],
        )
        return [(day, int(amount)) for day, amount in cursor.fetchall()]


def _best_sellers(span: DateRange, currency: str) -> list[dict[str, Any]]:
    # What was given away is no best seller.
    lines = OrderLine.objects.filter(order__in=Order.objects.filter(sold(span.first, span.last)), unit_price_amount__gt=0)
    best = list(
        lines.order_by()
        .values("product_slug")
        .annotate(units=Sum("quantity"), revenue=Sum("total_amount"), title=Max("name"))
        .order_by("-units", "-revenue", "product_slug")[:BEST_SELLERS]
    )
    slugs = [row["product_slug"] for row in best]
    latest = OrderLine.objects.filter(product_slug__in=slugs).order_by("product_slug", "-order_id").distinct("product_slug")
    images = {line.product_slug: line.image for line in latest}
    stock = (
        StockItem.objects.filter(is_tracked=True, variant__product__slug__in=slugs)
        .order_by()
        .values("variant__product__slug")
        .annotate(left=Sum("available"))
    )
    available = {row["variant__product__slug"]: row["left"] for row in stock}
    return [
        {
            "slug": row["product_slug"],
            "name": row["title"],
            "image": images.get(row["product_slug"]),
            "units": row["units"],
            "revenue": Money(row["revenue"], currency).json(),
            "available": available.get(row["product_slug"]),
        }
        for row in best
    ]
