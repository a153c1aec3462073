"""Dates and formatted times are in the shop's time zone, regardless of the server's and the reader's."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis.strategies import dates, sampled_from

from noirel.core.shop_time import day_end, day_start, format_day, format_moment, in_shop_zone, shop_day, shop_today

ZONES = ["Asia/Kolkata", "America/Los_Angeles", "Asia/Tokyo", "UTC", "Pacific/Apia", "Europe/Paris"]


@pytest.mark.parametrize(
    ("now", "day"),
    [("2026-11-22T18:29:59Z", date(2026, 11, 22)), ("2026-11-22T18:30:00Z", date(2026, 11, 23))],
)
def test_today_begins_at_the_shops_midnight(now: str, day: date) -> None:
    with time_machine.travel(now, tick=False):
        assert shop_today() == day


@given(dates(date(2000, 1, 1), date(2100, 1, 1)), sampled_from(ZONES))
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_consecutive_days_have_no_gap_and_no_overlap(settings: Any, day: date, zone: str) -> None:
    settings.SHOP_TIME_ZONE = zone
    assert day_end(day) == day_start(day + timedelta(days=1))
    if day_start(day) < day_end(day):  # Samoa had no 30 December 2011
        assert shop_day(day_start(day)) == shop_day(day_end(day) - timedelta(microseconds=1)) == day


def test_a_formatted_time_names_its_zone(settings: Any) -> None:
    at = datetime(2026, 11, 26, 20, 42, tzinfo=UTC)
    assert (format_moment(at), format_day(at)) == ("27 November 2026, 02:12 IST", "27 November 2026")
    settings.SHOP_TIME_ZONE = "America/Los_Angeles"
    assert format_moment(at) == "26 November 2026, 12:42 PST"
    settings.SHOP_TIME_ZONE = "Asia/Dubai"
    assert format_moment(at) == "27 November 2026, 00:42 UTC+04:00"


def test_a_naive_datetime_is_in_the_shops_zone() -> None:
    assert in_shop_zone(datetime.fromisoformat("2026-11-26T02:12")) == datetime(2026, 11, 25, 20, 42, tzinfo=UTC)


def test_no_text_of_the_shop_formats_a_time_in_utc() -> None:
    code = Path(__file__).parents[2]
    written = re.compile(r"""%H:%M[^"']*\}\s*UTC""")
    assert [str(path) for path in code.rglob("*.py") if "tests" not in path.parts and written.search(path.read_text())] == []
