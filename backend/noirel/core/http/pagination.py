"""Keyset pagination: `?limit=` (1-100) and `?cursor=`, with a response of `{"results", "next", "total"}`.

A cursor identifies the last row of the previous page instead of counting rows, so pages neither repeat nor skip a row when
others are inserted.
"""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

import orjson
from django.core.exceptions import FieldError as DjangoFieldError
from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.http import QueryDict
from rest_framework.request import Request

from noirel.core.domain.errors import FieldError, Invalid
from noirel.core.http.strict import is_integer

Row = TypeVar("Row", bound=Model)
DEFAULT_LIMIT, MAX_LIMIT = 24, 100


def limit_of(query: QueryDict) -> int:
    """The value of `?limit=`. Raises Invalid unless it is from 1 to MAX_LIMIT."""
    text = query.get("limit", str(DEFAULT_LIMIT))
    if not (is_integer(text) and 1 <= int(text) <= MAX_LIMIT):
        raise Invalid(errors=[FieldError("limit", "invalid", f"A limit is a number from 1 to {MAX_LIMIT}.")])
    return int(text)


def encode_cursor(values: Sequence[Any]) -> str:
    """An opaque cursor for the sort key of a row."""

    def plain(value: Any) -> Any:
        return value.isoformat() if isinstance(value, datetime) else value

    return base64.urlsafe_b64encode(orjson.dumps([plain(value) for value in values], default=str)).rstrip(b"=").decode()


def decode_cursor(text: str, *, length: int) -> list[Any]:
    """The `length` values of a cursor. Raises Invalid for anything that `encode_cursor` doesn't produce."""
    try:
        values = orjson.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, orjson.JSONDecodeError):
        raise _cursor_invalid() from None
    if (
        not isinstance(values, list)
        or len(values) != length
        or not all(isinstance(v, str | int | float | bool) for v in values)
    ):
        raise _cursor_invalid()
    if any(isinstance(value, str) and "\x00" in value for value in values):
        raise _cursor_invalid()
    return values


def _cursor_invalid() -> Invalid:
    return Invalid(errors=[FieldError("cursor", "invalid", "This cursor is not one of ours. Begin without it.")])


def _after(order: Sequence[str], values: Sequence[Any]) -> Q:
    """Rows that come after `values` in `order`: (a > x) or (a = x and b > y) or …, with < for `-field`."""
    beyond = Q(pk__in=[])
    equal = Q()
    for field, value in zip(order, values, strict=True):
        name = field.removeprefix("-")
        beyond |= equal & Q(**{f"{name}__{'lt' if field.startswith('-') else 'gt'}": value})
        equal &= Q(**{name: value})
    return beyond


def paginate(
    queryset: QuerySet[Row, Any],
    request: Request,
    *,
    order: Sequence[str],
    out: Callable[[Any], Any],
    total: int | None = None,
) -> dict[str, Any]:
    """Return one page of a query set as `{"results", "next", "total"}`, with two statements (one if total is given).

    order: columns or annotations that are never null, the last of them unique: `("-placed_at", "-id")`.
    out: serialises one row, a model instance or a `.values()` dict.
    total: the number of rows, if the caller has counted them.

    Raises Invalid for a bad limit or cursor.
    """
    limit = limit_of(request.query_params)
    count = queryset.order_by().count() if total is None else total
    page = queryset.order_by(*order)
    if cursor := request.query_params.get("cursor", ""):
        try:
            page = page.filter(_after(order, decode_cursor(cursor, length=len(order))))
        except (ValidationError, DjangoFieldError, ValueError, TypeError):
            raise _cursor_invalid() from None
    rows: list[Any] = list(page[: limit + 1])
    has_more = len(rows) > limit
    rows = rows[:limit]
    return {
        "results": [out(row) for row in rows],
        "next": encode_cursor([_value(rows[-1], field) for field in order]) if has_more else None,
        "total": count,
    }


def _value(row: Any, field: str) -> Any:
    name = field.removeprefix("-")
    if isinstance(row, Mapping):
        return row[name]
    for part in name.split("__"):
        row = getattr(row, part)
    return row
