"""Which state of the catalogue an answer is of: a number that every committed change makes another one.

Counted by triggers, so that no writer can forget it: services, imports, migrations, somebody with psql. A change adds one to a
row of `core_edition` that nobody else is adding to at the moment, or begins another row: no writer ever waits for another here,
and so none can be in a deadlock. The sum of the rows grows with each commit. A row begins at random: after a restored backup,
or a TRUNCATE, no sum comes back that an answer kept somewhere may be of.
"""

from collections.abc import Sequence

from django.db.migrations import RunSQL

# The state as text, for a SELECT list: read in the snapshot of the statement it stands in.
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
    """A migration's step: from now on a change of this table is a new edition.

    columns: only updates that name one of them. unless: only updated rows of which this (over OLD and NEW) is not true.
    """
    came = f"CREATE TRIGGER new_edition AFTER INSERT OR DELETE OR TRUNCATE ON {table} EXECUTE FUNCTION core_new_edition();"
    of = f" OF {', '.join(columns)}" if columns else ""
    when = f"FOR EACH ROW WHEN (({unless}) IS NOT TRUE)" if unless else ""
    changed = f"CREATE TRIGGER new_edition_of_row AFTER UPDATE{of} ON {table} {when} EXECUTE FUNCTION core_new_edition();"
    return RunSQL(came + changed, f"DROP TRIGGER new_edition ON {table}; DROP TRIGGER new_edition_of_row ON {table};")
