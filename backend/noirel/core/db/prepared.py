"""Hand-written, prepared SQL for hot paths such as checkout. See ADR 0010.

The ORM compiles every statement again, which costs more CPU than PostgreSQL needs to run it, and sends one statement per table.
Here a statement is a constant that the server has prepared. Rows are passed as one JSON parameter, so the text is the same for
any number of rows, and writes that belong together are data-modifying CTEs of one statement. Each app keeps its statements next
to the code that uses them; everything that is not hot uses the ORM. Behind a connection pooler this needs session pooling.
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

from noirel.core.db.postgres.base import DatabaseWrapper, raw_rows

Row = tuple[Any, ...]
AnyModel = TypeVar("AnyModel", bound=models.Model)

_encode = DjangoJSONEncoder().default


class _QueryText(NamedTuple):
    query: bytes


class _PreparedCursor(psycopg.Cursor[Row]):
    """Prepares each statement at its first execution. psycopg keeps the 100 most recently used ones prepared."""

    def __init__(self, connection: psycopg.Connection[Any], **options: Any) -> None:
        super().__init__(connection, **options)
        # psycopg's own loader is in C, Django's wraps it in Python. Both return UTC, every connection's time zone.
        self.adapters.register_loader("timestamptz", TimestamptzLoader)

    def execute(self, query: Any, params: Any = None, **options: Any) -> "_PreparedCursor":
        try:
            return super().execute(query, params, **{**options, "prepare": True})
        finally:
            if self._query is None:  # psycopg drops the text of prepared statements, but Django's query log reads it here
                self._query = cast(PostgresQuery, _QueryText(query.encode()))


def execute(statement: str, *values: Any) -> list[Row]:
    """Execute a constant statement and return its rows, none for a statement that returns nothing. jsonb is returned as text.

    A list among the values must hold only integers or only text. Django's execute wrappers and query log see the statement.
    Raises django.db.Error.
    """
    own = cast(DatabaseWrapper, connections[DEFAULT_DB_ALIAS])  # `django.db.connection` would look it up at every use
    own.ensure_connection()
    # psycopg picks an integer type by value and would prepare the statement again for each type.
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
    """Execute a constant statement without the overhead of a cursor; return its columns as PostgreSQL's text, undecoded."""
    return cast(DatabaseWrapper, connections[DEFAULT_DB_ALIAS]).query_raw(statement, *values)


def execute_raw(statement: str, values: dict[str, Any], *, is_binary: bool = False) -> list[list[bytes | None]]:
    """Execute a prepared statement and return its columns undecoded, for text and JSON that is only passed on.

    is_binary: return PostgreSQL's binary format instead of text.
    """
    own = connections[DEFAULT_DB_ALIAS]
    own.ensure_connection()
    raw_cursor = _PreparedCursor(own.connection)
    raw_cursor.format = Format.BINARY if is_binary else Format.TEXT
    with own._prepare_cursor(raw_cursor) as cursor:  # type: ignore[attr-defined]
        cursor.execute(statement, values)
        return raw_rows(cursor.pgresult)


def _adapt(value: Any) -> Any:
    if type(value) is int:
        return Int8(value)
    return [Int8(part) for part in value] if type(value) is list and value and type(value[0]) is int else value


@cache
def columns(model: type[models.Model], alias: str = "") -> str:
    """The column list of a model's table in the order that `hydrate` expects. alias: the table's alias in the statement."""
    prefix = f"{alias}." if alias else ""
    return ", ".join(f"{prefix}{field.column}" for field in model._meta.concrete_fields)


@dataclass(frozen=True)
class Statement:
    """An INSERT, UPDATE or DELETE to be executed by `execute_batch`. `text` must be a constant."""

    text: str
    values: tuple[Any, ...]


