"""Where everything is kept: one SQLite file, so that a restart or a kill -9 loses nothing that was answered.

All access happens on the event loop's thread, so there is one writer by construction and no lock to hold.
WAL with synchronous=NORMAL survives the death of the process (not of the machine, which is fine for a stand-in).
"""

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gateway.errors import JSON

_SCHEMA = """
CREATE TABLE IF NOT EXISTS entity (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  parent TEXT NOT NULL,
  receipt TEXT,
  status TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  doc TEXT NOT NULL,
  hidden TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS entity_newest ON entity (kind, created_at DESC, seq DESC);
CREATE INDEX IF NOT EXISTS entity_parent ON entity (kind, parent);
CREATE INDEX IF NOT EXISTS entity_receipt ON entity (kind, receipt);
CREATE TABLE IF NOT EXISTS webhook (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  event_id TEXT NOT NULL,
  event TEXT NOT NULL,
  body TEXT NOT NULL,
  signature TEXT NOT NULL,
  created_at REAL NOT NULL,
  due_at REAL NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  state TEXT NOT NULL,
  last_answer TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS webhook_due ON webhook (state, due_at);
CREATE TABLE IF NOT EXISTS refund_key (
  key TEXT PRIMARY KEY, request TEXT NOT NULL, refund_id TEXT NOT NULL, answer TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS later (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  due_at REAL NOT NULL,
  what TEXT NOT NULL,
  id TEXT NOT NULL,
  detail TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS later_due ON later (due_at);
CREATE TABLE IF NOT EXISTS fault (seq INTEGER PRIMARY KEY AUTOINCREMENT, doc TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
_TABLES = ("entity", "webhook", "refund_key", "later", "fault", "meta")


@dataclass
class Entity:
    """An object of the API: `doc` is what callers see, `hidden` what only the gateway knows."""

    kind: str
    doc: JSON
    parent: str = ""
    hidden: JSON = field(default_factory=dict)

    @property
    def id(self) -> str:
        return str(self.doc["id"])


@dataclass(frozen=True)
class Window:
    """A page of a collection: newest first, between two instants (Unix seconds, inclusive)."""

    count: int = 10
    skip: int = 0
    since: int | None = None
    until: int | None = None


class Store:
    def __init__(self, path: Path) -> None:
        self.path = path
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.execute("PRAGMA busy_timeout=5000")
        self._db.executescript(_SCHEMA)
        self._depth = 0
        self._ahead = float(self.note("clock_ahead") or 0)

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; inside another one it simply joins."""
        if self._depth:
            yield
            return
        self._db.execute("BEGIN IMMEDIATE")
        self._depth = 1
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        else:
            self._db.execute("COMMIT")
        finally:
            self._depth = 0

    def rows(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        return self._db.execute(sql, values).fetchall()

    def run(self, sql: str, *values: Any) -> int:
        """Run one statement; returns how many rows it touched."""
        return self._db.execute(sql, values).rowcount

    def wipe(self) -> None:
        with self.transaction():
            for table in _TABLES:
                self.run(f"DELETE FROM {table}")  # noqa: S608 (our own table names)
        self._ahead = 0.0

    # The gateway's clock: the machine's, plus what a test has advanced it by.

    def now(self) -> float:
        return time.time() + self._ahead

    def advance(self, seconds: float) -> None:
        self._ahead += seconds
        self.note("clock_ahead", str(self._ahead))

    def note(self, name: str, value: str | None = None) -> str | None:
        """Read a small fact, or write it."""
        if value is not None:
            self.run("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", name, value)
            return value
        found = self.rows("SELECT value FROM meta WHERE name = ?", name)
        return str(found[0]["value"]) if found else None

    # Objects of the API.

    def save(self, entity: Entity) -> None:
        self.run(
            "INSERT INTO entity (id, kind, parent, receipt, status, created_at, doc, hidden) VALUES (?,?,?,?,?,?,?,?) "
            "ON CONFLICT (id) DO UPDATE SET status = excluded.status, doc = excluded.doc, hidden = excluded.hidden",
            entity.id,
            entity.kind,
            entity.parent,
            entity.doc.get("receipt"),
            str(entity.doc.get("status", "")),
            entity.doc["created_at"],
            json.dumps(entity.doc),
            json.dumps(entity.hidden),
        )

    @staticmethod
    def _entity(row: sqlite3.Row) -> Entity:
        return Entity(row["kind"], json.loads(row["doc"]), row["parent"], json.loads(row["hidden"]))

    def find(self, kind: str, entity_id: str) -> Entity | None:
        rows = self.rows("SELECT * FROM entity WHERE id = ? AND kind = ?", entity_id, kind)
        return self._entity(rows[0]) if rows else None

    def newest(
        self,
        kind: str,
        window: Window | None = None,
        *,
        parent: str | None = None,
        receipt: str | None = None,
        status: str | None = None,
        authorized: bool | None = None,
    ) -> list[Entity]:
        """Objects of a kind, newest first; all of them without a window."""
        sql, values = "SELECT * FROM entity WHERE kind = ?", [kind]
        filters: list[tuple[str, Any]] = [("parent =", parent), ("receipt =", receipt), ("status =", status)]
        if window:
            filters += [("created_at >=", window.since), ("created_at <=", window.until)]
        for condition, value in filters:
            if value is not None:
                sql += f" AND {condition} ?"
                values.append(value)
        if authorized is not None:
            sql += " AND " if authorized else " AND NOT "
            sql += (
                "EXISTS (SELECT 1 FROM entity p WHERE p.kind = 'payment' AND p.parent = entity.id"
                " AND p.status IN ('authorized', 'captured', 'refunded'))"
            )
        sql += " ORDER BY created_at DESC, seq DESC"
        if window:
            sql += f" LIMIT {int(window.count)} OFFSET {int(window.skip)}"
        return [self._entity(row) for row in self.rows(sql, *values)]
