"""Columns of our own kinds."""

from typing import Any

import orjson
from django.db import models

from noirel.core.http.json import dumps


class JSONText(models.TextField[Any, Any]):
    """A document kept as the text that goes out: it is never asked for a part of itself.

    As jsonb PostgreSQL would write it out anew at each reading, which costs more than finding it.
    """

    _pyi_private_set_type: Any
    _pyi_private_get_type: Any

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Any:
        return None if value is None else orjson.loads(value)

    def get_prep_value(self, value: Any) -> Any:
        return None if value is None else dumps(value).decode()
