"""Reading query parameters that several lists share."""

from datetime import date

from rest_framework.request import Request

from noirel.core.domain.errors import FieldError, Invalid
from noirel.core.http.strict import is_boolean, is_date

# Room for a zone's offset at either end of what PostgreSQL and Python can hold.
EARLIEST, LATEST = date(2000, 1, 1), date(2200, 1, 1)


def day_param(request: Request, name: str) -> date | None:
    """A day of the shop like 2026-11-23; None where the parameter is absent or empty. Raises Invalid for anything else."""
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
    """`true` or `false`; None where the parameter is absent or empty. Raises Invalid for anything else."""
    text = request.query_params.get(name, "")
    if not text:
        return None
    if not is_boolean(text):
        raise Invalid(errors=[FieldError(name, "invalid", "Must be true or false.")])
    return text == "true"
