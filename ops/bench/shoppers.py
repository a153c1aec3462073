"""Shoppers who buy two things and pay, one purchase after the other, until their time is over.

A process of its own, so that its CPU can be told from the shop's: `python -m ops.bench.shoppers` reads a Task as JSON
and writes what it saw.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from ops.bench.http import Asking, connect

REQUESTS = ("cart", "line 1", "line 2", "checkout", "pay", "verify")
ADDRESS = {
    "name": "Ira Sen", "line1": "14 Marine Drive", "line2": "", "city": "Mumbai", "region": "MH", "postcode": "400020",
    "country": "IN", "phone": "+919820012345",
}  # fmt: skip


@dataclass
class Task:
    """skus: two of them are bought each time; with `hot`, the first of each two is always that one."""

    api_port: int
    gateway_port: int
    shoppers: int
    seconds: float
    skus: list[str]
    hot: str = ""


@dataclass
class Seen:
    """spans: the ms each kind of request took; whole: those of complete purchases; errors: answers instead."""

    spans: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in REQUESTS})
    whole: list[float] = field(default_factory=list)
    in_time: int = 0
    errors: list[str] = field(default_factory=list)


class Refused(Exception):
    """An answer that was not the one a purchase needs."""


class Shopper:
    """One browser: a connection to the shop and one to the gateway, both kept."""

    def __init__(
        self, task: Task, shop: Asking, gateway: Asking, seen: Seen, *, after: Callable[[str], None] = lambda name: None
    ) -> None:
        """after is called with the name of each request that was answered."""
        self._task, self._shop, self._gateway, self._seen, self._after = task, shop, gateway, seen, after
        self._address = ""

    async def buy(self) -> None:
        """From an empty bag to a paid order. Raises Refused, ConnectionError."""
        task = self._task
        # Everybody comes from an address of their own: the throttle counts each for itself, as it would.
        self._address = (
            f"X-Forwarded-For: 10.{random.randrange(256)}.{random.randrange(256)}.{random.randrange(1, 255)}\r\n"
        )
        first, second = random.sample(task.skus, 2)
        cart = (await self._post("cart", "carts", {}))["id"]
        await self._post("line 1", f"carts/{cart}/lines", {"sku": task.hot or first, "quantity": 1})
        bag = await self._post("line 2", f"carts/{cart}/lines", {"sku": second, "quantity": 1})
        placed = await self._post(
            "checkout",
            "checkout",
            {
                "cart": cart,
                "email": "ira@example.com",
                "shipping_address": ADDRESS,
                "shipping_method": "standard",
                "expected_total": bag["totals"]["total"],
            },
            f"Idempotency-Key: {uuid.uuid4()}\r\n",
        )
        told = await self._timed("pay", self._gateway, f"/pay/{placed['payment']['gateway_order_id']}", b"", "")
        number, token = placed["order"]["number"], placed["order_token"]
        settled = await self._post("verify", f"orders/{number}/payment/verify?token={token}", told)
        if settled["status"] != "paid":
            raise Refused(f"verify left the order {settled['status']}")

    async def _post(self, name: str, path: str, body: object, more: str = "") -> Any:
        return await self._timed(name, self._shop, f"/api/v1/{path}", json.dumps(body).encode(), self._address + more)

    async def _timed(self, name: str, asking: Asking, path: str, body: bytes, more: str) -> Any:
        began = time.perf_counter()
        status, answer = await asking.ask(path, body, more)
        self._seen.spans[name].append((time.perf_counter() - began) * 1000)
        self._after(name)
        if status not in (200, 201):
            raise Refused(f"{name}: {status} {answer[:200].decode(errors='replace')}")
        return json.loads(answer)


async def shop_until(task: Task, seen: Seen, deadline: float) -> None:
    shopper: Shopper | None = None
    while (began := time.perf_counter()) < deadline:
        try:
            if shopper is None:
                shopper = Shopper(task, await connect(task.api_port), await connect(task.gateway_port), seen)
            await shopper.buy()
        except (Refused, OSError) as error:
            seen.errors.append(str(error))
            if isinstance(error, OSError):
                shopper = None
                await asyncio.sleep(0.1)
            continue
        ended = time.perf_counter()
        seen.whole.append((ended - began) * 1000)
        seen.in_time += ended <= deadline


async def run(task: Task) -> Seen:
    seen = Seen()
    deadline = time.perf_counter() + task.seconds
    await asyncio.gather(*(shop_until(task, seen, deadline) for _ in range(task.shoppers)))
    return seen


def main() -> None:
    seen = asyncio.run(run(Task(**json.load(sys.stdin))))
    json.dump(asdict(seen), sys.stdout)


if __name__ == "__main__":
    main()
