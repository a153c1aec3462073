"""`manage.py worker`: tells what happened (the outbox) and runs what is due (timed jobs)."""

import logging
import signal
import threading
from types import FrameType
from typing import Any

import psycopg
from django.core.management.base import BaseCommand
from django.db import Error, close_old_connections, connection

from noirel.core import events, jobs

log = logging.getLogger("noirel.worker")
POLL_SECONDS = 1.0


class Command(BaseCommand):
    help = "Drain the outbox and run the timed jobs until SIGTERM."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--once", action="store_true", help="drain, run what is due, and stop")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["once"]:
            jobs.prepare()
            jobs.run_due()
            jobs.run_due(jobs.LONG)
            while events.drain():
                pass
            return
        self.stop = jobs.stopping
        signal.signal(signal.SIGTERM, self._asked_to_stop)
        signal.signal(signal.SIGINT, self._asked_to_stop)
        # Threads of their own: a job that waits for the gateway doesn't hold up the mail, nor an import either of them.
        clocks = [threading.Thread(target=self._run_jobs, args=(lane,), name=lane.lower()) for lane in (jobs.SHORT, jobs.LONG)]
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
        listening: psycopg.Connection[Any] | None = None
        while not self.stop.is_set():
            try:
                listening = listening or self._listen()
                while not self.stop.is_set() and events.drain(20):
                    pass
                # Woken by a commit's NOTIFY; retries and expired leases are found by the poll.
                for _ in listening.notifies(timeout=POLL_SECONDS, stop_after=1):
                    pass
            except (Error, psycopg.Error):
                log.exception("the database did not answer")
                if listening is not None:
                    listening.close()
                listening = None
                self.stop.wait(POLL_SECONDS)
            close_old_connections()
        if listening is not None:
            listening.close()
        connection.close()

    def _listen(self) -> psycopg.Connection[Any]:
        parameters = connection.get_connection_params()
        own = {
            name: value for name, value in parameters.items() if name not in {"cursor_factory", "context", "prepare_threshold"}
        }
        listening = psycopg.connect(**own, autocommit=True)
        listening.execute(f"LISTEN {events.CHANNEL}")
        return listening
