"""The shop's time zone (SHOP_TIME_ZONE): its calendar days, and the formatting of instants for people.

Instants are stored and returned in UTC. A day that a person enters or reads ("today", a date range, a deadline) is a day in the
shop's time zone, regardless of the time zones of the server and the reader.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone


def shop_zone() -> ZoneInfo:
    return ZoneInfo(settings.SHOP_TIME_ZONE)


def shop_day(at: datetime) -> date:
    """The date of an instant in the shop's time zone."""
    return at.astimezone(shop_zone()).date()


def shop_today() -> date:
    return shop_day(timezone.now())


def day_start(day: date) -> datetime:
    """The instant (UTC) at which a day begins in the shop's time zone."""
    return datetime.combine(day, time.min, tzinfo=shop_zone()).astimezone(UTC)


def day_end(day: date) -> datetime:
    """The instant (UTC) at which the following day begins: the exclusive end of `day`."""
    return day_start(day + timedelta(days=1))


def in_shop_zone(at: datetime) -> datetime:
    """Return an aware datetime (in UTC if it was naive). A naive one is read as wall-clock time in the shop's time zone."""
    return at if timezone.is_aware(at) else at.replace(tzinfo=shop_zone()).astimezone(UTC)


def format_day(at: datetime) -> str:
    """Format the date in the shop's time zone: `26 November 2026`."""
    local = at.astimezone(shop_zone())
    return f"{local.day} {local:%B %Y}"


def format_moment(at: datetime) -> str:
    """Format the time in the shop's time zone, with the zone's name: `26 November 2026, 21:12 IST`."""
    local = at.astimezone(shop_zone())
    return f"{local.day} {local:%B %Y, %H:%M} {zone_name(local)}"


def zone_name(at: datetime) -> str:
    """The name of the shop's time zone at an instant: `IST`, or `UTC+09:30` for a zone without an abbreviation."""
    local = at.astimezone(shop_zone())
    name = local.tzname() or ""
    if name.isalpha():
        return name
    offset = local.strftime("%z")
    return f"UTC{offset[:3]}:{offset[3:5]}"
