"""JSON parsing and rendering: UTF-8, no NaN, instants in UTC with `Z`."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import IO, Any

import orjson
from django.conf import settings
from django.utils.functional import Promise
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer

from noirel.core.domain.money import Money

_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS


class BodyTooLarge(APIException):
    status_code = 413
    default_code = "body_too_large"
    default_detail = "The request body is larger than this endpoint accepts."


def _default(value: Any) -> Any:
    if isinstance(value, Money):
        return value.json()
    if isinstance(value, Decimal | Promise):
        return str(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"Not JSON: {type(value).__name__}")


def dumps(data: Any) -> bytes:
    """Serialise to JSON. Money, Decimal, lazy strings and sets are supported."""
    return orjson.dumps(data, default=_default, option=_OPTIONS)


class JSONRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        return b"" if data is None else dumps(data)


class JSONParser(BaseParser):
    media_type = "application/json"

    def parse(self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        raw = stream.read(settings.MAX_BODY_BYTES + 1)
        if len(raw) > settings.MAX_BODY_BYTES:
            raise BodyTooLarge
        try:
            return loads(raw)
        except ValueError as error:
            raise ParseError(str(error)) from None


def loads(raw: bytes) -> Any:
    """Parse JSON. Raises ValueError if it is malformed or can't be stored: NUL characters, deep nesting, huge numbers."""
    try:
        data = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise ValueError(f"This is not JSON: {error}.") from None
    if _SUSPICIOUS.search(raw) or raw.count(b"[") + raw.count(b"{") > MAX_DEPTH:
        _check(data)
    return data


MAX_DEPTH = 100  # of nested lists and objects; serialisers and PostgreSQL have limits of their own
# A quick test for what might be a NUL character or a number too large for a bigint; _check then decides.
_SUSPICIOUS = re.compile(rb"\\u0000|\d[eE]\+?\d|\d{19}")


def _check(data: Any) -> None:
    """Raise ValueError for values that PostgreSQL can't store, or returns in a form that is not valid JSON here."""
    stack = [(data, 1)]
    while stack:
        value, depth = stack.pop()
        if depth > MAX_DEPTH:
            raise ValueError(f"It is nested more than {MAX_DEPTH} levels deep.")
        if isinstance(value, str) and "\x00" in value:
            raise ValueError("It contains a NUL character.")
        if isinstance(value, float) and abs(value) >= 2**63:
            raise ValueError("It contains a number that is too large.")
        children = (*value, *value.values()) if isinstance(value, dict) else value if isinstance(value, list) else ()
        stack += [(child, depth + 1) for child in children]
