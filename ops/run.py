"""`python -m ops.run`: start every part of the shop, keep it up, and stop it without losing anything.

`--dev` is the same with Vite's hot reload and Django's reloader. State is in the run folder: `.run`, or `RUN_DIR`.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO

from ops.environment import OWNER, Plan, WrongSetting, plan
from ops.logs import rotate_logs
from ops.manage import forget_environment, keep_environment
from ops.part_settings import SERVER_BOUNDS
from ops.paths import BACKEND, ROOT, WEB, close_known_files, make_private, node_bin, run_dir
from ops.ports import PortTaken, free_port, require_free
from ops.postgres import Postgres, PostgresTrouble
from ops.processes import Child, Registry, end_leftovers
from ops.run_lock import AlreadyRunning, run_lock

HEALTHY_WITHIN = 60.0  # seconds for any one part
STEADY_AFTER = 20.0  # seconds up, after which a failure counts as the first one again
SLOWEST_RETRY = 15.0  # seconds
ROTATE_EVERY = 5.0  # seconds between two looks at the size of the logs
TICK = 0.05  # seconds
WRONG_SETTINGS = os.EX_CONFIG  # the code every part ends with, after one line about the setting, when one is wrong


class Stopped(Exception):
    """Someone asked us to stop while we were starting."""


class StartFailed(Exception):
    """A part did not come up; the message says which, and its last words."""


class Supervisor:
    """The parts of one shop, in the order they start."""

    def __init__(self, shop: Plan, *, dev: bool, pages: bool = True) -> None:
        self._plan = shop
        self._dev = dev
        self._pages = pages
        self._logs = shop.run / "logs"
        self._registry = Registry(shop.run / "children.json")
        self._children: list[Child] = []
        self._asked_to_stop = False
        self._postgres = Postgres(shop.run / "pg") if shop.database_port else None

    def run(self) -> int:
        """Until told to stop. Returns the exit code."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        began = time.monotonic()
        try:
            make_private(self._logs)
            rotate_logs(self._logs)
            keep_environment(self._plan.run, self._plan.backend)
            self._start()
            say(f"Healthy after {time.monotonic() - began:.1f} s.")
            self._announce()
            rotate_at = time.monotonic() + ROTATE_EVERY
            while not self._asked_to_stop:
                self._revive()
                if time.monotonic() > rotate_at:
                    rotate_logs(self._logs)
                    rotate_at = time.monotonic() + ROTATE_EVERY
                time.sleep(TICK)
            return 0
        except Stopped:
            return 0
        except WrongSetting as wrong:
            say(str(wrong), to=sys.stderr)
            return 2
        except (StartFailed, PostgresTrouble) as trouble:
            say(str(trouble), to=sys.stderr)
            return 1
        except OSError as trouble:
            say(f"The shop can't run in {self._plan.run}: {described(trouble)}.", to=sys.stderr)
            return 1
        finally:
            self._stop()

    def _on_signal(self, *_: object) -> None:
        self._asked_to_stop = True

    def _start(self) -> None:
        shop = self._plan
        # These two need no database: they come up, or say which setting is wrong, while it is made and migrated.
        gateway, front = self._gateway() if shop.has_gateway else None, self._front() if self._pages else None
        if gateway:
            self._launch(gateway)
        if front:
            self._launch(front)
        own_database = [] if self._postgres else ["--connect"]
        self._once("settings", [sys.executable, "-m", "noirel.config.check", *own_database])
        if self._postgres:
            self._start_postgres(self._postgres)
        self._once("migrations", [sys.executable, "manage.py", "migrate", "--no-input", "-v", "1"])
        self._once("demo catalogue and staff", [sys.executable, "manage.py", "seed_demo"])
        api, worker = self._api(), self._worker()
        self._launch(api)
        self._launch(worker)
        if gateway:
            self._await(gateway, lambda: answers(f"{shop.gateway_origin}/healthz"))
        self._await(api, lambda: is_ready(f"http://127.0.0.1:{shop.api_port}/readyz"))
        if front:
            self._await(front, lambda: answers(f"http://127.0.0.1:{shop.port}/", timeout=20))
        self._await(worker, lambda: True)

    def _start_postgres(self, server: Postgres) -> None:
        port = self._plan.database_port
        assert port is not None
        if not server.data.exists():
            say("Making the database …")
        server.prepare(self._plan.database_password)
        child = Child(
            "postgres", server.command(port), {"LC_ALL": "C.UTF-8", "TZ": "UTC"}, Path("/"),
            self._logs / "postgres.log", stop_signal=signal.SIGINT, user=server.identity.child_uid,
            group=server.identity.child_gid, pdeath=not server.identity.wrapper, before_start=server.clear_stale_lock,
        )  # fmt: skip
        self._launch(child)
        self._await(child, lambda: server.is_ready(port))

    def _api(self) -> Child:
        if self._dev:
            return self._python("api", self._plan.api, "runserver", f"127.0.0.1:{self._plan.api_port}")
        return Child("api", gunicorn(self._plan), self._plan.api, BACKEND, self._logs / "api.log")

    def _worker(self) -> Child:
        return self._python("worker", self._plan.worker, "worker")

    def _gateway(self) -> Child:
        command = [sys.executable, "-m", "gateway"]
        return Child("gateway", command, self._plan.gateway, ROOT, self._logs / "gateway.log")

    def _front(self) -> Child:
        environment = self._plan.front | ({"NODE_ENV": "development"} if self._dev else {})
        script = WEB / "front" / ("dev.ts" if self._dev else "server.ts")
        command = [str(node_bin() / "node"), "--disable-warning=ExperimentalWarning", str(script)]
        return Child("front", command, environment, WEB / "front", self._logs / "front.log")

    def _python(self, name: str, given: Mapping[str, str], *arguments: str) -> Child:
        environment = {**given, **({"DEBUG": given.get("DEBUG") or "1"} if self._dev else {})}
        return Child(name, [sys.executable, "manage.py", *arguments], environment, BACKEND, self._logs / f"{name}.log")

    def _once(self, title: str, command: Sequence[str]) -> None:
        """Run a command of the backend to its end. Raises StartFailed, Stopped, WrongSetting."""
        began = time.monotonic()
        name = command[2].rpartition(".")[2]
        child = Child(name, command, self._plan.backend, BACKEND, self._logs / f"{name}.log")
        child.log.unlink(missing_ok=True)
        child.start()
        try:
            while child.is_up():
                self._check_stop()
                self._check_settings()
                time.sleep(0.02)
        except (Stopped, WrongSetting):
            child.ask_to_stop()
            if not child.wait(time.monotonic() + 2):
                child.kill()
            raise
        assert child.process is not None
        if child.process.returncode == WRONG_SETTINGS:
            raise WrongSetting(child.last_message())
        if child.process.returncode != 0:
            raise StartFailed(f"{title} failed:\n{child.last_words(25)}\n  The whole log: {child.log}")
        say(f"{title}: {time.monotonic() - began:.1f} s")

    def _check_settings(self) -> None:
        """Raises WrongSetting if a part has ended because of its settings: no restart would help."""
        for child in self._children:
            if not child.is_up() and child.process is not None and child.process.returncode == WRONG_SETTINGS:
                raise WrongSetting(child.last_message())

    def _launch(self, child: Child) -> None:
        self._check_stop()
        if child not in self._children:
            self._children.append(child)
        pid = child.start()
        self._registry.add(child.name, pid, stop_signal=child.stop_signal)

    def _await(self, child: Child, is_healthy: Callable[[], bool]) -> None:
        """Wait until a part answers; revive it if it falls meanwhile. Raises StartFailed, Stopped."""
        deadline = time.monotonic() + HEALTHY_WITHIN
        while not (child.is_up() and is_healthy()):
            self._check_stop()
            self._check_settings()
            if (not child.is_up() and child.failures >= 3) or time.monotonic() > deadline:
                state = "did not become healthy" if child.is_up() else "ends at once"
                raise StartFailed(f"{child.name} {state}:\n{child.last_words()}\n  The whole of it: {child.log}")
            self._revive()
            time.sleep(TICK)
        say(f"{child.name}: up")

    def _revive(self) -> None:
        """Start again what has died, each time a little later if it keeps dying."""
        now = time.monotonic()
        for child in self._children:
            if child.is_up() or child.process is None:
                continue
            if not child.retry_at:
                child.failures = 1 if now - child.started_at > STEADY_AFTER else child.failures + 1
                child.retry_at = now + min(SLOWEST_RETRY, 0.2 * 2**child.failures)
                child.kill()  # what is left of its group
                self._registry.drop(child.name)
                code = child.process.returncode
                ended = f"killed by signal {-code}" if code < 0 else f"ended with code {code}"
                say(f"{child.name} {ended}; again in {child.retry_at - now:.1f} s ({child.log})", to=sys.stderr)
            elif now >= child.retry_at:
                try:
                    self._launch(child)
                    child.retry_at = 0.0
                except OSError as trouble:  # no memory, no room, no processes left: try again later
                    child.retry_at = now + SLOWEST_RETRY
                    say(f"{child.name} can't be started: {described(trouble)}", to=sys.stderr)

    def _check_stop(self) -> None:
        if self._asked_to_stop:
            raise Stopped

    def _stop(self) -> None:
        """End all parts within 10 s, those that take requests first and the database last."""
        with contextlib.suppress(OSError):
            forget_environment(self._plan.run)
        if not self._children:
            return
        say("Stopping …")
        began = time.monotonic()
        by_name = {child.name: child for child in self._children}
        for names, until in ((("front",), 2.0), (("api", "worker", "gateway"), 6.5), (("postgres",), 9.0)):
            children = [by_name[name] for name in names if name in by_name]
            for child in children:
                child.ask_to_stop()
            for child in children:
                child.wait(began + until)
                child.kill()
                self._registry.drop(child.name)
        say(f"Stopped after {time.monotonic() - began:.1f} s.")

    def _announce(self) -> None:
        shop = self._plan
        addresses = {
            "storefront": f"{shop.public_url}/",
            "admin": f"{shop.public_url}/admin",
            "API": f"{shop.public_url}/api/v1/",
            "API docs": f"{shop.public_url}/api/schema/swagger-ui/",
            "gateway": shop.gateway_origin if shop.has_gateway else shop.front["GATEWAY_ORIGIN"],
        }
        kept = {
            "front": f"http://localhost:{shop.port}",
            "api": f"http://127.0.0.1:{shop.api_port}",
            "gateway": addresses["gateway"],
        }
        # Others wait for this file: it appears with all that is in it.
        fresh = shop.run / "addresses.new"
        fresh.write_text(json.dumps(kept, indent=2) + "\n")
        fresh.replace(shop.run / "addresses.json")
        width = max(map(len, addresses))
        lines = [f"    {name:<{width}}  {address}" for name, address in addresses.items()]
        lines.append(f"    {'sign-in':<{width}}  {OWNER}  {shop.staff_password}")
        with contextlib.suppress(OSError):
            print("\n" + "\n".join(lines) + f"\n\n  Logs are in {self._logs}. Ctrl-C stops all of it.\n", flush=True)


