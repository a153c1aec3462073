"""Model fields."""

from typing import Any

import orjson
from django.db import models

from noirel.core.http.json import dumps


class JSONText(models.TextField[Any, Any]):
    """JSON stored as the text that is sent to clients. It can't be queried by its contents.

    PostgreSQL serialises a jsonb value on every read, which costs more than finding the row.
    """

    _pyi_private_set_type: Any
    _pyi_private_get_type: Any

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Any:
        return None if value is None else orjson.loads(value)

    def get_prep_value(self, value: Any) -> Any:
        return None if value is None else dumps(value).decode()
