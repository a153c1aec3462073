"""The change log: which resources have changed lately, so that cached responses about all others need no query of their own.

The catalogue's version (versions.py) says that something changed; stock changes too often for that. Such a change records the
ids of the rows it affected, in the same transaction, in `core_touched`: each row of that table counts the ids it was given and
holds the last few of them. A trigger writes them, and no writer waits for another: it takes a row that is not locked, or adds
one.
"""

import math
import threading
from typing import Final

from django.db.migrations import RunSQL

from noirel.core.cache.versions import VERSION_SQL

IDS_PER_ROW: Final = 16  # a reader that has missed more ids than that must revalidate everything
# Returns one text: the version; then, for each row of core_touched, its id, its count, and its ids, newest first.
CHANGES_SQL = f"""SELECT {VERSION_SQL} || coalesce((
    SELECT string_agg(concat(' ', id, ' ', value, ' ', array_to_string(lately, ',')), '' ORDER BY id) FROM core_touched), '')"""  # noqa: S608


def track_changes(table: str, column: str) -> RunSQL:
    """Return a migration operation: every update of `table` records the `column` of the rows it changes in the change log."""
    function = f"{table}_touched"
    return RunSQL(
        f"""
        CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            ids bigint[] := (SELECT array_agg(DISTINCT {column}) FROM changed);
        BEGIN
            IF ids IS NULL THEN
                RETURN NULL;
            END IF;
            UPDATE core_touched SET value = value + cardinality(ids), lately = (ids || lately)[1:{IDS_PER_ROW}]
                WHERE id = (SELECT id FROM core_touched ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED);
            IF NOT FOUND THEN
                INSERT INTO core_touched (value, lately) VALUES (floor(random() * 2 ^ 48)::bigint, ids[1:{IDS_PER_ROW}]);
            END IF;
            RETURN NULL;
        END
        $$;
        CREATE TRIGGER touched AFTER UPDATE ON {table} REFERENCING NEW TABLE AS changed
            FOR EACH STATEMENT EXECUTE FUNCTION {function}();
        """,  # noqa: S608
        f"DROP TRIGGER touched ON {table}; DROP FUNCTION {function}();",
    )


class ChangeLog:
    """The results of CHANGES_SQL that this process has seen. Thread-safe.

    `sequence` grows by one with every result that differs from the one before. A resource that was validated after sequence n
    was read is fresh until it appears in an entry after n.
    """

    def __init__(self) -> None:
        self.sequence = 0
        self.checked_at = -math.inf  # by time.monotonic(): when the latest applied query was sent
        self._version = b""
        self._reset_at = 0  # the entry at which changes may have been missed: whatever was validated earlier is stale
        self._entries: dict[bytes, int] = {}  # by id: the last entry that contains it
        self._counts: dict[bytes, int] = {}
        self._last_applied: tuple[float, bytes | None] = (-math.inf, b"")
        self._lock = threading.Lock()

    def is_fresh(self, state: bytes, resource_id: bytes, validated_at: int) -> bool:
        """Whether a response with this state is fresh: of the current version, and its resource unchanged since `validated_at`.

        Without a resource_id, only the version counts.
        """
        version = self._version
        if not resource_id:
            return state == version
        # Read _entries before _reset_at: apply() sets them in the other order, so a cleared _entries is always noticed.
        return (
            state.startswith(version)
            and state[len(version) : len(version) + 1] == b" "
            and self._entries.get(resource_id, 0) <= validated_at
            and self._reset_at <= validated_at
        )

    def apply(self, sent_at: float, result: bytes | None) -> None:
        """Record a result of CHANGES_SQL. A result whose query was sent before the last applied one is ignored.

        sent_at: when the query was sent, by time.monotonic().
        """
        last_sent_at, last_result = self._last_applied
        if result == last_result and sent_at >= last_sent_at:
            self.checked_at = max(sent_at, self.checked_at)
            return
        with self._lock:
            if sent_at < self._last_applied[0]:
                return
            version, *rows = (result or b"").split(b" ")
            counts = {row: int(count) for row, count in zip(rows[::3], rows[1::3], strict=True)}
            changed: set[bytes] = set()
            is_complete = counts.keys() == self._counts.keys()
            for row, ids in zip(rows[::3], rows[2::3], strict=True):
                new = counts[row] - self._counts.get(row, 0)
                recent = ids.split(b",")
                # A count that decreases comes from a restored backup, or from results that two threads applied in reverse.
                is_complete = is_complete and 0 <= new <= len(recent)
                changed.update(recent[:new] if is_complete else ())
            entry = self.sequence + 1
            if not is_complete or len(self._entries) > 10_000:
                self._reset_at = entry
                self._entries = {}
            else:
                self._entries |= dict.fromkeys(changed, entry)
            self._counts, self._version = counts, version
            self.sequence = entry
            self._last_applied = (sent_at, result)  # last, because it is read without the lock
            self.checked_at = max(sent_at, self.checked_at)
