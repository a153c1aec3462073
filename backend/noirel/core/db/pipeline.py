"""Non-blocking queries over one connection in libpq's pipeline mode.

https://www.postgresql.org/docs/current/libpq-pipeline-mode.html. Any number of queries can be in flight; results arrive in the
order of the queries. Each query is followed by a Sync, so an error in one does not affect the next. A pipeline is used by one
thread, whose selector watches the socket.
"""

import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from psycopg import Error, pq

from noirel.core.db.postgres.base import dollar_placeholders, raw_rows
from noirel.core.db.queries import Rows

# Called with the rows, or with None if the query failed or the connection broke.
Callback = Callable[[Rows | None], None]


class Pipeline:
    """connection: a psycopg connection outside a transaction, used by this pipeline exclusively."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection  # keeps it alive: psycopg closes the libpq connection with its owner
        pgconn = self._pgconn = connection.pgconn
        self._names: dict[str, bytes] = {}
        self._prepared = 0
        self._pending: deque[tuple[str, Callback | None]] = deque()
        self._rows: Rows | None = None
        self._received_at = 0.0
        self.is_closed = False
        pgconn.nonblocking = 1
        pgconn.enter_pipeline_mode()

    def fileno(self) -> int:
        return int(self._pgconn.socket)

    @property
    def pending(self) -> int:
        return len(self._pending)

    def is_stalled(self, seconds: float) -> bool:
        """Whether a query is pending and nothing has been received for so long, as after a silent network failure."""
        return bool(self._pending) and time.monotonic() - self._received_at > seconds

    def send(self, statement: str, values: Sequence[str], callback: Callback) -> bool:
        """Send a query and return whether `flush` has to be called again.

        callback: called by `receive`, in the order of the queries.
        """
        pgconn = self._pgconn
        if not self._pending:
            self._received_at = time.monotonic()
        try:
            if (name := self._names.get(statement)) is None:
                self._prepared += 1
                name = self._names[statement] = b"pipeline%d" % self._prepared
                pgconn.send_prepare(name, dollar_placeholders(statement))
                pgconn.pipeline_sync()
                self._pending.append((statement, None))
            pgconn.send_query_prepared(name, [value.encode() for value in values])
            pgconn.pipeline_sync()
        except Error:
            self.close()
            callback(None)
            return False
        self._pending.append((statement, callback))
        return self.flush()

    def flush(self) -> bool:
        """Send what the socket did not accept earlier. Returns whether something is still unsent."""
        try:
            return bool(self._pgconn.flush())
        except Error:
            self.close()
            return False

    def receive(self) -> None:
        """Read the results that have arrived and run their callbacks. Call it when the socket is readable."""
        pgconn = self._pgconn
        self._received_at = time.monotonic()
        try:
            pgconn.consume_input()
            # get_result() blocks if no result is there yet, and a Sync may arrive later than the result before it.
            while self._pending and not pgconn.is_busy():
                self._handle_result(pgconn.get_result())
        except Error:
            self.close()

    def _handle_result(self, result: Any) -> None:
        if result is None:  # the end of a query's results; its Sync follows
            return
        if result.status == pq.ExecStatus.TUPLES_OK:
            self._rows = raw_rows(result)
        elif result.status == pq.ExecStatus.FATAL_ERROR:
            # The prepared statement may be gone or may not fit the tables any more, so it is prepared again next time.
            self._names.pop(self._pending[0][0], None)
        elif result.status == pq.ExecStatus.PIPELINE_SYNC:
            rows, self._rows = self._rows, None
            _, callback = self._pending.popleft()
            if callback is not None:
                callback(rows)

    def close(self) -> None:
        """Close the connection and call all pending callbacks with None."""
        pending, self._pending = self._pending, deque()
        self.is_closed = True
        self._pgconn.finish()
        for _, callback in pending:
            if callback is not None:
                callback(None)
