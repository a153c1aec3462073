"""The database backend named in settings.DATABASES. Django requires the class name DatabaseWrapper and the module name base."""

import select
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar, cast

import psycopg
from django.db.backends.postgresql import base
from django.db.utils import DatabaseErrorWrapper
from django.utils.functional import cached_property
from psycopg import Error, OperationalError, pq
from psycopg._preparing import PrepareManager

from noirel.core.request_id import current_request_id

# The SQLSTATE for an unknown prepared statement, as after DEALLOCATE ALL or DISCARD ALL.
_INVALID_STATEMENT_NAME = b"26000"

Cursor = TypeVar("Cursor", bound=psycopg.Cursor[Any])


class _PersistentPrepareManager(PrepareManager):
    """Keeps prepared statements across a rollback.

    psycopg discards them, because a statement might use a table created in the transaction that is rolled back. Ours use only
    the tables of the schema, and PostgreSQL replans them when one of those changes. Every checkout that fails, for instance
    because a product has sold out, is rolled back, and the next one would have to prepare all its statements again.
    """

    def clear(self) -> bool:
        return False


class _NamedCursor(base.CursorMixin, psycopg.ClientCursor[Any]):
    """Django's cursor, which adds the request id as a comment to statements outside a transaction, for PostgreSQL's log."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        is_outside_transaction = self.connection.pgconn.transaction_status == pq.TransactionStatus.IDLE
        if is_outside_transaction and isinstance(query, str) and (request_id := current_request_id()):
            query = f"{query} /* {request_id} */"
        return super().execute(query, params, **options)


class _ErrorWrapper(DatabaseErrorWrapper):
    """Django's translation of errors; one of the server's outside a transaction is followed by its request's id in the log."""

    wrapper: "DatabaseWrapper"

    def __exit__(self, exc_type: Any, exc_value: Any, traceback: Any) -> None:
        if isinstance(exc_value, Error) and exc_value.sqlstate:
            self.wrapper.log_request_of_failure()
        super().__exit__(exc_type, exc_value, traceback)


