"""What goes wrong: parts are killed, and the gateway misbehaves, at random from one seed."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from collections import Counter
from typing import Any

from ops.chaos.http import NoAnswer, ask
from ops.chaos.shop import Shop

# (weight, what is killed, part, how). A supervisor waits longer each time the same part falls: some fall more seldom.
_KILLS: list[tuple[int, str, str, str]] = [
    (40, "Gunicorn worker, SIGKILL", "api", "child"),
    (12, "Gunicorn, all of it, SIGKILL", "api", "main"),
    (14, "worker, SIGKILL", "worker", "main"),
    (14, "gateway, SIGKILL", "gateway", "main"),
    (6, "PostgreSQL, SIGKILL", "postgres", "main"),
    (6, "PostgreSQL, immediate stop", "postgres", "immediate"),
    (8, "PostgreSQL backend, SIGKILL", "postgres", "child"),
]
_BETWEEN_DATABASE_CRASHES = 12.0  # seconds
_ASKED = ["order.create", "order.all", "order.payments", "payment.fetch", "payment.capture", "refund.create", "*"]
# (weight, on, fault). timeout and hang cost one of the API's threads ten seconds each: the real ones do, too.
_FAULTS: list[tuple[int, str, dict[str, Any]]] = [
    (10, "api", {"do": "cut"}),
    (10, "api", {"do": "slow", "seconds": 1.0}),
    (10, "api", {"do": "error_500"}),
    (6, "api", {"do": "error_503"}),
    (8, "api", {"do": "html_502"}),
    (4, "api", {"do": "throttle"}),
    (5, "api", {"do": "refuse"}),
    (3, "api", {"do": "timeout"}),
    (2, "api", {"do": "hang"}),
    (8, "webhook", {"do": "late", "seconds": 8}),
    (10, "webhook", {"do": "twice"}),
    (10, "webhook", {"do": "drop"}),
    (8, "webhook", {"do": "reorder", "seconds": 5}),
    (3, "webhook", {"do": "tamper", "what": "body"}),
    (3, "webhook", {"do": "tamper", "what": "signature"}),
    (5, "refund", {"do": "pending", "seconds": 4}),
]


class Trouble:
    """Kills and faults until told to stop; both are counted by kind."""

    def __init__(self, shop: Shop, *, seed: int, between_kills: float, between_faults: float) -> None:
        self._shop, self._random = shop, random.Random(seed)
        self._between = (between_kills, between_faults)
        self._database_crashed_at = 0.0
        self.kills: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self._tasks: list[asyncio.Task[None]] = []

    def begin(self) -> None:
        self._tasks = [asyncio.create_task(self._kill()), asyncio.create_task(self._disturb())]

    async def end(self) -> None:
        """No more of it; what the gateway was still told to do wrong is forgotten."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        while True:
            try:
                await ask(self._shop.gateway_port, "DELETE", "/_test/faults")
                await ask(self._shop.gateway_port, "POST", "/_test/webhooks/enable", {})
                return
            except NoAnswer:
                await asyncio.sleep(0.3)

    async def _kill(self) -> None:
        while True:
            await asyncio.sleep(self._random.uniform(0.6, 1.4) * self._between[0])
            [(_, name, part, how)] = self._random.choices(_KILLS, weights=[kill[0] for kill in _KILLS])
            if part == "postgres":
                if time.monotonic() - self._database_crashed_at < _BETWEEN_DATABASE_CRASHES:
                    continue
                self._database_crashed_at = time.monotonic()
            pids = self._shop.children_of(part) if how == "child" else [self._shop.pid_of(part)]
            pid = self._random.choice(pids) if pids else None
            if pid is None:  # it is down already
                continue
            try:
                os.kill(pid, signal.SIGQUIT if how == "immediate" else signal.SIGKILL)
            except ProcessLookupError:
                continue
            self.kills[name] += 1

    async def _disturb(self) -> None:
        while True:
            await asyncio.sleep(self._random.uniform(0.5, 1.5) * self._between[1])
            [(_, on, fault)] = self._random.choices(_FAULTS, weights=[fault[0] for fault in _FAULTS])
            where = self._random.choice(_ASKED) if on == "api" else on
            times = 1 if fault["do"] in ("timeout", "hang") else self._random.randint(1, 4)
            try:
                answer = await ask(
                    self._shop.gateway_port, "POST", "/_test/faults", fault | {"on": where, "times": times}
                )
            except NoAnswer:
                continue
            if answer.status == 200:
                self.faults[f"{on}: {fault['do'].replace('_', ' ')}"] += times
