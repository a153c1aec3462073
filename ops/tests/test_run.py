"""The whole shop, really started: it takes builds, and half a minute."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.paths import ROOT
from ops.ports import free_port
from ops.run import answers


class Shop:
    def __init__(self, run: Path) -> None:
        self.run = run
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        given = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("RAZORPAY_", "GATEWAY_")) and name not in ("DATABASE_URL", "PUBLIC_URL")
        }
        self.environment = given | {
            "RUN_DIR": str(run),
            "PORT": str(self.port),
            "GATEWAY_PORT": str(free_port()),
            "PYTHONPATH": str(ROOT),
        }
        self.supervisor: subprocess.Popen[str] | None = None

    def start(self) -> None:
        (self.run / "addresses.json").unlink(missing_ok=True)
        self.supervisor = subprocess.Popen(
            [sys.executable, "-m", "ops.run"],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        deadline = time.monotonic() + 120
        while not (self.run / "addresses.json").exists():
            if self.supervisor.poll() is not None:
                pytest.fail(f"the shop did not start:\n{self.supervisor.communicate()[0]}")
            assert time.monotonic() < deadline, "the shop was not healthy in time"
            time.sleep(0.1)

    def stop(self) -> tuple[int, float]:
        """Exit code, and seconds it took."""
        assert self.supervisor is not None
        began = time.monotonic()
        self.supervisor.send_signal(signal.SIGTERM)
        self.supervisor.communicate(timeout=20)
        return self.supervisor.returncode, time.monotonic() - began

    def children(self) -> dict[str, int]:
        return {row["name"]: row["pid"] for row in json.loads((self.run / "children.json").read_text())}

    def left(self) -> list[str]:
        """Every process that was told of this run folder, by its environment or its arguments."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                told = (process / "environ").read_bytes() + (process / "cmdline").read_bytes()
            except OSError:
                continue
            if str(self.run).encode() in told and int(process.name) != os.getpid():
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        return found

    def products(self) -> int:
        with urllib.request.urlopen(f"{self.url}/api/v1/products", timeout=10) as response:
            return int(json.load(response)["total"])


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    for folder in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        folder.chmod(0o755)
    started = Shop(tmp_path / "run")
    yield started
    if started.supervisor and started.supervisor.poll() is None:
        started.stop()


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="finds what is left by /proc")
def test_the_shop_survives_a_kill_9_of_any_part_and_leaves_no_process_when_told_to_stop(shop: Shop) -> None:
    shop.start()
    products = shop.products()
    assert products > 0

    for name in ("postgres", "api", "front", "worker", "gateway"):
        before = shop.children()[name]
        os.kill(before, signal.SIGKILL)
        deadline = time.monotonic() + 30
        while shop.children().get(name) in (None, before) or not answers(f"{shop.url}/readyz"):
            assert time.monotonic() < deadline, f"{name} did not come back"
            time.sleep(0.1)

    assert shop.supervisor is not None
    shop.supervisor.kill()
    shop.supervisor.communicate()
    shop.start()
    assert shop.products() == products

    code, seconds = shop.stop()
    assert code == 0
    assert seconds < 10
    assert shop.left() == []


def test_a_second_start_on_the_same_folder_is_refused(shop: Shop) -> None:
    shop.start()
    second = subprocess.run(
        [sys.executable, "-m", "ops.run"], cwd=ROOT, env=shop.environment, capture_output=True, text=True, check=False
    )
    assert second.returncode == 2
    assert "already runs" in second.stderr
    refused = subprocess.run(
        [sys.executable, "-m", "ops.reset"], cwd=ROOT, env=shop.environment, capture_output=True, text=True, check=False
    )
    assert refused.returncode == 1
    assert "Stop it first" in refused.stderr
