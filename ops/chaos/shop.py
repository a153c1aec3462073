"""The shop under its own supervisor, as `make run` starts it, without the pages: that restarts what is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import psycopg

from ops.chaos.http import ask
from ops.environment import plan
from ops.paths import BACKEND, ROOT, open_private
from ops.ports import free_port
from ops.processes import start_mark

STAFF, STAFF_PASSWORD = "owner@noirel.example", "a night in chaos, 08:20"


class Shop:
    """One run folder, its supervisor, and ways to hurt it."""

    def __init__(self, run: Path, settings: Mapping[str, str]) -> None:
        self.run, self.port, self.gateway_port = run, free_port(), free_port()
        given = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("RAZORPAY_", "GATEWAY_", "DATABASE_")) and name != "PUBLIC_URL"
        }
        self._given = given | {
            "RUN_DIR": str(run),
            "PORT": str(self.port),
            "GATEWAY_PORT": str(self.gateway_port),
            "PYTHONPATH": str(ROOT),
            "THROTTLE_SCALE": "0",
            "LOG_LEVEL": "WARNING",
            "DEMO_STAFF_PASSWORD": STAFF_PASSWORD,
            **settings,
        }
        command = [sys.executable, "-m", "ops.run", "--no-pages"]
        self._log = open_private(run / "supervisor.log", "ab")
        self._supervisor = subprocess.Popen(command, cwd=ROOT, env=self._given, stdout=self._log, stderr=self._log)

    def wait(self, seconds: float = 120) -> None:
        """Until all parts have come up."""
        deadline = time.monotonic() + seconds
        while not (self.run / "addresses.json").exists():
            if self._supervisor.poll() is not None or time.monotonic() > deadline:
                sys.exit("The shop did not start:\n" + (self.run / "supervisor.log").read_text()[-3000:])
            time.sleep(0.1)

    def stop(self) -> None:
        self._supervisor.send_signal(signal.SIGTERM)
        try:
            self._supervisor.wait(30)
        finally:
            self._supervisor.kill()
            self._log.close()

    def pid_of(self, part: str) -> int | None:
        """The process that the supervisor started, while it is there."""
        try:
            rows = json.loads((self.run / "children.json").read_text())
        except (OSError, ValueError):
            return None
        pid = next((int(row["pid"]) for row in rows if row["name"] == part), None)
        return pid if pid and start_mark(pid) else None

    def children_of(self, part: str) -> list[int]:
        """Gunicorn's workers, PostgreSQL's backends."""
        parent = self.pid_of(part)
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[1]) == parent:
                found.append(int(stat.parent.name))
        return sorted(found)

    def database(self) -> psycopg.Connection[Any]:
        """A connection of our own; the server may be another one after each crash, on the same port."""
        return psycopg.connect(self.database_url, autocommit=True, connect_timeout=5)

    @property
    def database_url(self) -> str:
        return self._backend()["DATABASE_URL"]

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command of the shop, told what its parts are told."""
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(command, cwd=BACKEND, env=self._backend(), capture_output=True, text=True, check=False)

    def _backend(self) -> dict[str, str]:
        port = int((self.run / "pg" / "postmaster.pid").read_text().splitlines()[3])
        return plan(self._given, self.run, api_port=self.port, database_port=port).backend


async def on_the_shelf(shop: Shop, wanted: Callable[[int], int], *, skus: int) -> dict[str, int]:
    """Have staff count so many SKUs of the demo house to what is wanted of each; what is on hand then."""
    signed_in = await ask(shop.port, "POST", "/api/v1/auth/login", {"email": STAFF, "password": STAFF_PASSWORD})
    staff = f"Bearer {signed_in.body['access']}"
    page = await ask(shop.port, "GET", "/api/v1/admin/inventory?limit=100", Authorization=staff)
    rows = [row for row in page.body["results"] if row["tracked"] and row["policy"] == "deny"]
    on_hand = {}
    for at, row in enumerate(sorted(rows, key=lambda row: str(row["sku"]))[:skus]):
        sku = row["sku"]
        delta = wanted(at) - row["on_hand"]
        answer = await ask(
            shop.port, "POST", f"/api/v1/admin/inventory/{sku}/adjust",
            {"delta": delta, "reason": "received" if delta > 0 else "counted"}, Authorization=staff,
        )  # fmt: skip
        on_hand[sku] = answer.body["on_hand"]
    return on_hand
