"""When a parcel arrives, as dates in the shop's own zone. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

SUNDAY = 6


@dataclass(frozen=True)
class DeliveryPromise:
    """The first and the last day on which it may arrive, if they are known, and the sentence a shopper reads."""

    earliest_on: date | None
    latest_on: date | None
    text: str


SOME_DAY = DeliveryPromise(None, None, "Leaves as soon as all of it is here")


def promise(
    ordered_at: datetime, *, min_days: int, max_days: int, cutoff_hour: int, zone: ZoneInfo, ready_on: date | None = None
) -> DeliveryPromise:
    """Count business days (Monday to Saturday) from the day the order leaves.

    ordered_at is an aware instant. Ordered from cutoff_hour on in the shop's zone, or on a Sunday, it leaves the next
    business day; never before ready_on, when all of it is here.
    """
    local = ordered_at.astimezone(zone)
    leaves = local.date()
    if local.hour >= cutoff_hour:
        leaves += timedelta(days=1)
    return _from(_on_business_day(max(leaves, ready_on or leaves)), min_days, max_days)


@lru_cache(maxsize=256)
def _from(leaves: date, min_days: int, max_days: int) -> DeliveryPromise:
    earliest, latest = _after(leaves, min_days), _after(leaves, max_days)
    text = f"Arrives {_said(earliest)}" if earliest == latest else f"Arrives {_said(earliest)} to {_said(latest)}"
    return DeliveryPromise(earliest, latest, text)


def _on_business_day(day: date) -> date:
    return day + timedelta(days=1) if day.weekday() == SUNDAY else day


def _after(day: date, business_days: int) -> date:
    for _ in range(business_days):
        day = _on_business_day(day + timedelta(days=1))
    return day


def _said(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b}"
