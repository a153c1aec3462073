"""`make bench-checkout`: starts the shop, lets shoppers buy at 1, 8 and 32 at once, and sets it beside pgbench's floor.

About two minutes. What counts are the ratios of one run: absolute figures are the machine's, and its neighbours'.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
from typing import Any

import psycopg

from ops.bench.floor import Floor
from ops.bench.http import connect
from ops.bench.parts import Parts, busy_seconds, running
from ops.bench.pg_statements import statements_so_far
from ops.bench.report import Row, tell
from ops.bench.shelf import SKUS, fill
from ops.bench.shoppers import REQUESTS, Seen, Shopper, Task
from ops.paths import run_dir

CLIENTS = (1, 8, 32)
FLOOR_CLIENTS = (8, 32)
Database = psycopg.Connection[Any]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m ops.bench")
    parser.add_argument("--seconds", type=int, default=12, help="for each row of the table")
    seconds = parser.parse_args().seconds
    load = os.getloadavg()[0]
    with running(run_dir() / "bench") as parts, psycopg.connect(parts.database_url, autocommit=True) as database:
        fill(database)
        database.execute("CREATE EXTENSION pg_stat_statements")
        parts.shoppers(shoppers=8, seconds=3, skus=SKUS)  # imports, connections, caches
        statements = _statements(parts, database)
        rows = [_measured(parts, database, clients, seconds, hot=False) for clients in CLIENTS]
        rows += [_measured(parts, database, clients, seconds, hot=True) for clients in FLOOR_CLIENTS]
        floor = Floor(parts.database_url, run_dir() / "bench", _a_paid_order(database))
        floors = {
            (clients, hot): floor.run(clients=clients, seconds=max(3, seconds // 2), hot=hot)
            for hot in (False, True)
            for clients in FLOOR_CLIENTS
        }
        trouble = _trouble(parts, database)
    tell(rows, floors, statements, load=load)
    print(
        "\n".join(trouble)
        if trouble
        else "Afterwards: every order paid, units sold = units gone, `audit` finds nothing."
    )
    sys.exit(1 if trouble else 0)


def _measured(parts: Parts, database: Database, clients: int, seconds: int, *, hot: bool) -> Row:
    calls, before = statements_so_far(database), parts.cpu_seconds()
    busy, began = busy_seconds(), time.perf_counter()
    seen, used = parts.shoppers(shoppers=clients, seconds=seconds, skus=SKUS[1:], hot=SKUS[0] if hot else "")
    busy, lasted = busy_seconds() - busy, time.perf_counter() - began
    after, calls = parts.cpu_seconds(), statements_so_far(database) - calls
    bought = max(1, len(seen.whole))
    cpu = {name: (after[name] - before[name]) * 1000 / bought for name in ("api", "postgres", "gateway")}
    ours = used + sum(after[name] - before[name] for name in after)
    return Row(
        clients=clients, hot=hot, seconds=seconds, seen=seen, cpu_ms=cpu | {"shoppers": used * 1000 / bought},
        statements=calls / bought, others=max(0.0, busy - ours) / (lasted * (os.cpu_count() or 1)),
    )  # fmt: skip


def _statements(parts: Parts, database: Database) -> dict[str, tuple[int, int]]:
    """Per request of one purchase: its statements, and its transactions of more than one."""
    counted: dict[str, tuple[int, int]] = {}
    last = [0, 0]

    def after(name: str) -> None:
        now = [statements_so_far(database), statements_so_far(database, begins=True)]
        counted[name] = (now[0] - last[0], now[1] - last[1])
        last[:] = now

    task = Task(api_port=parts.shop.api_port, gateway_port=parts.shop.gateway_port, shoppers=1, seconds=0, skus=SKUS)

    async def buy() -> None:
        shopper = Shopper(task, await connect(task.api_port), await connect(task.gateway_port), Seen(), after=after)
        for _ in range(12):  # both workers, and all of a worker's threads, have met every request by then
            await shopper.buy()

    asyncio.run(buy())
    return {name: counted[name] for name in REQUESTS if name != "pay"}


def _a_paid_order(database: Database) -> str:
    row = database.execute("SELECT number FROM orders_order WHERE status = 'paid' ORDER BY id DESC LIMIT 1").fetchone()
    if row is None:
        sys.exit("Nobody could buy anything: see the API's log.")
    return str(row[0])


def _trouble(parts: Parts, database: Database) -> list[str]:
    """What is not as it should be once everybody has gone."""
    trouble = []
    unpaid, paid, units = database.execute(
        "SELECT count(*) FILTER (WHERE status <> 'paid'), count(*) FILTER (WHERE status = 'paid'),"
        " coalesce(sum(item_count) FILTER (WHERE status = 'paid'), 0) FROM orders_order"
    ).fetchone() or (0, 0, 0)
    (gone,) = database.execute(
        "SELECT coalesce(sum(s.committed), 0) FROM inventory_stockitem s"
        " JOIN catalog_variant v ON v.id = s.variant_id WHERE v.sku LIKE 'BENCH-%'"
    ).fetchone() or (0,)
    if unpaid:
        trouble.append(f"{unpaid} orders were not paid (and {paid} were).")
    if gone != units:
        trouble.append(f"{units} units were sold and {gone} are committed.")
    clean, told = parts.audit()
    return trouble if clean else [*trouble, told]


if __name__ == "__main__":
    main()
