"""What the files of a deployment promise: pinned actions, and to each process its own secrets alone."""

import contextlib
import http.client
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml

from ops.part_settings import BACKEND_SECRETS, FRONT
from ops.paths import ROOT, node_bin
from ops.ports import free_port

WORKFLOWS = sorted((ROOT / ".github").rglob("*.y*ml"))
PINNED = re.compile(r"^[\w.-]+/[\w./-]+@[0-9a-f]{40}$")
SYSTEMD = ROOT / "deploy" / "systemd"


def steps_of(text: str) -> list[str]:
    """Every `uses:` with its comment, jobs' own (reusable workflows) included."""
    return [line.split("uses:", 1)[1].strip() for line in text.splitlines() if re.match(r"\s*-?\s*uses:", line)]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_action_is_pinned_by_its_commit_and_says_its_version(path: Path) -> None:
    for used in steps_of(path.read_text()):
        name, _, comment = used.partition(" # ")
        assert PINNED.match(name), f"{path.name}: {used}"
        assert re.fullmatch(r"v\d+\.\d+\.\d+", comment), f"{path.name}: {used} does not say its version"


def test_the_workflows_are_looked_at() -> None:
    assert sum(len(steps_of(path.read_text())) for path in WORKFLOWS) >= 5


def secrets_in(name: str) -> set[str]:
    text = (ROOT / "deploy" / "environment" / f"{name}.env").read_text()
    return {
        line.split("=")[0] for line in text.splitlines() if "=" in line and not line.startswith("#")
    } & BACKEND_SECRETS


def test_systemd_gives_each_process_its_own_files_and_closes_what_it_writes() -> None:
    files = {}
    for unit in SYSTEMD.glob("*.service"):
        text = unit.read_text()
        assert "UMask=0077" in text, unit.name
        files[unit.stem] = {Path(found).stem for found in re.findall(r"^EnvironmentFile=-?(.*)$", text, re.M)}
    assert files == {
        "noirel-api": {"common", "backend"},
        "noirel-worker": {"common", "backend", "worker"},
        "noirel-front": {"common", "front"},
    }
    assert secrets_in("common") == secrets_in("front") == set()
    assert "CDN_PURGE_TOKEN" in secrets_in("worker") - secrets_in("backend")


def test_compose_gives_the_front_no_secret_and_migrations_the_database_alone() -> None:
    services = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())["services"]
    files = {
        name: {Path(file["path"]).stem for file in service.get("env_file", [])} for name, service in services.items()
    }
    assert files == {
        "database": set(),
        "migrate": {"common"},
        "api": {"common", "backend"},
        "worker": {"common", "backend", "worker"},
        "front": {"common", "front"},
    }
    assert set(services["front"]["environment"]) <= FRONT
    assert set(services["migrate"]["environment"]) == {"DATABASE_URL", "SECRET_KEY"}


class SlowApi(BaseHTTPRequestHandler):
    """Answers after three seconds, as a checkout may that waits for the gateway."""

    def do_GET(self) -> None:
        time.sleep(3)
        self.send_response(200)
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"done")

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


def test_sigterm_reaches_the_front_as_its_unit_starts_it_and_requests_under_way_are_answered() -> None:
    api = ThreadingHTTPServer(("127.0.0.1", 0), SlowApi)
    threading.Thread(target=api.serve_forever, daemon=True).start()
    unit = (SYSTEMD / "noirel-front.service").read_text()
    command = re.search(r"^ExecStart=(.*)$", unit, re.M)
    folder = re.search(r"^WorkingDirectory=(.*)$", unit, re.M)
    assert command and folder
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "PORT": str(port),
        "API_ORIGIN": f"http://127.0.0.1:{api.server_port}",
        "HOST": "127.0.0.1",
    }
    front = subprocess.Popen(
        [part.replace("/opt/noirel", str(ROOT)) for part in shlex.split(command[1])],
        cwd=folder[1].replace("/opt/noirel", str(ROOT)), env=environment, start_new_session=True,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 30
        while not listens(port):
            assert front.poll() is None and time.monotonic() < deadline
            time.sleep(0.1)
        under_way = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        under_way.request("GET", "/api/v1/shop")
        time.sleep(0.5)
        front.send_signal(signal.SIGTERM)
        assert under_way.getresponse().read() == b"done"
        assert front.wait(5) == 0
        assert not listens(port)
    finally:
        api.shutdown()
        api.server_close()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(front.pid, signal.SIGKILL)


def test_node_in_the_environment_is_the_program_itself() -> None:
    """Compose starts `node` from PATH, below an init that passes signals to its child alone."""
    services = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())["services"]
    assert services["front"]["command"] == "node server.ts"
    assert (ROOT / ".venv" / "bin" / "node").read_bytes()[:4] == b"\x7fELF" or sys.platform != "linux"
    assert (ROOT / ".venv" / "bin" / "node").resolve() == (node_bin() / "node").resolve()


def test_nginx_takes_what_the_shop_takes_at_each_address_and_no_more() -> None:
    """With a little more for the form around a file, so that the shop's own refusal is the one people see."""
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    limits = {
        where: int(found[1])
        for where, body in re.findall(r"location ([^{]+) \{([^}]*)\}", text)
        if (found := re.search(r"client_max_body_size (\d+)m;", body))
    }
    general = re.search(r"^    client_max_body_size (\d+)m;", text, re.M)
    imports = (ROOT / "backend/noirel/backoffice/imports/lifecycle.py").read_text()
    settings = (ROOT / "backend/noirel/config/settings.py").read_text()
    import_mebibytes = re.search(r"^MAX_BYTES = (\d+) \* 1024 \* 1024$", imports, re.M)
    media_mebibytes = re.search(r'"MEDIA_MAX_BYTES", (\d+) \* 1024 \* 1024', settings)
    assert general and import_mebibytes and media_mebibytes
    assert limits == {"= /api/v1/admin/imports": int(import_mebibytes[1]) + 1}
    assert int(general[1]) == int(media_mebibytes[1]) + 1
    # A location that sets one header of its own would lose all that are inherited.
    assert not re.search(r"location [^{]+\{[^}]*proxy_set_header", text)


def test_nginx_sends_nobody_to_a_name_that_a_client_chose() -> None:
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    assert not re.search(r"return 30\d [^;]*\$(?:host|http_host)", text)
    assert text.count("default_server") == 4


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
