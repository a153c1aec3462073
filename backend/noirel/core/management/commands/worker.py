"""`manage.py worker`: tells what happened (the outbox) and runs what is due (timed jobs)."""

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
OUTBOX_SECONDS = 0.25  # the longest a mail waits for us to look


class Command(BaseCommand):
    help = "Drain the outbox and run the timed jobs until SIGTERM."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--once", action="store_true", help="drain, run what is due, and stop")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["once"]:
            jobs.prepare()
            for lane in jobs.LANES:
                jobs.run_due(lane)
            while events.deliver_due():
                pass
            return
        self.stop = jobs.stopping
        signal.signal(signal.SIGTERM, self._asked_to_stop)
        signal.signal(signal.SIGINT, self._asked_to_stop)
        # Threads of their own: a job that waits for the gateway doesn't hold up the mail, nor an import either of them.
        clocks = [threading.Thread(target=self._run_jobs, args=(lane,), name=lane.lower()) for lane in jobs.LANES]
        for clock in clocks:
            clock.start()
        log.info("worker started")
        self._run_outbox()
        for clock in clocks:
            clock.join()
        log.info("worker stopped")

    def _asked_to_stop(self, number: int, frame: FrameType | None) -> None:
        self.stop.set()

    def _run_jobs(self, lane: str) -> None:
        prepared = False
        while not self.stop.is_set():
            try:
                if not prepared:
                    jobs.prepare()
                    prepared = True
                jobs.run_due(lane)
            except Error:
                log.exception("the database did not answer")
            close_old_connections()
            self.stop.wait(POLL_SECONDS)
        connection.close()

    def _run_outbox(self) -> None:
        while not self.stop.is_set():
            try:
                while not self.stop.is_set() and events.deliver_due(20):
                    pass
            except Error:
                log.exception("the database did not answer")
            close_old_connections()
            self.stop.wait(OUTBOX_SECONDS)
        connection.close()
