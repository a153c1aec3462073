"""What PostgreSQL was asked, as it counts it (pg_stat_statements)."""

from __future__ import annotations

from typing import Any

import psycopg


def statements_so_far(database: psycopg.Connection[Any], *, begins: bool = False) -> int:
    """Statements that PostgreSQL was asked for so far, without the bench's own and those around transactions.

    What it asks itself is none of them: foreign keys are checked at the commit, which it counts as if from outside.
    """
    row = database.execute(
        "SELECT coalesce(sum(calls), 0) FROM pg_stat_statements WHERE query NOT LIKE '%%pg_stat_statements%%'"
        " AND query !~ '^SELECT .* FROM ONLY .* FOR KEY SHARE'"
        " AND CASE WHEN %s THEN query = 'BEGIN' ELSE query !~ '^(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)' END",
        [begins],
    ).fetchone()
    return int(row[0]) if row else 0
