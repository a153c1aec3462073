"""The floor: what this machine's PostgreSQL can do when nothing but the writes of a purchase is asked of it.

One transaction by pgbench: the rows that a purchase of the shop leaves behind, written into twins of the shop's tables
(schema `floor`) with the same indexes and CHECK constraints, and the guarded claim on the stock rows. No foreign keys,
no triggers, no network in between, no reading: nobody could sell through this, which is what makes it the floor.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from ops.paths import postgres_bin

# Every table a purchase leaves rows in, how they are found by the order's number, and the columns that name one row.
LEAVES = {
    "cart_cart": ("id = (SELECT cart_id FROM orders_order WHERE number = %(number)s)", ("id",)),
    "orders_order": ("number = %(number)s", ("number", "cart_id")),
    "orders_orderline": ("order_id = %(order)s", ("id", "order_id")),
    "orders_orderevent": ("order_id = %(order)s", ("order_id",)),
    "payments_payment": (
        "order_id = %(order)s",
        ("id", "order_id", "receipt", "gateway_order_id", "gateway_payment_id"),
    ),
    "inventory_reservation": ("reference = %(number)s", ("reference",)),
    "inventory_stockmovement": ("reference = %(number)s", ("id", "reference")),
    "ledger_entry": ("chain = %(number)s", ("id", "key", "chain")),
    "core_outboxevent": ("key = %(number)s", ("key",)),
}
_ITEMS = ("item_id", "variant_id")


@dataclass(frozen=True)
class Result:
    """Transactions per second and their ms, as pgbench tells them; program: which pgbench."""

    tps: float
    mean_ms: float
    failed: int
    program: str


class Floor:
    """Made once per run, from one real purchase that serves as the pattern."""

    def __init__(self, database_url: str, folder: Path, number: str) -> None:
        self._url, self._folder = database_url, folder
        with psycopg.connect(database_url, autocommit=True) as connection:
            connection.execute("CREATE SCHEMA floor")
            order = _one(connection, "SELECT id FROM orders_order WHERE number = %s", [number])
            self._inserts = [
                statement
                for table, (where, keys) in LEAVES.items()
                for statement in _inserts(connection, table, where, keys, {"number": number, "order": order})
            ]
            _twin(connection, "inventory_stockitem")
            connection.execute(
                "INSERT INTO floor.inventory_stockitem (variant_id, on_hand, reserved, is_tracked, policy, updated_at)"
                " SELECT n, 100000000, 0, true, 'deny', now() FROM generate_series(1, 1000) n"
            )

    def run(self, *, clients: int, seconds: int, hot: bool) -> Result:
        """hot: the first of the two variants is always the same one."""
        for table in LEAVES:
            with psycopg.connect(self._url, autocommit=True) as connection:
                connection.execute(sql.SQL("TRUNCATE floor.{}").format(sql.Identifier(table)))
        script = self._folder / f"floor-{'hot' if hot else 'spread'}.sql"
        script.write_text(self._script(hot=hot))
        program = _pgbench()
        done = subprocess.run(
            [program, "-n", "-M", "prepared", "-c", str(clients), "-T", str(seconds), "-f", str(script), self._url],
            capture_output=True, text=True, check=True, env=os.environ | {"LC_ALL": "C.UTF-8"},
        )  # fmt: skip
        told = done.stdout
        tps, mean = re.search(r"tps = ([\d.]+)", told), re.search(r"latency average = ([\d.]+)", told)
        failed = re.search(r"failed transactions: (\d+)", told)
        assert tps and mean, told
        return Result(float(tps[1]), float(mean[1]), int(failed[1]) if failed else 0, program)

    def _script(self, *, hot: bool) -> str:
        one, other = ("1", "random(2, 1000)") if hot else ("random(1, 500)", "random(501, 1000)")
        claim = (
            "UPDATE floor.inventory_stockitem SET on_hand = on_hand - 1, updated_at = now()"
            " WHERE variant_id = :{item} AND on_hand - reserved >= 1;"
        )
        return "\n".join([
            "\\set n random(1, 9000000000000)", f"\\set a {one}", f"\\set b {other}", "BEGIN;",
            *self._inserts, claim.format(item="a"), claim.format(item="b"), "COMMIT;", "",
        ])  # fmt: skip


def _twin(connection: psycopg.Connection[Any], table: str) -> None:
    connection.execute(
        sql.SQL(
            "CREATE TABLE floor.{0} (LIKE public.{0} INCLUDING DEFAULTS INCLUDING IDENTITY INCLUDING GENERATED"
            " INCLUDING INDEXES INCLUDING CONSTRAINTS)"
        ).format(sql.Identifier(table))
    )


def _inserts(
    connection: psycopg.Connection[Any], table: str, where: str, keys: tuple[str, ...], known: dict[str, Any]
) -> Iterator[str]:
    """The statements that write this table's rows of the purchase again under other names: `:n` tells them apart."""
    _twin(connection, table)
    columns = [
        (name, kind)
        for name, kind, is_identity in connection.execute(
            "SELECT column_name, data_type, is_identity = 'YES' FROM information_schema.columns"
            " WHERE table_schema = 'public' AND table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position",
            [table],
        )
        if not is_identity
    ]
    chosen = sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(name)) for name, _ in columns)
    rows = connection.execute(
        sql.SQL("SELECT {} FROM {} WHERE ").format(chosen, sql.Identifier(table)) + sql.SQL(where), known
    ).fetchall()
    values = []
    for number, row in enumerate(rows):
        told = []
        for (name, kind), value in zip(columns, row, strict=True):
            if name in keys and value is not None:
                told.append(_another(kind, number))
            elif name in _ITEMS:
                told.append(":a" if number == 0 else ":b")
            else:
                told.append(_literal(value))
        values.append(f"({', '.join(told)})")
    if values:
        names = ", ".join(name for name, _ in columns)
        yield f"INSERT INTO floor.{table} ({names}) VALUES {', '.join(values)};"


def _another(kind: str, number: int) -> str:
    if kind == "uuid":
        return f"(lpad(to_hex((:n)::bigint), 30, '0') || '0{number}')::uuid"
    return ":n" if kind in ("bigint", "integer") else f"'NE-' || (:n)::text || '-{number}'"


def _literal(value: str | None) -> str:
    """The value without a colon in it: pgbench takes one for the beginning of a variable, between quotes too."""
    if value is None:
        return "NULL"
    return "E'" + value.replace("\\", "\\\\").replace("'", "''").replace(":", "\\072") + "'"


def _one(connection: psycopg.Connection[Any], query: str, values: list[Any]) -> Any:
    row = connection.execute(query, values).fetchone()
    assert row is not None, query
    return row[0]


def _pgbench() -> str:
    """The server's own pgbench; else one from the machine."""
    own = postgres_bin() / "pgbench"
    return str(own) if own.exists() else shutil.which("pgbench") or "pgbench"
