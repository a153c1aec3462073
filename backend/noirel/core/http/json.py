"""JSON in and out: UTF-8, no NaN, instants in UTC with Z."""

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
    """What the JSON says. Raises ValueError for what is none, and for what no column could hold: NUL, depth, large numbers."""
    try:
        told = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise ValueError(f"This is not JSON: {error}.") from None
    if _SUSPICIOUS.search(raw) or raw.count(b"[") + raw.count(b"{") > MAX_DEPTH:
        _check(told)
    return told


MAX_DEPTH = 100  # lists and objects inside each other: what is written has its limits, and recursion too
# What may be a character that PostgreSQL has in no text, or a number that it gives back with more digits than JSON has here.
_SUSPICIOUS = re.compile(rb"\\u0000|\d[eE]\+?\d|\d{19}")


def _check(told: Any) -> None:
    """Raises ValueError for what could be kept by no column, or be kept and never be given again."""
    left = [(told, 1)]
    while left:
        one, depth = left.pop()
        if depth > MAX_DEPTH:
            raise ValueError(f"It is more than {MAX_DEPTH} deep.")
        if isinstance(one, str) and "\x00" in one:
            raise ValueError("There is a character in it that no text has.")
        if isinstance(one, float) and abs(one) >= 2**63:
            raise ValueError("There is a number in it that is too large.")
        inner = (*one, *one.values()) if isinstance(one, dict) else one if isinstance(one, list) else ()
        left += [(each, depth + 1) for each in inner]
