"""The shop as it is measured: PostgreSQL with fsync, Gunicorn as `make run` starts it, a gateway that costs little."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ops.bench.shoppers import Seen, Task
from ops.environment import Plan, plan
from ops.paths import BACKEND, ROOT
from ops.ports import free_port
from ops.postgres import Postgres
from ops.processes import Child
from ops.run import answers, gunicorn

# What a server of its own would have, beside PostgreSQL's defaults: statements are counted, and the cache is not tiny.
SETTINGS = ("shared_preload_libraries=pg_stat_statements", "pg_stat_statements.track=top", "shared_buffers=256MB")
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Parts:
    """What runs, and how to reach it."""

    shop: Plan
    children: dict[str, Child]

    @property
    def database_url(self) -> str:
        return self.shop.backend["DATABASE_URL"]

    def cpu_seconds(self) -> dict[str, float]:
        """CPU used so far by each part, with all the processes it has started."""
        trees = _trees()
        return {name: _cpu_of(child.process.pid, trees) for name, child in self.children.items() if child.process}

    def shoppers(self, **task: Any) -> tuple[Seen, float]:
        """Let shoppers in; what they saw, and the CPU seconds they took."""
        asked = Task(api_port=self.shop.api_port, gateway_port=self.shop.gateway_port, **task)
        before = os.times()
        done = subprocess.run(
            [sys.executable, "-m", "ops.bench.shoppers"], input=json.dumps(asdict(asked)), cwd=ROOT,
            stdout=subprocess.PIPE, text=True, check=True,
        )  # fmt: skip
        after = os.times()
        used = after.children_user + after.children_system - before.children_user - before.children_system
        return Seen(**json.loads(done.stdout)), used

    def restart_api(self, **more: str) -> None:
        """The same API again, with these settings beside its own."""
        self.children["api"].ask_to_stop()
        self.children["api"].wait(time.monotonic() + 10)
        self.children["api"].kill()
        self.children["api"] = _api(self.shop, more)

    def find_words(self) -> None:
        """What the worker does within half a minute: count the words that typos are set right by."""
        done = _manage(self.shop, "shell", "-c", "from noirel.catalog.jobs import find_words; find_words()")
        if done.returncode != 0:
            sys.exit(done.stdout + done.stderr)

    def audit(self) -> tuple[bool, str]:
        """Whether `manage.py audit` finds nothing, and what it says."""
        done = _manage(self.shop, "audit")
        return done.returncode == 0, done.stdout + done.stderr


@contextmanager
def running(run: Path) -> Iterator[Parts]:
    """Start all parts on an empty database in `run`, with the demo catalogue; stop them in the end."""
    shutil.rmtree(run, ignore_errors=True)
    (run / "logs").mkdir(parents=True)
    given = {
        name: value for name, value in os.environ.items() if not name.startswith(("RAZORPAY_", "GATEWAY_", "DATABASE_"))
    }
    # Counted, but never refused: every request is asked to make room in the same statement as in production.
    given |= {"THROTTLE_SCALE": "1000000", "GATEWAY_PORT": str(free_port()), "PORT": str(free_port())}
    shop = plan(given, run, api_port=free_port(), database_port=free_port())
    children: dict[str, Child] = {}
    try:
        children["postgres"] = _postgres(shop)
        for command in ("migrate", "seed_demo"):
            done = _manage(shop, command)
            if done.returncode != 0:
                sys.exit(f"manage.py {command} failed:\n{done.stdout}{done.stderr}")
        children["gateway"] = Child(
            "gateway", [sys.executable, "-m", "ops.bench.gateway"], shop.gateway, ROOT, run / "logs" / "gateway.log"
        )
        children["gateway"].start()
        children["api"] = _api(shop, {})
        yield Parts(shop, children)
    finally:
        for name in ("api", "gateway", "postgres"):
            if name in children:
                children[name].ask_to_stop()
                children[name].wait(time.monotonic() + 10)
                children[name].kill()


def _api(shop: Plan, more: Mapping[str, str]) -> Child:
    child = Child("api", gunicorn(shop), shop.api | dict(more), BACKEND, shop.run / "logs" / "api.log")
    child.start()
    _wait(child, lambda: answers(f"http://127.0.0.1:{shop.api_port}/readyz"))
    return child


def busy_seconds() -> float:
    """CPU seconds that anybody has used of this machine since it began (Linux)."""
    user, nice, system, _idle, _waiting, *rest = map(int, Path("/proc/stat").read_text().splitlines()[0].split()[1:9])
    return (user + nice + system + sum(rest)) / _TICKS


def _postgres(shop: Plan) -> Child:
    assert shop.database_port is not None
    port = shop.database_port
    server = Postgres(shop.run / "pg")
    server.prepare(shop.database_password)
    child = Child(
        "postgres", server.command(port, *SETTINGS), {"LC_ALL": "C.UTF-8", "TZ": "UTC"}, Path("/"),
        shop.run / "logs" / "postgres.log", stop_signal=signal.SIGINT, user=server.identity.child_uid,
        group=server.identity.child_gid, pdeath=not server.identity.wrapper, before_start=server.clear_stale_lock,
    )  # fmt: skip
    child.start()
    _wait(child, lambda: server.is_ready(port))
    return child


def _manage(shop: Plan, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=BACKEND,
        env=shop.backend,
        capture_output=True,
        text=True,
        check=False,
    )


def _wait(child: Child, is_up: Any) -> None:
    deadline = time.monotonic() + 60
    while not is_up():
        if not child.is_up() or time.monotonic() > deadline:
            sys.exit(f"{child.name} did not come up:\n{child.last_words()}")
        time.sleep(0.05)


def _trees() -> dict[int, list[tuple[int, float]]]:
    """Every process's children with the CPU seconds of each, their own ended children included (Linux)."""
    found: dict[int, list[tuple[int, float]]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        found.setdefault(int(fields[1]), []).append((int(stat.parent.name), sum(map(int, fields[11:15])) / _TICKS))
    return found


def _cpu_of(pid: int, trees: Mapping[int, list[tuple[int, float]]]) -> float:
    own = next((used for members in trees.values() for member, used in members if member == pid), 0.0)
    return own + sum(_cpu_of(child, trees) for child, _ in trees.get(pid, ()))
