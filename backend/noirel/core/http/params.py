"""Parsing of query parameters that several lists share."""

from datetime import date

from rest_framework.request import Request

from noirel.core.domain.errors import FieldError, Invalid
from noirel.core.http.strict import is_boolean, is_date

# Well inside the range of Python and PostgreSQL, so that a time zone's offset can't overflow it.
EARLIEST, LATEST = date(2000, 1, 1), date(2200, 1, 1)


def day_param(request: Request, name: str) -> date | None:
    """Return a date in the shop's time zone, like 2026-11-23, or None if the parameter is missing or empty. Raises Invalid."""
    text = request.query_params.get(name, "").strip()
    if not text:
        return None
    try:
        day = date.fromisoformat(text) if is_date(text) else date.min
    except ValueError:
        day = date.min
    if not EARLIEST <= day <= LATEST:
        raise Invalid(errors=[FieldError(name, "invalid", "A day looks like 2026-11-23.")])
    return day


def bool_param(request: Request, name: str) -> bool | None:
    """Return the value of `true` or `false`, or None if the parameter is missing or empty. Raises Invalid for anything else."""
    text = request.query_params.get(name, "")
    if not text:
        return None
    if not is_boolean(text):
        raise Invalid(errors=[FieldError(name, "invalid", "Must be true or false.")])
    return text == "true"
