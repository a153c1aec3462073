"""`manage.py worker`: delivers events from the outbox and runs scheduled jobs."""

import logging
import signal
import threading
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand
from django.db import Error, close_old_connections, connection

from noirel.core import events, jobs

log = logging.getLogger("noirel.worker")
POLL_SECONDS = 1.0
OUTBOX_SECONDS = 0.25  # the longest time an event waits to be noticed


class Command(BaseCommand):
    help = "Deliver events and run scheduled jobs until SIGTERM."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--once", action="store_true", help="deliver all due events, run all due jobs once, and exit")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["once"]:
            jobs.prepare()
            for lane in jobs.LANES:
                jobs.run_due(lane)
            while events.deliver_due():
                pass
            return
        self.stop = jobs.stopping
        signal.signal(signal.SIGTERM, self._on_signal)
        signal.signal(signal.SIGINT, self._on_signal)
        # One thread per lane, so that a job that waits for the payment gateway or a long import doesn't delay mail.
        threads = [threading.Thread(target=self._run_jobs, args=(lane,), name=lane.lower()) for lane in jobs.LANES]
        for thread in threads:
            thread.start()
        log.info("worker started")
        self._run_outbox()
        for thread in threads:
            thread.join()
        log.info("worker stopped")

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.stop.set()

    def _run_jobs(self, lane: str) -> None:
        is_prepared = False
        while not self.stop.is_set():
            try:
                if not is_prepared:
                    jobs.prepare()
                    is_prepared = True
                jobs.run_due(lane)
            except Error:
                log.exception("the database is unavailable")
            close_old_connections()
            self.stop.wait(POLL_SECONDS)
        connection.close()

    def _run_outbox(self) -> None:
        while not self.stop.is_set():
            try:
                while not self.stop.is_set() and events.deliver_due(20):
                    pass
            except Error:
                log.exception("the database is unavailable")
            close_old_connections()
            self.stop.wait(OUTBOX_SECONDS)
        connection.close()
