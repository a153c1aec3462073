"""Checks JSON types before DRF converts them: `"12"` is not 12, 12 is not `"12"`, and `"true"` is not true.

DRF's fields are lenient because HTML forms send text. JSON has types and the OpenAPI document declares them, so input of
another type is refused. Numbers, dates and ids in text must be ASCII: DRF reads `"१२"` as 12.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(rf"{_DATE.pattern}[Tt ][0-9]{{2}}:[0-9]{{2}}(:[0-9]{{2}}(\.[0-9]+)?)?([Zz]|[+-][0-9]{{2}}:[0-9]{{2}})")
_DECIMAL = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,18}")


def is_date(text: str) -> bool:
    """Whether a text is a date like 2026-03-01. Python also accepts `20260301`, `2026-W09-7` and `२०२६-03-01`."""
    return _DATE.fullmatch(text) is not None


def is_instant(text: str) -> bool:
    """Whether a text is an instant with its offset, like 2026-03-01T09:00:00Z."""
    return _INSTANT.fullmatch(text) is not None


def is_integer(text: str) -> bool:
    """Whether a text is an integer in canonical form: ASCII digits, no leading zero or plus, at most 19 digits."""
    return _INTEGER.fullmatch(text) is not None


def is_boolean(text: str) -> bool:
    """Whether a text is `true` or `false`. DRF also accepts `1`, `True`, `yes` and `on`."""
    return text in {"true", "false"}


Accepts = Callable[[Any], bool]


def _is_written(pattern: re.Pattern[str]) -> Accepts:
    return lambda data: isinstance(data, str) and pattern.fullmatch(data) is not None


def _is_integer(data: Any) -> bool:
    return isinstance(data, int) and not isinstance(data, bool)


def _is_number(data: Any) -> bool:
    return isinstance(data, int | float) and not isinstance(data, bool)


def _is_bool(data: Any) -> bool:
    return isinstance(data, bool)


def _is_text(data: Any) -> bool:
    return isinstance(data, str)


_is_decimal = _is_written(_DECIMAL)

# For each field class, the JSON values it accepts and the message for all others. The first matching class counts.
_KINDS: Sequence[tuple[type[serializers.Field[Any, Any, Any, Any]], Accepts, str]] = (
    (serializers.BooleanField, _is_bool, "Must be true or false."),
    (serializers.IntegerField, _is_integer, "A whole number is required."),
    (serializers.DecimalField, lambda data: _is_number(data) or _is_decimal(data), "A decimal number like 2.5 is required."),
    (serializers.FloatField, _is_number, "A number is required."),
    (serializers.DateTimeField, _is_written(_INSTANT), "An instant like 2026-03-01T09:00:00Z is required."),
    (serializers.DateField, _is_written(_DATE), "A date like 2026-03-01 is required."),
    (serializers.UUIDField, _is_written(_UUID), "An id like 0190a6b0-0000-7000-8000-000000000000 is required."),
    (serializers.CharField, _is_text, "A text is required."),
)
# What fields of a non-text JSON type accept in addition where all input is text.
_FROM_TEXT: Mapping[type[serializers.Field[Any, Any, Any, Any]], Accepts] = {
    serializers.BooleanField: lambda data: isinstance(data, str) and is_boolean(data),
    serializers.IntegerField: lambda data: isinstance(data, str) and is_integer(data),
    serializers.FloatField: _is_decimal,
}


def type_errors(fields: Iterable[tuple[str, Any]], data: Mapping[Any, Any], *, is_text: bool) -> dict[str, Any]:
    """Return DRF error details, by name, for the fields whose value in `data` has another type than the schema declares.

    is_text: the values come from a query string or a form, where all of them are text.

    Nested serializers check themselves.
    """
    errors: dict[str, Any] = {}
    for name, field in fields:
        if not field.read_only and name in data and (error := _type_error(field, data[name], is_text=is_text)):
            errors[name] = error
    return errors


def _type_error(field: Any, data: Any, *, is_text: bool) -> Any:
    if data is None:
        return None  # the field itself checks allow_null
    if isinstance(field, serializers.ListField):
        if not isinstance(data, list):
            return None  # DRF reports it
        item_errors = [_type_error(field.child, item, is_text=is_text) for item in data]
        return {index: error for index, error in enumerate(item_errors) if error} or None
    if isinstance(field, serializers.DictField):
        if not isinstance(data, Mapping):
            return None
        children = {str(key): _type_error(field.child, item, is_text=is_text) for key, item in data.items()}
        return {key: error for key, error in children.items() if error} or None
    if isinstance(field, serializers.ChoiceField):
        if is_text or any(type(data) is type(choice) and data == choice for choice in field.choices):
            return None
        if field.allow_blank and data == "":
            return None
        return [ErrorDetail(f"{data!r} is not a valid choice."[:200], code="invalid_choice")]
    for kind, accepts, message in _KINDS:
        if isinstance(field, kind):
            is_accepted = accepts(data) or (is_text and kind in _FROM_TEXT and _FROM_TEXT[kind](data))
            return None if is_accepted else [ErrorDetail(message, code="invalid")]
    return None