class DatabaseWrapper(base.DatabaseWrapper):
    """Runs small statements with little overhead and checks the health of a persistent connection without a round trip.

    Django's check is a `SELECT 1` per request. If the server has gone away or ended the session, it has closed the socket,
    which is then readable although no result is pending. Neither check detects a network that silently drops packets.
    """

    _cursors: dict[str, psycopg.Cursor[Any]]
    _cursors_connection: object = None

    def cached_cursor(self, statement: str, make: Callable[[psycopg.Connection[Any]], Cursor]) -> Cursor:
        """The cursor cached for a constant statement, which has its adaptation of parameters and rows already set up."""
        if self._cursors_connection is not self.connection:
            self._cursors, self._cursors_connection = {}, self.connection
        if statement not in self._cursors:
            self._cursors[statement] = make(self.connection)
        return cast(Cursor, self._cursors[statement])

    def is_usable(self) -> bool:
        if self.connection is None or self.connection.closed:
            return False
        if self.errors_occurred or self.connection.pgconn.transaction_status != pq.TransactionStatus.IDLE:
            return super().is_usable()
        try:
            poll = select.poll()
            poll.register(self.connection.fileno(), select.POLLIN)
            if not poll.poll(0):
                return True
            # Either a notice or the error message that PostgreSQL sends before it closes the connection.
            self.connection.pgconn.consume_input()
            return super().is_usable()
        except (OSError, ValueError, Error):
            return False

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        self._prepared_names: dict[str, bytes] = {}
        new = super().get_new_connection(conn_params)
        manager = _PersistentPrepareManager()
        manager.prepare_threshold, manager.prepared_max = new._prepared.prepare_threshold, new._prepared.prepared_max
        new._prepared = manager
        return new

    def get_connection_params(self) -> dict[str, Any]:
        return {"fallback_application_name": "noirel", **super().get_connection_params(), "cursor_factory": _NamedCursor}

    def _set_autocommit(self, autocommit: bool) -> None:
        super()._set_autocommit(autocommit)  # type: ignore[misc]
        if not autocommit and (request_id := current_request_id()):
            self._begin_as(request_id)

    def _begin_as(self, request_id: str) -> None:
        """Begin a transaction with the request id in `application_name`, for PostgreSQL's log and pg_stat_activity.

        Costs one message, like psycopg's own BEGIN, and leaves the texts of prepared statements unchanged. If it fails, psycopg
        begins the transaction itself or reports the broken connection.
        """
        pgconn = self.connection.pgconn
        if pgconn.transaction_status == pq.TransactionStatus.IDLE:
            begin = self.connection._get_tx_start_command()
            # Safe to interpolate: an id consists of letters, digits and . _ : - only (core/request_id.py).
            pgconn.exec_(begin + b"; SET LOCAL application_name TO 'noirel %b'" % request_id[:50].encode())

    @cached_property
    def wrap_database_errors(self) -> DatabaseErrorWrapper:
        return _ErrorWrapper(self)

    def log_request_of_failure(self) -> None:
        """After an error outside a transaction, write a line with the request's id to the server's log.

        In a transaction the error's own line has it. Naming the session before every single statement would cost a round trip
        each; this costs one after a failure.
        """
        if self.connection is None or self.connection.closed:
            return
        server, request_id = self.connection.pgconn, current_request_id()
        if request_id and server.transaction_status == pq.TransactionStatus.IDLE:
            server.exec_(
                b"BEGIN; SET LOCAL application_name TO 'noirel %b';"
                b" DO 'BEGIN RAISE LOG ''the last error of this session was request %b''; END'; COMMIT"
                % (request_id[:50].encode(), request_id[:50].encode())
            )

    def query_raw(self, statement: str, *values: str) -> list[list[bytes | None]]:
        """Execute a constant statement, prepared and without the overhead of a cursor; return its columns as text, undecoded.

        Uses a regular cursor inside a transaction, whose state Django tracks by it, and when execute wrappers or the query log
        are active. Raises OperationalError.
        """
        if self.execute_wrappers or self.queries_logged or self.in_atomic_block:
            with self.cursor() as cursor:
                cursor.execute(statement, values)
                return raw_rows(cursor.pgresult)
        self.close_if_health_check_failed()
        self.ensure_connection()
        pgconn = self.connection.pgconn
        if (name := self._prepared_names.get(statement)) is None:
            name = self._prepared_names[statement] = b"raw%d" % len(self._prepared_names)
            self._prepare(name, statement)
        parameters = [value.encode() for value in values]
        result = pgconn.exec_prepared(name, parameters)
        if (
            result.status == pq.ExecStatus.FATAL_ERROR
            and result.error_field(pq.DiagnosticField.SQLSTATE) == _INVALID_STATEMENT_NAME
        ):
            self._prepare(name, statement)
            result = pgconn.exec_prepared(name, parameters)
        self._check(result)
        return raw_rows(result)

    def _prepare(self, name: bytes, statement: str) -> None:
        self._check(self.connection.pgconn.prepare(name, dollar_placeholders(statement)))

    def _check(self, result: Any) -> None:
        if result.status not in {pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK}:
            self.errors_occurred = True  # makes the next request check the connection
            self.log_request_of_failure()
            raise OperationalError(result.get_error_message())


def raw_rows(result: Any) -> list[list[bytes | None]]:
    """The rows of a libpq result, undecoded."""
    return [[result.get_value(row, column) for column in range(result.nfields)] for row in range(result.ntuples)]


@cache
def dollar_placeholders(statement: str) -> bytes:
    """Replace psycopg's `%s` placeholders by PostgreSQL's `$1`, `$2`, …"""
    first, *parts = statement.split("%s")
    return "".join([first, *(f"${number}{part}" for number, part in enumerate(parts, 1))]).encode()
