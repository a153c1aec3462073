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

    def start(self, checkout: Path = ROOT) -> None:
        (self.run / "addresses.json").unlink(missing_ok=True)
        self.supervisor = subprocess.Popen(
            [sys.executable, "-m", "ops.run"],
            cwd=checkout,
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

    def manage(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "ops.manage", *arguments],
            cwd=self.run.parent, env=self.environment, input=stdin,
            capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip

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

    # As docs/commands.md types them, from another folder.
    audit = shop.manage("audit")
    assert audit.returncode == 0, audit.stdout + audit.stderr
    password = "wander lantern orchard 9"
    made = shop.manage("create_staff", "--email", "asha@shop.example", "--name", "Asha Menon", stdin=f"{password}\n")
    assert made.returncode == 0, made.stderr
    body = json.dumps({"email": "asha@shop.example", "password": password}).encode()
    request = urllib.request.Request(f"{shop.url}/api/v1/auth/login", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as response:
        assert response.status == 200

    code, seconds = shop.stop()
    assert code == 0
    assert shop.manage("audit").returncode == 1
    assert not (shop.run / "manage.json").exists()
    assert seconds < 10
    assert shop.left() == []


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks at processes by /proc")
def test_each_process_is_given_its_own_secrets_alone_and_what_they_write_is_closed_to_others(shop: Shop) -> None:
    others = {
        "CDN_PURGE_TOKEN": "a-cdn-token",
        "DEMO_STAFF_PASSWORD": "a-staff-password",
        "GITHUB_TOKEN": "not-the-shops",
    }
    shop.environment |= others
    shop.run.mkdir(mode=0o755)
    (shop.run / "logs").mkdir(mode=0o755)
    (shop.run / "logs" / "api.log").write_text("of an earlier version\n")
    shop.start()
    may_see = {
        "postgres": set(),
        "front": set(),
        "gateway": {"GATEWAY_KEY_SECRET", "GATEWAY_WEBHOOK_SECRET"},
        "api": {"DATABASE_URL", "EMAIL_URL", "RAZORPAY_KEY_SECRET", "RAZORPAY_WEBHOOK_SECRET", "SECRET_KEY"},
        "worker": {
            "CDN_PURGE_TOKEN", "DATABASE_URL", "EMAIL_URL", "RAZORPAY_KEY_SECRET", "RAZORPAY_WEBHOOK_SECRET",
            "SECRET_KEY",
        },
    }  # fmt: skip
    secrets = {*others, *may_see["gateway"], *may_see["worker"]}
    told: dict[str, dict[str, str]] = {}
    for name, pid in shop.children().items():
        lines = Path(f"/proc/{pid}/environ").read_bytes().decode().split("\0")
        told[name] = dict(line.split("=", 1) for line in lines if "=" in line)
        assert set(told[name]) & secrets == may_see[name], name
    assert set(told) == set(may_see)
    # Nor by another name: no value of a secret is in the environment of who may not see it.
    values = {name: told["worker"].get(name) or others[name] for name in secrets & {*told["worker"], *others}}
    for part in ("postgres", "front"):
        assert not [name for name, value in values.items() if value in "\0".join(told[part].values())], part

    open_to_others = [
        f"{path.relative_to(shop.run)} {path.stat().st_mode & 0o777:o}"
        for path in [shop.run, *shop.run.rglob("*")]
        if path.stat().st_mode & 0o077
        and path not in (shop.run, shop.run / "pg")
        and shop.run / "pg" not in path.parents
    ]
    assert open_to_others == []
    # PostgreSQL's own user passes through the folder, and sees nothing of it.
    assert shop.run.stat().st_mode & 0o777 == (0o710 if os.geteuid() == 0 else 0o700)


def test_a_second_start_on_the_same_folder_is_refused(shop: Shop) -> None:
    shop.start()
    permissions = shop.run.stat()
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
    # PostgreSQL's user still passes through the folder: at the next checkpoint it would stop for ever otherwise.
    assert shop.run.stat().st_mode == permissions.st_mode
    assert shop.run.stat().st_gid == permissions.st_gid
