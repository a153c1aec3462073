"""What `migrate` refuses to go on with: settings that only the database can judge."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.db import connection


def search_language_is_known(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """PostgreSQL has a text search configuration of this name; asked when databases are to be checked (`migrate`)."""
    if not databases:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT cfgname FROM pg_ts_config WHERE pg_ts_config_is_visible(oid) ORDER BY 1")
        known = [name for (name,) in cursor.fetchall()]
    if settings.SEARCH_LANGUAGE in known:
        return []
    hint = f"One of {', '.join(known)}."
    return [
        Error(f"SEARCH_LANGUAGE is {settings.SEARCH_LANGUAGE!r}, which PostgreSQL does not know.", hint=hint, id="catalog.E001")
    ]