def execute_batch(*writes: Statement, ctes: str = "", select: str = "SELECT 1", values: Sequence[Any] = ()) -> list[Row]:
    """Execute writes as CTEs of one statement and return the rows of its final SELECT. No write sees the effects of another.

    ctes: CTEs placed before the writes, which may refer to them; `values` are their parameters.
    select: the final SELECT.
    """
    text = _combined_sql(ctes, tuple(write.text for write in writes), select)
    return execute(text, *values, *(value for write in writes for value in write.values))


@cache
def _combined_sql(ctes: str, writes: tuple[str, ...], select: str) -> str:
    parts = [ctes] if ctes else []
    return f"WITH {', '.join([*parts, *(f'write_{n} AS ({text})' for n, text in enumerate(writes))])} {select}"


def select(model: type[AnyModel], tail: str, *values: Any) -> list[AnyModel]:
    """Return the objects that match a condition, a constant: `select(Order, "id = %s FOR UPDATE", id)`.

    tail: everything after WHERE.
    """
    return hydrate(model, execute(f"SELECT {columns(model)} FROM {model._meta.db_table} WHERE {tail}", *values))


def hydrate(model: type[AnyModel], rows: Iterable[Sequence[Any]]) -> list[AnyModel]:
    """Make objects from rows that begin with `columns(model)`. Further columns are ignored."""
    names, json_columns = _attributes_and_json(model)
    objects = []
    for row in rows:
        values = list(row[: len(names)])
        for index in json_columns:
            if values[index] is not None:
                values[index] = orjson.loads(values[index])
        objects.append(_from_values(model, dict(zip(names, values, strict=True))))
    return objects


def _from_values(model: type[AnyModel], values: dict[str, Any]) -> AnyModel:
    """Like Model.from_db, without the pre_init and post_init signals, which have no receivers and cost more than the rest."""
    obj = model.__new__(model)
    obj._state = ModelState()
    obj._state.adding, obj._state.db = False, DEFAULT_DB_ALIAS
    obj.__dict__.update(values)
    return obj


@cache
def insert_sql(model: type[models.Model], **replaced: str) -> str:
    """Return an INSERT of all rows in one JSON parameter, which `rows_json` makes.

    replaced: by column, an SQL expression to insert instead of the value in the JSON.

    Columns that PostgreSQL fills in (identities, defaults, generated columns) are omitted.
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
    """Return an UPDATE of one row by its primary key from one JSON parameter, which `row_json` makes.

    only: the columns to update; all if omitted.
    """
    names = list(only) or [field.column for field in _insertable_fields(model) if not field.primary_key]
    table, key = model._meta.db_table, model._meta.pk.column
    assignments = ", ".join(f"{name} = given.{name}" for name in names)
    source = f"jsonb_populate_record(NULL::{table}, %s::jsonb) AS given"
    return f"UPDATE {table} AS target SET {assignments} FROM {source} WHERE target.{key} = given.{key}"


def rows_json(*rows: models.Model) -> str:
    """Serialise objects as the parameter of `insert_sql`. Fields with a `pre_save`, such as `auto_now_add`, are filled in."""
    return orjson.dumps([_column_values(row, add=True) for row in rows], option=orjson.OPT_NON_STR_KEYS).decode()


def row_json(row: models.Model) -> str:
    """Serialise one object as the parameter of `update_sql`."""
    return orjson.dumps(_column_values(row, add=False), option=orjson.OPT_NON_STR_KEYS).decode()


def _column_values(row: models.Model, *, add: bool) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field, is_json, has_pre_save in _field_specs(type(row), add):
        value = field.pre_save(row, add) if has_pre_save else getattr(row, field.attname)
        if is_json and value is not None:
            # Encoded like the ORM does, which truncates instants inside a document to milliseconds.
            value = orjson.Fragment(orjson.dumps(value, default=_encode, option=orjson.OPT_PASSTHROUGH_DATETIME))
        values[field.column] = value
    return values


@cache
def _field_specs(model: type[models.Model], add: bool) -> tuple[tuple[Any, bool, bool], ...]:
    """For each field: the field, whether it is a JSONField, and whether its `pre_save` has to be called."""
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
