"""Named by settings.DATABASES; Django wants its class called DatabaseWrapper, in a module called base."""

import select
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar, cast

import psycopg
from django.db.backends.postgresql import base
from psycopg import Error, OperationalError, pq
from psycopg._preparing import PrepareManager

from noirel.core.request_id import current_request_id

# The SQLSTATE of a statement that is prepared no more: somebody has discarded all of the session's.
_INVALID_STATEMENT_NAME = b"26000"

Cursor = TypeVar("Cursor", bound=psycopg.Cursor[Any])


class _PersistentPrepareManager(PrepareManager):
    """Keeps what is prepared over a rollback.

    psycopg lets go of all of it, for whoever prepares a statement over a table that the same transaction makes. Ours are over
    the schema's tables, and PostgreSQL plans them anew when one of those changes. Every buyer who comes too late for a bottle
    ends in a rollback: the next one would prepare all statements of a purchase again.
    """

    def clear(self) -> bool:
        return False


class _NamedCursor(base.CursorMixin, psycopg.ClientCursor[Any]):
    """Django's cursor; a statement outside a transaction carries the id of its request as a comment, for the server's log."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        is_alone = self.connection.pgconn.transaction_status == pq.TransactionStatus.IDLE
        if is_alone and isinstance(query, str) and (request_id := current_request_id()):
            query = f"{query} /* {request_id} */"
        return super().execute(query, params, **options)


class DatabaseWrapper(base.DatabaseWrapper):
    """Asks small questions at a small price, and before each request asks the socket whether a kept connection still stands.

    Django asks PostgreSQL (`SELECT 1`), a round trip a request. A server that has gone, or has ended the session, has closed
    the socket: then there is something to read where nothing should be. A network that went silent is found by neither.
    """

    _cursors: dict[str, psycopg.Cursor[Any]]
    _cursors_connection: object = None

    def cached_cursor(self, statement: str, make: Callable[[psycopg.Connection[Any]], Cursor]) -> Cursor:
        """The cursor this connection keeps for a constant statement: it remembers how to write its values and read its rows."""
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
            ready = select.poll()
            ready.register(self.connection.fileno(), select.POLLIN)
            if not ready.poll(0):
                return True
            # A notice, or the end: PostgreSQL says goodbye before it hangs up.
            self.connection.pgconn.consume_input()
            return super().is_usable()
        except (OSError, ValueError, Error):
            return False

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        self._prepared_names: dict[str, bytes] = {}
        made = super().get_new_connection(conn_params)
        kept = _PersistentPrepareManager()
        kept.prepare_threshold, kept.prepared_max = made._prepared.prepare_threshold, made._prepared.prepared_max
        made._prepared = kept
        return made

    def get_connection_params(self) -> dict[str, Any]:
        return {"fallback_application_name": "noirel", **super().get_connection_params(), "cursor_factory": _NamedCursor}

    def _set_autocommit(self, autocommit: bool) -> None:
        super()._set_autocommit(autocommit)  # type: ignore[misc]
        if not autocommit and (request_id := current_request_id()):
            self._begin_as(request_id)

    def _begin_as(self, request_id: str) -> None:
        """Begin with the request's id in `application_name`, for the server's log and pg_stat_activity.

        One message, like psycopg's own BEGIN before the first statement, and the texts of prepared statements stay the same.
        If it fails psycopg begins itself, or says that the connection is gone.
        """
        server = self.connection.pgconn
        if server.transaction_status == pq.TransactionStatus.IDLE:
            begin = self.connection._get_tx_start_command()
            # An id is of letters, digits and . _ : - only (core/request_id.py).
            server.exec_(begin + b"; SET LOCAL application_name TO 'noirel %b'" % request_id[:50].encode())

    def query_raw(self, statement: str, *values: str) -> list[list[bytes | None]]:
        """The rows of a constant statement as PostgreSQL writes them: prepared, without a cursor and the price of one.

        Raises OperationalError. Seen by wrappers and logs, when there are any, like any other statement; and in a transaction,
        which a mistake would end, like any other too.
        """
        if self.execute_wrappers or self.queries_logged or self.in_atomic_block:
            with self.cursor() as cursor:
                cursor.execute(statement, values)
                return raw_rows(cursor.pgresult)
        self.close_if_health_check_failed()
        self.ensure_connection()
        server = self.connection.pgconn
        if (name := self._prepared_names.get(statement)) is None:
            name = self._prepared_names[statement] = b"question%d" % len(self._prepared_names)
            self._prepare(name, statement)
        given = [value.encode() for value in values]
        answer = server.exec_prepared(name, given)
        if (
            answer.status == pq.ExecStatus.FATAL_ERROR
            and answer.error_field(pq.DiagnosticField.SQLSTATE) == _INVALID_STATEMENT_NAME
        ):
            self._prepare(name, statement)
            answer = server.exec_prepared(name, given)
        self._check(answer)
        return raw_rows(answer)

    def _prepare(self, name: bytes, statement: str) -> None:
        self._check(self.connection.pgconn.prepare(name, dollar_placeholders(statement)))

    def _check(self, answer: Any) -> None:
        if answer.status not in {pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK}:
            self.errors_occurred = True  # the next request looks whether the connection still stands
            raise OperationalError(answer.get_error_message())


def raw_rows(answer: Any) -> list[list[bytes | None]]:
    return [[answer.get_value(row, at) for at in range(answer.nfields)] for row in range(answer.ntuples)]


@cache
def dollar_placeholders(statement: str) -> bytes:
    """psycopg's `%s` as PostgreSQL's `$1`, `$2`."""
    first, *parts = statement.split("%s")
    return "".join([first, *(f"${number}{part}" for number, part in enumerate(parts, 1))]).encode()
