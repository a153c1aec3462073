"""Reading query parameters that several lists share.

One rule for all of them: a parameter that is absent doesn't filter. One that is present has a value of its type, so an empty
one is refused; only free text may be empty.
"""

from collections.abc import Iterable
from datetime import date

from rest_framework.request import Request

from noirel.core.domain.errors import FieldError, Invalid
from noirel.core.http.strict import is_boolean, is_date

# Well inside the range of Python and PostgreSQL, so that a time zone's offset can't overflow it.
EARLIEST, LATEST = date(2000, 1, 1), date(2200, 1, 1)


def day_param(request: Request, name: str) -> date | None:
    """A day of the shop like 2026-11-23; None where the parameter is absent. Raises Invalid for anything else."""
    text = request.query_params.get(name)
    if text is None:
        return None
    try:
        day = date.fromisoformat(text) if is_date(text) else date.min
    except ValueError:
        day = date.min
    if not EARLIEST <= day <= LATEST:
        raise Invalid(errors=[FieldError(name, "invalid", "Enter a date like 2026-11-23.")])
    return day


def bool_param(request: Request, name: str) -> bool | None:
    """`true` or `false`; None where the parameter is absent. Raises Invalid for anything else."""
    text = request.query_params.get(name)
    if text is None:
        return None
    if not is_boolean(text):
        raise Invalid(errors=[FieldError(name, "invalid", "Must be true or false.")])
    return text == "true"


def choice_param(request: Request, name: str, choices: Iterable[str]) -> str | None:
    """One of the choices; None where the parameter is absent. Raises Invalid for anything else."""
    text, known = request.query_params.get(name), list(choices)
    if text is not None and text not in known:
        raise Invalid(errors=[FieldError(name, "invalid_choice", f"Must be one of {', '.join(filter(None, known))}.")])
    return text


def choices_param(request: Request, name: str, choices: Iterable[str]) -> list[str]:
    """Some of the choices, as `?name=a&name=b` or `?name=a,b`; empty where the parameter is absent. Raises Invalid."""
    known = list(choices)
    chosen = [part for value in request.query_params.getlist(name) for part in value.split(",")]
    if unknown := [value for value in chosen if value not in known]:
        raise Invalid(
            errors=[FieldError(name, "invalid_choice", f"Unknown: “{unknown[0][:50]}”. Must be one of {', '.join(known)}.")]
        )
    return chosen
