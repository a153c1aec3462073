"""Questions to PostgreSQL that nobody waits for: sent when they come up, heard when the socket says so.

One connection in libpq's pipeline mode (https://www.postgresql.org/docs/current/libpq-pipeline-mode.html): any number of
questions are on their way at a time, and are answered in their order. Each ends with a Sync, so that a mistake in one is
nothing to those after it. For one thread, which has a selector to look after the socket.
"""

import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from psycopg import Error, pq

from noirel.core.db.postgres.base import dollar_placeholders, raw_rows
from noirel.core.db.queries import Rows

# Called with the rows, or with None: the question failed, or the line broke. Who asked asks elsewhere then.
Callback = Callable[[Rows | None], None]


class Pipeline:
    """`connection`: psycopg's, in no transaction, of which nobody else makes use."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection  # whose end is the end of its libpq connection
        server = self._server = connection.pgconn
        self._names: dict[str, bytes] = {}
        self._prepared = 0
        self._waiting: deque[tuple[str, Callback | None]] = deque()
        self._rows: Rows | None = None
        self._received_at = 0.0
        self.is_closed = False
        server.nonblocking = 1
        server.enter_pipeline_mode()

    def fileno(self) -> int:
        return int(self._server.socket)

    @property
    def pending(self) -> int:
        return len(self._waiting)

    def is_stalled(self, seconds: float) -> bool:
        """Whether somebody waits, and nothing has been heard for so long: a network that is gone says nothing about it."""
        return bool(self._waiting) and time.monotonic() - self._received_at > seconds

    def send(self, statement: str, values: Sequence[str], heard: Callback) -> bool:
        """Send a question; `heard` is called by `listen`, in the order of the questions. Whether there is more to `flush`."""
        server = self._server
        if not self._waiting:
            self._received_at = time.monotonic()
        try:
            if (name := self._names.get(statement)) is None:
                self._prepared += 1
                name = self._names[statement] = b"line%d" % self._prepared
                server.send_prepare(name, dollar_placeholders(statement))
                server.pipeline_sync()
                self._waiting.append((statement, None))
            server.send_query_prepared(name, [value.encode() for value in values])
            server.pipeline_sync()
        except Error:
            self.close()
            heard(None)
            return False
        self._waiting.append((statement, heard))
        return self.flush()

    def flush(self) -> bool:
        """Send what could not be sent. Whether there is still more."""
        try:
            return bool(self._server.flush())
        except Error:
            self.close()
            return False

    def receive(self) -> None:
        """Hear what has come."""
        server = self._server
        self._received_at = time.monotonic()
        try:
            server.consume_input()
            # Asked before each result, which would be waited for if it were not there: a Sync may come after what it ends.
            while self._waiting and not server.is_busy():
                self._handle_result(server.get_result())
        except Error:
            self.close()

    def _handle_result(self, answer: Any) -> None:
        if answer is None:  # the end of a statement; its Sync follows
            return
        if answer.status == pq.ExecStatus.TUPLES_OK:
            self._rows = raw_rows(answer)
        elif answer.status == pq.ExecStatus.FATAL_ERROR:
            # Whatever it was: what is prepared is perhaps not there any more, or not for tables as they are now.
            self._names.pop(self._waiting[0][0], None)
        elif answer.status == pq.ExecStatus.PIPELINE_SYNC:
            rows, self._rows = self._rows, None
            _, heard = self._waiting.popleft()
            if heard is not None:
                heard(rows)

    def close(self) -> None:
        """Close it; whoever waits is told."""
        waiting, self._waiting = self._waiting, deque()
        self.is_closed = True
        self._server.finish()
        for _, heard in waiting:
            if heard is not None:
                heard(None)
