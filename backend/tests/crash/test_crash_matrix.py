"""Killed before and after every statement and every call of the gateway, and brought to its end by whoever comes next, once.

A process is forked for each point, serves one request or job, and dies there by SIGKILL. Then comes what the world brings: the
shopper's retry, the webhook, the clock. Every way of recovery is walked from the points where something has changed outside the
process (around commits, autocommitted statements and the gateway's calls), and in turn from those inside a transaction;
CRASH_EVERY=1 walks every way from every point. The points are found by a dry run: they are not written down anywhere.
"""

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.utils import timezone

from noirel.backoffice.audit import compare_with_gateway, run_checks
from tests.crash import record
from tests.crash.points import Point
from tests.crash.purchase import Purchase
from tests.crash.stories import STORIES, Recovery, Story
from tests.crash.zygote import Zygote

pytestmark = pytest.mark.django_db(transaction=True)
EVERY = os.environ.get("CRASH_EVERY") == "1"


@dataclass(frozen=True)
class Crash:
    """One death and one way back."""

    at: int
    point: Point
    way: Recovery


def ways_from(story: Story, points: list[Point]) -> Iterator[Crash]:
    for at, point in enumerate(points):
        ways = story.recoveries if EVERY or not point.is_open else [story.recoveries[at % len(story.recoveries)]]
        yield from (Crash(at, point, way) for way in ways)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_killed_at_any_point_it_ends_as_if_it_had_not_been(
    story: Story, zygote: Zygote, purchases: Callable[[], Purchase], dead_are_buried: Callable[[], None]
) -> None:
    for _ in range(2):  # the first of all pins the gateway's account, and takes a way of its own
        lived = purchases()
        dry = zygote.run(story.begin(lived))
        finish(story, lived, story.recoveries[0])
    assert dry.end == 0
    assert dry.status in {0, 200, 201}, dry.body
    points = [Point(**told) for told in dry.points]
    assert len(points) >= 2 * dry.statements > 0, "there are statements that no crash point stands around"

    for crash in ways_from(story, points):
        purchase = purchases()
        died = zygote.run(story.begin(purchase), die_at=crash.at)
        where = f"{story.name} {crash.at}: {crash.point}"
        assert died.end == -signal.SIGKILL, f"{where} was not reached: {died.status} {died.body}"
        dead_are_buried()
        on_disk = purchase.on_disk()
        try:
            repaired_by = finish(story, purchase, crash.way)
        except AssertionError as error:
            raise AssertionError(f"{where}; on disk: {on_disk}; then {', '.join(crash.way.steps)}") from error
        record.keep(story, crash.at, crash.point, on_disk=on_disk, repaired_by=repaired_by)
    now = timezone.now()
    assert compare_with_gateway(now - timedelta(hours=2), now + timedelta(minutes=1)) == []


def finish(story: Story, purchase: Purchase, way: Recovery) -> str:
    """Let come what comes, then all of it again; who had it done first."""
    by = "nobody has to: it was done" if story.is_done(purchase) else ""
    for who, step in way.steps.items():
        step(purchase)
        if not by and story.is_done(purchase):
            by = who
    purchase.everything_again()
    way.ends(purchase)
    assert run_checks() == []
    return by
