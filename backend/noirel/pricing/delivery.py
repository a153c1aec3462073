"""Delivery promises as dates in the shop's time zone. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

SUNDAY = 6


@dataclass(frozen=True)
class DeliveryPromise:
    """The first and last day of delivery, if they are known, and the sentence shown to shoppers."""

    earliest_on: date | None
    latest_on: date | None
    text: str


UNDATED = DeliveryPromise(None, None, "Ships as soon as everything is in stock")


def promise(
    ordered_at: datetime, *, min_days: int, max_days: int, cutoff_hour: int, zone: ZoneInfo, ready_on: date | None = None
) -> DeliveryPromise:
    """Return the delivery dates, in business days (Monday to Saturday) from the day the order ships.

    `ordered_at` is an aware instant. An order placed on a Sunday, or from `cutoff_hour` on in `zone`, ships on the next
    business day, and never before `ready_on`, the day everything is in stock.
    """
    local = ordered_at.astimezone(zone)
    ships_on = local.date()
    if local.hour >= cutoff_hour:
        ships_on += timedelta(days=1)
    return _promise_from(_next_business_day(max(ships_on, ready_on or ships_on)), min_days, max_days)


@lru_cache(maxsize=256)
def _promise_from(ships_on: date, min_days: int, max_days: int) -> DeliveryPromise:
    earliest, latest = _add_business_days(ships_on, min_days), _add_business_days(ships_on, max_days)
    text = (
        f"Arrives {_format_day(earliest)}"
        if earliest == latest
        else f"Arrives {_format_day(earliest)} to {_format_day(latest)}"
    )
    return DeliveryPromise(earliest, latest, text)


def _next_business_day(day: date) -> date:
    return day + timedelta(days=1) if day.weekday() == SUNDAY else day


def _add_business_days(day: date, business_days: int) -> date:
    for _ in range(business_days):
        day = _next_business_day(day + timedelta(days=1))
    return day


def _format_day(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b}"
