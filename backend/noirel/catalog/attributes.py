"""What fits an attribute: pure."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from noirel.catalog.models import Attribute
from noirel.core.domain.errors import FieldError
from noirel.core.http.json import dumps

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
MOST_BYTES = 64 * 1024


def misfit(definition: Attribute, value: Any) -> str:
    """What is wrong with a value, in a sentence; empty when it fits."""
    is_right, says = {
        "text": (isinstance(value, str) and len(value) <= 5000, "A text of 5000 characters at most."),
        "number": (type(value) in {int, float}, "A number."),
        "list": (
            isinstance(value, list) and len(value) <= 250 and all(isinstance(item, str) and item for item in value),
            "A list of texts.",
        ),
        "colour": (isinstance(value, str) and _COLOUR.fullmatch(value) is not None, "A colour like #1a2b3c."),
        "json": (len(dumps(value)) <= MOST_BYTES, "64 KB at most."),
    }[definition.type]
    if not is_right:
        return says
    told = value if isinstance(value, list) else [value]
    if definition.choices and any(item not in definition.choices for item in told):
        return f"One of {', '.join(map(str, definition.choices))}."
    return ""


def misfits(
    values: Mapping[str, Any], before: Mapping[str, Any], definitions: Iterable[Attribute], *, of_variant: bool
) -> list[FieldError]:
    """A line for each value that is new here and does not fit. What an import once left is not asked again."""
    known = {definition.name: definition for definition in definitions if definition.is_of_variant == of_variant}
    errors = []
    for name, value in values.items():
        if name in before and before[name] == value:
            continue
        if name not in known:
            errors.append(FieldError(f"attributes.{name}", "unknown", "There is no such attribute."))
        elif says := misfit(known[name], value):
            errors.append(FieldError(f"attributes.{name}", "invalid", says))
    return errors
