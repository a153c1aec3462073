"""Scheduled jobs: registered in `handlers.py`, each run by one worker at a time."""

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

# Each lane has its own thread in the worker, so that jobs of one lane never delay those of another: short jobs; jobs that may
# take minutes, such as imports and image processing; and jobs that call external services, which may be slow or down.
LANES = SHORT, LONG, OUTSIDE = "JOBS", "LONG_JOBS", "OUTSIDE_JOBS"
# Set when this process is asked to terminate. Long jobs stop at their next checkpoint and are resumed by another worker.
stopping = threading.Event()


def registered(lane: str = SHORT) -> Sequence[tuple[int, Job]]:
    """The jobs of a lane, each with its interval in seconds."""
    return cast(Sequence[tuple[int, Job]], getattr(import_module(settings.EVENT_HANDLERS), lane))


def prepare() -> None:
    """Create the missing rows of TimedJob. New jobs are due immediately."""
    jobs = [entry for lane in LANES for entry in registered(lane)]
    TimedJob.objects.bulk_create([TimedJob(name=_name(job)) for _, job in jobs], ignore_conflicts=True)


def run_due(lane: str = SHORT) -> int:
    """Run every due job of a lane and return how many ran.

    A conditional UPDATE of `due_at` decides which worker runs a job. An advisory lock keeps the next run from starting before a
    slow one has ended.
    """
    count = 0
    for every_seconds, job in registered(lane):
        if stopping.is_set():
            break
        name = _name(job)
        due = TimedJob.objects.filter(name=name, due_at__lte=Now())
        if not due.update(due_at=timezone.now() + timedelta(seconds=every_seconds)):
            continue
        with locks.session_lock(f"job:{name}", wait_ms=0) as is_acquired:
            if not is_acquired:
                continue
            try:
                job()
            except Exception:  # other jobs still run, and this one is due again after its interval
                log.exception("%s failed", name)
            count += 1
    return count


def since_last_run() -> timedelta | None:
    """How long ago a worker last started a short job; None if none ever has.

    Long jobs are not considered, so one that takes minutes doesn't look like a stopped worker.
    """
    intervals = {_name(job): timedelta(seconds=every) for every, job in registered()}
    due = dict(TimedJob.objects.filter(name__in=intervals).values_list("name", "due_at"))
    if not due:
        return None
    return timezone.now() - max(at - intervals[name] for name, at in due.items())


def _name(job: Job) -> str:
    return f"{job.__module__}.{getattr(job, '__qualname__', type(job).__name__)}"
