"""The shop's time zone (SHOP_TIME_ZONE): its days, and the one way to write an instant for a person.

Instants are stored and answered in UTC. A day that a person types or reads ("today", a range of days, a deadline) is a day
of the shop, wherever the server and the reader are.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone


def shop_zone() -> ZoneInfo:
    return ZoneInfo(settings.SHOP_TIME_ZONE)


def shop_day(at: datetime) -> date:
    """The shop's day on which an instant falls."""
    return at.astimezone(shop_zone()).date()


def shop_today() -> date:
    return shop_day(timezone.now())


def day_start(day: date) -> datetime:
    """The instant (UTC) at which a day of the shop begins."""
    return datetime.combine(day, time.min, tzinfo=shop_zone()).astimezone(UTC)


def day_end(day: date) -> datetime:
    """The instant (UTC) at which the following day begins: the exclusive end of `day`."""
    return day_start(day + timedelta(days=1))


def in_shop_zone(at: datetime) -> datetime:
    """An instant; one without a zone is taken as the shop's wall-clock time."""
    return at if timezone.is_aware(at) else at.replace(tzinfo=shop_zone()).astimezone(UTC)


def format_day(at: datetime) -> str:
    """`26 November 2026`, the shop's day."""
    local = at.astimezone(shop_zone())
    return f"{local.day} {local:%B %Y}"


def format_moment(at: datetime) -> str:
    """`26 November 2026, 21:12 IST`: the shop's wall-clock time, with the zone named."""
    local = at.astimezone(shop_zone())
    return f"{local.day} {local:%B %Y, %H:%M} {zone_name(local)}"


def zone_name(at: datetime) -> str:
    """`IST`, or `UTC+09:30` for a zone without an abbreviation of its own."""
    local = at.astimezone(shop_zone())
    name = local.tzname() or ""
    if name.isalpha():
        return name
    offset = local.strftime("%z")
    return f"UTC{offset[:3]}:{offset[3:5]}"