def gunicorn(shop: Plan) -> list[str]:
    """The command that serves the API; the bench measures this very one."""
    return [
        sys.executable, "-m", "gunicorn", "noirel.config.wsgi:application", "--bind", f"127.0.0.1:{shop.api_port}",
        "--worker-class", "noirel.fastpath.worker.Worker",
        "--workers", shop.backend.get("API_WORKERS") or str(SERVER_BOUNDS["API_WORKERS"][0]),
        "--threads", shop.backend.get("API_THREADS") or str(SERVER_BOUNDS["API_THREADS"][0]),
        # Longer than its callers keep a connection: the side that closes first must be the one that sends.
        "--keep-alive", "75",
        "--graceful-timeout", "4", "--no-control-socket", "--forwarded-allow-ips", "127.0.0.1",
    ]  # fmt: skip


def answers(url: str, *, timeout: float = 2.0) -> bool:
    """Whether url answers with a 2xx."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=timeout) as response:
            return bool(200 <= response.status < 300)
    except (OSError, ValueError, urllib.error.URLError):
        return False


def is_ready(url: str) -> bool:
    """Whether the API's /readyz finds everything in order that the shop can't run without: a Redis may be away."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=5) as response:
            return bool(response.status == 200)
    except urllib.error.HTTPError as refusal:
        try:
            checks = dict(json.loads(refusal.read())["checks"])
        except (OSError, ValueError, KeyError, TypeError):
            return False
        if checks.pop("cache", "") != "unreachable" or {checks.get("database"), checks.get("migrations")} != {"ok"}:
            return False
        say("REDIS_URL: the server can't be reached. The shop runs without it, and /readyz answers 503.", to=sys.stderr)
        return True
    except (OSError, ValueError, urllib.error.URLError):
        return False


