"""What the clock does: jobs of `handlers.JOBS`, each run by one worker at a time, however many there are."""

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from importlib import import_module
from typing import cast

from django.conf import settings
from django.db.models.functions import Now
from django.utils import timezone

from noirel.core.db import locks
from noirel.core.models import TimedJob

Job = Callable[[], object]
log = logging.getLogger("noirel.jobs")

# The lanes: what takes a moment; what may take minutes (an import, a picture) and must hold nobody up; and what waits for
# somebody outside who may be away, whom nothing else needs.
LANES = SHORT, LONG, OUTSIDE = "JOBS", "LONG_JOBS", "OUTSIDE_JOBS"
# Set when this process was asked to end: a long job stops at its next safe place, and goes on from there elsewhere.
stopping = threading.Event()


def registered(lane: str = SHORT) -> Sequence[tuple[int, Job]]:
    return cast(Sequence[tuple[int, Job]], getattr(import_module(settings.EVENT_HANDLERS), lane))


def prepare() -> None:
    """A row for every job; new ones are due at once."""
    everything = [timed for lane in LANES for timed in registered(lane)]
    TimedJob.objects.bulk_create([TimedJob(name=_name(job)) for _, job in everything], ignore_conflicts=True)


def run_due(lane: str = SHORT) -> int:
    """Run every job of the lane that is due; returns how many ran.

    The guarded UPDATE decides whose turn it is, the advisory lock that a slow run isn't overtaken by the next one.
    """
    ran = 0
    for every_seconds, job in registered(lane):
        if stopping.is_set():
            break
        name = _name(job)
        due = TimedJob.objects.filter(name=name, due_at__lte=Now())
        if not due.update(due_at=timezone.now() + timedelta(seconds=every_seconds)):
            continue
        with locks.session_lock(f"job:{name}", wait_ms=0) as leading:
            if not leading:
                continue
            try:
                job()
            except Exception:  # the clock goes on; the job is due again at its next time
                log.exception("%s failed", name)
            ran += 1
    return ran


def since_last_run() -> timedelta | None:
    """How long ago a worker last began a short job; None if none ever has. What one job needs doesn't hide that others run."""
    periods = {_name(job): timedelta(seconds=every) for every, job in registered()}
    due = dict(TimedJob.objects.filter(name__in=periods).values_list("name", "due_at"))
    if not due:
        return None
    return timezone.now() - max(at - periods[name] for name, at in due.items())


def _name(job: Job) -> str:
    return f"{job.__module__}.{getattr(job, '__qualname__', type(job).__name__)}"
