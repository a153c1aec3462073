"""Which things have changed lately, so that an answer about one of them need not be asked for as long as it was not.

An edition (editions.py) says that something changed; stock changes too often for that. Here a change leaves the ids of what it
touched, in the same transaction: each row of `core_touched` counts its ids and holds the last of them. Like an edition, it is
written by a trigger that waits for nobody: a change takes a row that is free, or begins another.
"""

import math
import threading
from typing import Final

from django.db.migrations import RunSQL

from noirel.core.cache.versions import VERSION_SQL

IDS_PER_ROW: Final = 16  # ids in a row; who has missed more than that looks at everything again
# value: none. The edition; then, for each row: its id, its count, and its ids, the last one first.
CHANGES_SQL = f"""SELECT {VERSION_SQL} || coalesce((
    SELECT string_agg(concat(' ', id, ' ', value, ' ', array_to_string(lately, ',')), '' ORDER BY id) FROM core_touched), '')"""  # noqa: S608


def track_changes(table: str, column: str) -> RunSQL:
    """A migration's step: from now on an update of this table leaves the `column` of every row that it changes."""
    function = f"{table}_touched"
    return RunSQL(  # names of our own
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
    """What a process has been told by ASK_TOUCHED, entry by entry; for all of its threads.

    `written` grows with every entry. Who has looked at something when it was n, after reading n, need not look again until
    that thing is in an entry after n.
    """

    def __init__(self) -> None:
        self.sequence = 0
        self.checked_at = -math.inf  # when the last question that was heard was asked: what stands has stood then
        self._version = b""
        self._reset_at = 0  # the entry after which everything is to be looked at
        self._entries: dict[bytes, int] = {}  # an id: the last entry it is in
        self._counts: dict[bytes, int] = {}
        self._last_applied: tuple[float, bytes | None] = (-math.inf, b"")
        self._lock = threading.Lock()

    def is_fresh(self, state: bytes, of: bytes, since: int) -> bool:
        """Whether `of` was not touched after entry `since`, in the edition that `state` begins with; of nothing: is in."""
        edition = self._version
        if not of:
            return state == edition
        # The entries first: when they are thrown away, `_everything` says so before.
        return (
            state.startswith(edition)
            and state[len(edition) : len(edition) + 1] == b" "
            and self._entries.get(of, 0) <= since
            and self._reset_at <= since
        )

    def apply(self, asked: float, told: bytes | None) -> None:
        """Enter an answer; asked: when, by time.monotonic(). One that was asked for before the last one says nothing new."""
        before, known = self._last_applied
        if told == known and asked >= before:
            self.checked_at = max(asked, self.checked_at)
            return
        with self._lock:
            if asked < self._last_applied[0]:
                return
            edition, *rows = (told or b"").split(b" ")
            counts = {row: int(count) for row, count in zip(rows[::3], rows[1::3], strict=True)}
            touched: set[bytes] = set()
            is_known = counts.keys() == self._counts.keys()
            for row, ids in zip(rows[::3], rows[2::3], strict=True):
                new = counts[row] - self._counts.get(row, 0)
                last = ids.split(b",")
                # A row that counts backwards is of a restored backup, or was read by two threads in the other order.
                is_known = is_known and 0 <= new <= len(last)
                touched.update(last[:new] if is_known else ())
            entry = self.sequence + 1
            if not is_known or len(self._entries) > 10_000:
                self._reset_at = entry
                self._entries = {}
            else:
                self._entries |= dict.fromkeys(touched, entry)
            self._counts, self._version = counts, edition
            self.sequence = entry
            self._last_applied = (asked, told)  # last: who finds it here goes on without the lock
            self.checked_at = max(asked, self.checked_at)
