"""An empty database after a test that commits: only what lies in it is taken out.

Django's own way writes every table and index anew and then Django's permissions, whatever the test had done. Most tests leave
a few rows in a third of the tables, and DELETE is done with those at once.
"""

from typing import Any

from django.db import connection, transaction

# What migrating leaves behind and no test changes.
KEPT = ["django_migrations", "django_content_type", "auth_permission"]
# A table that has grown beyond this is cut off whole: what is deleted would lie in the way of all that follows.
LARGE = 4 * 1024 * 1024

_USED = """
SELECT oid::regclass::text, pg_relation_size(oid) > %s FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> ALL(%s) AND pg_relation_size(oid) > 0
"""


def empty_database(*_: Any) -> None:
    """Remove every row of the shop's, without triggers and foreign keys: those forbid much of it."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_USED, [LARGE, KEPT])
        used: list[tuple[str, bool]] = cursor.fetchall()
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table, is_large in used:
            cursor.execute(f"TRUNCATE {table} CASCADE" if is_large else f"DELETE FROM {table}")
