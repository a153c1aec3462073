"""`make hot-drop`: 2,000 buyers, 64 at a time, press for 500 units of one variant, on the shop as `make run` starts it.

Every bag is filled before the first one presses. Exactly as many are sold as there were, nobody sees a 500 or waits
longer than a request may take, PostgreSQL has seen no deadlock, and the audit is clean; or it exits 1. HOT_UNITS and
HOT_BUYERS make it smaller. Beside the rate stands the floor: the same writes by pgbench, on one hot row, by as many.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ops.bench.floor import Floor, Result
from ops.bench.report import percentile
from ops.chaos.http import Answer, NoAnswer, ask
from ops.chaos.shop import Shop, on_the_shelf
from ops.chaos.shoppers import ADDRESS

AT_ONCE = 64
REQUEST_SECONDS = 30.0  # after so long Gunicorn ends a worker that doesn't answer


@dataclass
class Rush:
    """What all buyers saw. waits: seconds for each answer, by request; done: the monotonic instants of paid orders."""

    waits: dict[str, list[float]] = field(default_factory=dict)
    answers: Counter[str] = field(default_factory=Counter)
    done: list[float] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)

    async def ask(
        self, what: str, port: int, method: str, path: str, body: Any = None, **headers: str
    ) -> Answer | None:
        began = time.monotonic()
        try:
            answer = await ask(port, method, path, body, **headers)
        except NoAnswer:
            self.answers[f"{what}: no answer"] += 1
            return None
        self.waits.setdefault(what, []).append(time.monotonic() - began)
        self.answers[f"{what}: {answer.status} {answer.code}".rstrip()] += 1
        return answer


def main() -> None:
    units, buyers = int(os.environ.get("HOT_UNITS") or 500), int(os.environ.get("HOT_BUYERS") or 2000)
    folder = Path(tempfile.mkdtemp(prefix="noirel-drop-"))
    folder.chmod(0o755)  # PostgreSQL's own user has to pass
    shop = Shop(folder, {})
    try:
        shop.wait()
        trouble = asyncio.run(_run(shop, folder, units=units, buyers=buyers))
    finally:
        shop.stop()
    print("\n".join(trouble) if trouble else "Exactly those there were; no 500, no deadlock, and the audit is clean.")
    if trouble:
        sys.exit(f"The run folder, with its logs: {folder}")
    shutil.rmtree(folder, ignore_errors=True)


async def _run(shop: Shop, folder: Path, *, units: int, buyers: int) -> list[str]:
    sku = next(iter(await on_the_shelf(shop, lambda _: units, skus=1)))
    rush = Rush()
    bags = [bag for bag in await _all(buyers, lambda: _fill(rush, shop, sku)) if bag]
    began = time.monotonic()
    waiting = iter(bags)
    await _all(len(bags), lambda: _buy(rush, shop, next(waiting)))
    seconds = max(rush.done, default=began) - began
    trouble = await asyncio.to_thread(_trouble, shop, rush, sku, units)
    floor = await asyncio.to_thread(_floor, shop, folder, rush) if rush.numbers else None
    _tell(rush, floor, units=units, buyers=len(bags), seconds=seconds)
    return trouble


async def _all(times: int, act: Callable[[], Awaitable[Any]]) -> list[Any]:
    """So many in all, AT_ONCE at a time."""
    room = asyncio.Semaphore(AT_ONCE)

    async def one() -> Any:
        async with room:
            return await act()

    return await asyncio.gather(*(one() for _ in range(times)))


async def _fill(rush: Rush, shop: Shop, sku: str) -> dict[str, Any] | None:
    cart = await rush.ask("bag", shop.port, "POST", "/api/v1/carts", {})
    if cart is None or cart.status != 201:
        return None
    path = f"/api/v1/carts/{cart.body['id']}/lines"
    filled = await rush.ask("line", shop.port, "POST", path, {"sku": sku, "quantity": 1})
    return filled.body if filled and filled.status == 201 else None


async def _buy(rush: Rush, shop: Shop, cart: dict[str, Any]) -> None:
    body = {
        "cart": cart["id"], "email": f"{cart['id']}@example.com", "shipping_address": ADDRESS,
        "shipping_method": "standard", "expected_total": cart["totals"]["total"],
    }  # fmt: skip
    placed = await rush.ask("checkout", shop.port, "POST", "/api/v1/checkout", body, Idempotency_Key=str(uuid.uuid4()))
    if placed is None or placed.status != 201:
        return
    number, token = placed.body["order"]["number"], placed.body["order_token"]
    pay = f"/_test/orders/{placed.body['payment']['gateway_order_id']}/pay"
    told = await rush.ask("pay (gateway)", shop.gateway_port, "POST", pay, {"outcome": "success"})
    if told is None or told.status != 200:
        return
    path = f"/api/v1/orders/{number}/payment/verify?token={token}"
    verified = await rush.ask("verify", shop.port, "POST", path, told.body)
    if verified and verified.status == 200 and verified.body["status"] == "paid":
        rush.done.append(time.monotonic())
        rush.numbers.append(number)


def _trouble(shop: Shop, rush: Rush, sku: str, units: int) -> list[str]:
    found = [f"{n} x {what}" for what, n in rush.answers.items() if "no answer" in what or ": 5" in what]
    slowest = max((wait for waits in rush.waits.values() for wait in waits), default=0.0)
    if slowest > REQUEST_SECONDS:
        found.append(f"somebody waited {slowest:.1f} s")
    with shop.database() as database:
        (paid,) = database.execute("SELECT count(*) FROM orders_order WHERE status = 'paid'").fetchone() or (0,)
        (deadlocks,) = database.execute("SELECT sum(deadlocks) FROM pg_stat_database").fetchone() or (0,)
        there = database.execute(
            "SELECT s.on_hand, s.committed, s.reserved FROM inventory_stockitem s"
            " JOIN catalog_variant v ON v.id = s.variant_id WHERE v.sku = %s",
            [sku],
        ).fetchone()
    if paid != units or len(rush.numbers) != units or there != (units, units, 0):
        found.append(
            f"{units} there were, {paid} are paid, {len(rush.numbers)} were told so;"
            f" on hand, committed and reserved are {there}"
        )
    if deadlocks:
        found.append(f"{deadlocks} deadlocks")
    audit = shop.manage("audit")
    return found if audit.returncode == 0 else [*found, audit.stdout + audit.stderr]


def _floor(shop: Shop, folder: Path, rush: Rush) -> Result:
    floor = Floor(shop.database_url, folder, rush.numbers[0])
    return floor.run(clients=AT_ONCE, seconds=5, hot=True)


def _tell(rush: Rush, floor: Result | None, *, units: int, buyers: int, seconds: float) -> None:
    print(
        f"\n{units} units, {buyers} buyers, {AT_ONCE} at a time;"
        f" {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n"
    )
    print("| request | answers | p50 ms | p95 ms | slowest ms |\n| --- | --- | --- | --- | --- |")
    for what, waits in rush.waits.items():
        p50, p95 = percentile(waits, 0.5) * 1000, percentile(waits, 0.95) * 1000
        print(f"| {what} | {len(waits)} | {p50:.0f} | {p95:.0f} | {max(waits) * 1000:.0f} |")
    print("\n" + ", ".join(f"{n} x {what}" for what, n in sorted(rush.answers.items())))
    rate = len(rush.numbers) / seconds if seconds else 0.0
    beside = (
        f"; the floor, {floor.tps:.0f}/s on one hot row, is {floor.tps / rate:.0f} x that" if floor and rate else ""
    )
    print(f"\nsold and paid: {len(rush.numbers)} in {seconds:.1f} s, {rate:.1f} orders/s{beside}")


if __name__ == "__main__":
    main()
