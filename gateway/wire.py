"""Requests as Razorpay reads them: JSON or forms, whole numbers, notes, pages of a collection."""

import json
import re
import urllib.parse
from collections.abc import Iterable
from typing import Any

from starlette.requests import Request

from gateway.currencies import SUPPORTED
from gateway.errors import JSON, Refusal
from gateway.store import Entity, Window

_EARLIEST, _LATEST = 946_684_800, 4_765_046_400
_WORDS = {"true": True, "false": False}


def _nested(pairs: Iterable[tuple[str, str]]) -> JSON:
    """`notes[a]=b` as PHP reads it: {"notes": {"a": "b"}}."""
    whole: JSON = {}
    for name, value in pairs:
        steps = [part for part in re.split(r"[\[\]]+", name) if part]
        place = whole
        for step in steps[:-1]:
            inner = place.setdefault(step, {})
            if not isinstance(inner, dict):
                raise Refusal(f"The {steps[0]} field is invalid.", field=steps[0])
            place = inner
        if steps:
            place[steps[-1]] = value
    return whole


async def read_body(request: Request) -> JSON:
    """The body as an object; empty is {}. Raises Refusal when it is neither JSON nor a form."""
    raw = await request.body()
    if not raw.strip():
        return {}
    try:
        text = raw.decode()
        if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            return _nested(urllib.parse.parse_qsl(text, keep_blank_values=True, max_num_fields=200))
        body = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Refusal("The request body could not be read as JSON.", reason="input_validation_failed") from error
    if body == []:  # PHP's empty array
        return {}
    if not isinstance(body, dict):
        raise Refusal("The input must be an object.", reason="input_validation_failed")
    return body


def refuse_unknown(sent: Iterable[str], known: frozenset[str]) -> None:
    unknown = sorted(set(sent) - known)
    if unknown:
        raise Refusal(
            f"{', '.join(unknown)} is/are not required and should not be sent", reason="input_validation_failed"
        )


def whole_number(values: JSON, name: str) -> int | None:
    """An integer, also spelt as digits (forms, query strings); None when it was not sent."""
    value = values.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53:
        return value
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,15}", value):
        return int(value)
    raise Refusal(f"The {name} must be an integer.", field=name)


def required_number(values: JSON, name: str) -> int:
    value = whole_number(values, name)
    if value is None:
        raise Refusal(f"The {name} field is required.", field=name)
    return value


def text(values: JSON, name: str, *, at_most: int) -> str | None:
    value = values.get(name)
    if value is None:
        return None
    if isinstance(value, bool | float | dict | list):
        raise Refusal(f"The {name} must be a string.", field=name)
    if len(str(value)) > at_most:
        raise Refusal(f"The {name} may not be greater than {at_most} characters.", field=name)
    return str(value)


def yes_or_no(values: JSON, name: str) -> bool | None:
    value = values.get(name)
    if value is None:
        return None
    value = _WORDS.get(value, value) if isinstance(value, str) else value
    if value in (0, "0", False):
        return False
    if value in (1, "1", True):
        return True
    raise Refusal(f"The {name} field must be true or false.", field=name)


def currency_of(values: JSON, *, default: str | None = None) -> str:
    value = values.get("currency", default)
    if value is None or value == "":
        raise Refusal("The currency field is required.", field="currency")
    if not isinstance(value, str) or value not in SUPPORTED:
        raise Refusal("Currency is not supported", field="currency")
    return value


def notes_of(values: JSON) -> JSON:
    """At most 15 pairs, each value at most 256 characters."""
    notes = values.get("notes")
    if notes is None or notes == [] or notes == "":
        return {}
    if isinstance(notes, list):
        notes = {str(place): value for place, value in enumerate(notes)}
    if not isinstance(notes, dict):
        raise Refusal("The notes must be an array.", field="notes")
    if len(notes) > 15:
        raise Refusal("Number of fields in notes should be less than or equal to 15", field="notes")
    for key, value in notes.items():
        if isinstance(value, dict | list):
            raise Refusal("The notes values themselves should not be an array", field="notes")
        if len(str(key)) > 256 or len(str(value)) > 256:
            raise Refusal("The notes may not be greater than 256 characters.", field="notes")
    return notes


def one_of(values: JSON, name: str, allowed: tuple[str, ...], *, default: str) -> str:
    value = values.get(name)
    if value is None:
        return default
    if value not in allowed:
        raise Refusal(f"The selected {name} is invalid.", field=name)
    return str(value)


_PAGING = frozenset({"count", "skip", "from", "to"})


def page_of(request: Request, *, known: frozenset[str] = frozenset(), most: int = 100) -> Window:
    """The wanted page; raises Refusal beyond Razorpay's limits or for parameters it doesn't know."""
    sent: JSON = dict(request.query_params)
    refuse_unknown((name for name in sent if not name.startswith("expand")), _PAGING | known)
    count, skip = whole_number(sent, "count"), whole_number(sent, "skip")
    if count is not None and count < 1:
        raise Refusal("The count must be at least 1.", field="count")
    if count is not None and count > most:
        raise Refusal(f"The count may not be greater than {most}.", field="count")
    if skip is not None and skip < 0:
        raise Refusal("The skip must be at least 0.", field="skip")
    bounds = {}
    for name in ("from", "to"):
        bounds[name] = instant = whole_number(sent, name)
        if instant is not None and not _EARLIEST <= instant <= _LATEST:
            raise Refusal(f"{name} must be between {_EARLIEST} and {_LATEST}", field=name)
    # An offset beyond any table, not beyond SQLite.
    return Window(10 if count is None else count, min(skip or 0, 2**40), bounds["from"], bounds["to"])


def expansions(request: Request) -> set[str]:
    """`expand[]=card`; the Node SDK spells it `expand[expand]=card`."""
    return {value for name, value in request.query_params.multi_items() if name.startswith("expand")}


def collection(items: list[Any]) -> JSON:
    return {"entity": "collection", "count": len(items), "items": items}


def docs(entities: list[Entity]) -> JSON:
    return collection([entity.doc for entity in entities])