def say(text: str, *, to: IO[str] | None = None) -> None:
    """Print for people. A closed terminal or a full disk is no reason to end the shop."""
    with contextlib.suppress(OSError):
        print("  " + text.replace("\n", "\n  "), file=to or sys.stdout, flush=True)


def described(error: OSError) -> str:
    return f"{error.filename}: {error.strerror}" if error.filename else error.strerror or str(error)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m ops.run")
    parser.add_argument("--dev", action="store_true", help="hot reload")
    parser.add_argument("--no-pages", action="store_true", help="no front: the API itself listens on PORT")
    asked = parser.parse_args()
    run = run_dir()
    os.umask(0o077)  # for every part: what they write is their owner's alone
    try:
        with run_lock(run):
            # A killed supervisor's children may still hold the ports: they are ours to end first.
            leftovers = Registry(run / "children.json").leftovers()
            if leftovers:
                say("Ending what an earlier start left: " + ", ".join(record.name for record in leftovers))
                end_leftovers(leftovers)
            make_private(run)  # only now: a PostgreSQL of the killed supervisor needs its way into the folder to stop
            close_known_files(run)
            shop = plan(os.environ, run, api_port=free_port(), database_port=free_port())
            if asked.no_pages:
                shop = replace(shop, api_port=shop.port)
            require_free(shop.port, variable="PORT")
            if shop.has_gateway:
                require_free(shop.gateway_port, variable="GATEWAY_PORT")
            code = Supervisor(shop, dev=asked.dev, pages=not asked.no_pages).run()
    except (PortTaken, WrongSetting, AlreadyRunning) as refusal:
        say(str(refusal), to=sys.stderr)
        sys.exit(2)
    except OSError as trouble:
        say(f"The shop can't run in {run}: {described(trouble)}.", to=sys.stderr)
        sys.exit(1)
    sys.exit(code)


if __name__ == "__main__":
    main()
