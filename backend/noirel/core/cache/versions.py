"""The catalogue's version: a number that increases with every committed change.

Triggers increase it, so no writer can forget to: services, imports, migrations and psql sessions alike. A change adds one to a
row of `core_edition` that is not locked, or adds another row, so no writer waits for another and none can be part of a
deadlock. The version is the sum of all rows. Rows start at a random number, so that no earlier version, which a cached response
may still carry, comes back after a restored backup or a TRUNCATE.
"""

from collections.abc import Sequence

from django.db.migrations import RunSQL

# The version as text, for a SELECT list. It is read in the snapshot of the statement that contains it.
VERSION_SQL = "(SELECT sum(value)::text FROM core_edition)"
SELECT_VERSION = f"SELECT {VERSION_SQL}"

CREATE_TRIGGER_FUNCTION = """
CREATE FUNCTION core_new_edition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Once a transaction: the setting ends with it, or with the savepoint that was rolled back.
    IF current_setting('noirel.edition', true) = 'told' THEN
        RETURN NULL;
    END IF;
    UPDATE core_edition SET value = value + 1
        WHERE id = (SELECT id FROM core_edition ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED);
    IF NOT FOUND THEN
        INSERT INTO core_edition (value) VALUES (floor(random() * 2 ^ 48)::bigint);
    END IF;
    PERFORM set_config('noirel.edition', 'told', true);
    RETURN NULL;
END
$$;
INSERT INTO core_edition (value) VALUES (floor(random() * 2 ^ 48)::bigint);
"""
DROP_TRIGGER_FUNCTION = "DROP FUNCTION core_new_edition();"


def bump_version_on_change(table: str, *, columns: Sequence[str] = (), unless: str = "") -> RunSQL:
    """Return a migration operation: every change of `table` increases the catalogue's version.

    columns: count only updates that set one of these columns.
    unless: don't count updated rows for which this SQL condition over OLD and NEW is true.
    """
    inserted_or_deleted = (
        f"CREATE TRIGGER new_edition AFTER INSERT OR DELETE OR TRUNCATE ON {table} EXECUTE FUNCTION core_new_edition();"
    )
    of = f" OF {', '.join(columns)}" if columns else ""
    when = f"FOR EACH ROW WHEN (({unless}) IS NOT TRUE)" if unless else ""
    updated = f"CREATE TRIGGER new_edition_of_row AFTER UPDATE{of} ON {table} {when} EXECUTE FUNCTION core_new_edition();"
    return RunSQL(
        inserted_or_deleted + updated, f"DROP TRIGGER new_edition ON {table}; DROP TRIGGER new_edition_of_row ON {table};"
    )
