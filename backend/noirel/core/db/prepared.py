"""The statements that every purchase is made of: written out, bound and prepared by the server, one in place of several.

The ORM compiles each statement anew, which costs more CPU than PostgreSQL takes to run it, and sends one for each table. Here a
statement is a constant; rows travel as one JSON parameter, so that its text is the same for any number of them; and what is
written together goes as data-modifying CTEs of one statement. Each room keeps its own statements beside what they serve.
Everything else in the shop stays with the ORM. Works behind a pooler in session mode only, as session locks do.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple, TypeVar, cast

import orjson
import psycopg
from django.core.serializers.json import DjangoJSONEncoder
from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models.base import ModelState
from psycopg._queries import PostgresQuery
from psycopg.pq import Format
from psycopg.types.datetime import TimestamptzLoader
from psycopg.types.numeric import Int8

from noirel.core.db.postgres.base import DatabaseWrapper

Row = tuple[Any, ...]
AnyModel = TypeVar("AnyModel", bound=models.Model)

_encode = DjangoJSONEncoder().default


class _QueryText(NamedTuple):
    query: bytes


class _PreparedCursor(psycopg.Cursor[Row]):
    """Prepares at the first execution; psycopg keeps the hundred that were used last."""

    def __init__(self, connection: psycopg.Connection[Any], **options: Any) -> None:
        super().__init__(connection, **options)
        # psycopg's own, in C; Django's is Python around it. Both give UTC: it is what every connection is set to.
        self.adapters.register_loader("timestamptz", TimestamptzLoader)

    def execute(self, query: Any, params: Any = None, **options: Any) -> "_PreparedCursor":
        try:
            return super().execute(query, params, **{**options, "prepare": True})
        finally:
            if self._query is None:  # a prepared one's text is not kept; Django's logs ask for it here
                self._query = cast(PostgresQuery, _QueryText(query.encode()))


def execute(statement: str, *values: Any) -> list[Row]:
    """Execute a constant statement and return its rows; jsonb comes as text. Seen by wrappers and logs like any other.

    A list is one of whole numbers, or of text.
    """
    own = cast(DatabaseWrapper, connections[DEFAULT_DB_ALIAS])  # once: behind `connection` every use looks it up
    own.ensure_connection()
    # Integers of one type, whatever their size: psycopg would prepare the statement again for each.
    bound = [_adapt(value) for value in values] or None
    if own.execute_wrappers or own.queries_logged:
        with own._prepare_cursor(_PreparedCursor(own.connection)) as cursor:  # type: ignore[attr-defined]
            cursor.execute(statement, bound)
            return _rows(cursor)
    own.validate_no_broken_transaction()
    with own.wrap_database_errors:
        return _rows(own.cached_cursor(statement, _PreparedCursor).execute(statement, bound))


def _rows(cursor: Any) -> list[Row]:
    return cast(list[Row], cursor.fetchall()) if cursor.pgresult.nfields else []


def query_raw(statement: str, *values: str) -> list[list[bytes | None]]:
    """The rows of a small constant statement, unread like those of `raw`, at the smallest price there is."""
    return cast(DatabaseWrapper, connections[DEFAULT_DB_ALIAS]).query_raw(statement, *values)


def execute_raw(statement: str, values: dict[str, Any], *, is_binary: bool = False) -> list[list[bytes | None]]:
    """The rows of a prepared statement as PostgreSQL writes them, unread: text and JSON that only have to be passed on.

    is_binary: as PostgreSQL keeps them, for whoever knows how.
    """
    own = connections[DEFAULT_DB_ALIAS]
    own.ensure_connection()
    made = _PreparedCursor(own.connection)
    made.format = Format.BINARY if is_binary else Format.TEXT
    with own._prepare_cursor(made) as cursor:  # type: ignore[attr-defined]
        cursor.execute(statement, values)
        found = cursor.pgresult
        return [[found.get_value(row, at) for at in range(found.nfields)] for row in range(found.ntuples)]


def _adapt(value: Any) -> Any:
    if type(value) is int:
        return Int8(value)
    return [Int8(part) for part in value] if type(value) is list and value and type(value[0]) is int else value


@cache
def columns(model: type[models.Model], alias: str = "") -> str:
    """The columns of a table as `loaded` expects them."""
    dot = f"{alias}." if alias else ""
    return ", ".join(f"{dot}{field.column}" for field in model._meta.concrete_fields)


@dataclass(frozen=True)
class Statement:
    """An INSERT, UPDATE or DELETE that is yet to be made, alone or with others in one statement. text is a constant."""

    text: str
    values: tuple[Any, ...]


def execute_batch(*writes: Statement, ctes: str = "", select: str = "SELECT 1", values: Sequence[Any] = ()) -> list[Row]:
    """Make these writes in one statement, and return what it ends with. None of them sees what another one does.

    begins: CTEs before them, which they may name; values are theirs. ends: what is selected of those.
    """
    text = _combined_sql(ctes, tuple(write.text for write in writes), select)
    return execute(text, *values, *(value for write in writes for value in write.values))


@cache
def _combined_sql(begins: str, writes: tuple[str, ...], ends: str) -> str:
    parts = [begins] if begins else []
    return f"WITH {', '.join([*parts, *(f'write_{n} AS ({text})' for n, text in enumerate(writes))])} {ends}"


def select(model: type[AnyModel], tail: str, *values: Any) -> list[AnyModel]:
    """Objects by what follows WHERE, a constant: `find(Order, "id = %s FOR UPDATE", id)`."""
    return hydrate(model, execute(f"SELECT {columns(model)} FROM {model._meta.db_table} WHERE {tail}", *values))


def hydrate(model: type[AnyModel], rows: Iterable[Sequence[Any]]) -> list[AnyModel]:
    """Objects from rows of `columns(model)`; what follows in a row is left alone."""
    names, documents = _attributes_and_json(model)
    found = []
    for row in rows:
        values = list(row[: len(names)])
        for place in documents:
            if values[place] is not None:
                values[place] = orjson.loads(values[place])
        found.append(_from_values(model, dict(zip(names, values, strict=True))))
    return found


def _from_values(model: type[AnyModel], values: dict[str, Any]) -> AnyModel:
    """What `from_db` makes, without the signals that nobody listens to: they cost more than the rest."""
    made = model.__new__(model)
    made._state = ModelState()
    made._state.adding, made._state.db = False, DEFAULT_DB_ALIAS
    made.__dict__.update(values)
    return made


@cache
def insert_sql(model: type[models.Model], **replaced: str) -> str:
    """`INSERT` of the rows in one JSON parameter (`document` makes it). replaced: SQL for columns that come from elsewhere.

    Columns that PostgreSQL fills in itself (identities, defaults, generated ones) are left to it.
    """
    names = [field.column for field in _insertable_fields(model)]
    values = [replaced.get(name, f"given.{name}") for name in names]
    table = model._meta.db_table
    return (
        f"INSERT INTO {table} ({', '.join(names)}) SELECT {', '.join(values)}"
        f" FROM jsonb_populate_recordset(NULL::{table}, %s::jsonb) AS given"
    )


@cache
def update_sql(model: type[models.Model], *only: str) -> str:
    """`UPDATE` of one row, found by its key, with the columns named (else all) of the row in one JSON parameter."""
    names = list(only) or [field.column for field in _insertable_fields(model) if not field.primary_key]
    table, key = model._meta.db_table, model._meta.pk.column
    into = ", ".join(f"{name} = given.{name}" for name in names)
    given = f"jsonb_populate_record(NULL::{table}, %s::jsonb) AS given"
    return f"UPDATE {table} AS kept SET {into} FROM {given} WHERE kept.{key} = given.{key}"


def rows_json(*rows: models.Model) -> str:
    """Objects as the JSON parameter of `inserted`; fields that fill themselves in (`auto_now`) do so."""
    return orjson.dumps([_column_values(row, add=True) for row in rows], option=orjson.OPT_NON_STR_KEYS).decode()


def row_json(row: models.Model) -> str:
    """One object as the JSON parameter of `updated`."""
    return orjson.dumps(_column_values(row, add=False), option=orjson.OPT_NON_STR_KEYS).decode()


def _column_values(row: models.Model, *, add: bool) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field, is_json, fills_itself in _field_specs(type(row), add):
        value = field.pre_save(row, add) if fills_itself else getattr(row, field.attname)
        if is_json and value is not None:
            # As the ORM writes it: instants inside to the millisecond.
            value = orjson.Fragment(orjson.dumps(value, default=_encode, option=orjson.OPT_PASSTHROUGH_DATETIME))
        values[field.column] = value
    return values


@cache
def _field_specs(model: type[models.Model], add: bool) -> tuple[tuple[Any, bool, bool], ...]:
    """Each field, whether it is a document, and whether it fills itself in when it is written."""
    return tuple(
        (
            field,
            isinstance(field, models.JSONField),
            field.auto_now or field.auto_now_add
            if isinstance(field, models.DateField)
            else type(field).pre_save is not models.Field.pre_save,
        )
        for field in (_insertable_fields(model) if add else _stored_fields(model))
    )


@cache
def _stored_fields(model: type[models.Model]) -> tuple[Any, ...]:
    return tuple(field for field in model._meta.concrete_fields if not getattr(field, "generated", False))


@cache
def _insertable_fields(model: type[models.Model]) -> tuple[Any, ...]:
    return tuple(
        field for field in _stored_fields(model) if not isinstance(field, models.AutoField) and not field.has_db_default()
    )


@cache
def _attributes_and_json(model: type[models.Model]) -> tuple[list[str], list[int]]:
    fields = model._meta.concrete_fields
    return [field.attname for field in fields], [n for n, field in enumerate(fields) if isinstance(field, models.JSONField)]
