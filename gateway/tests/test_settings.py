"""The gateway on its own, as its README starts it."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "gateway" / "README.md").read_text()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def documented(tmp_path: Path) -> Iterator[tuple[Path, int]]:
    """The folder and the port of a gateway that was started by the README's command, in a shell that hides no file."""
    command = next(line.strip() for line in README.splitlines() if line.startswith("    ") and "-m gateway" in line)
    port = free_port()
    (tmp_path / ".venv").symlink_to(ROOT / ".venv")
    (tmp_path / "gateway").symlink_to(ROOT / "gateway")
    gateway = subprocess.Popen(
        ["/bin/sh", "-c", f"umask 022; export {command.partition(' ')[0]}; exec {command.partition(' ')[2]}"],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "GATEWAY_PORT": str(port)},
    )
    deadline = time.monotonic() + 20
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        assert gateway.poll() is None and time.monotonic() < deadline
        time.sleep(0.05)
    yield tmp_path, port
    gateway.terminate()
    gateway.wait(10)


def test_the_documented_command_works_and_what_it_writes_is_closed_to_others(documented: tuple[Path, int]) -> None:
    folder, port = documented
    assert ask(port, "127.0.0.1", "POST", "/_test/settlements")[0] == 200
    written = {path.name: path.stat().st_mode & 0o777 for path in [folder / ".run", *(folder / ".run").iterdir()]}
    assert {".run", "gateway.sqlite3", "gateway.sqlite3.account.json"} <= set(written)
    assert {name: oct(mode) for name, mode in written.items() if mode & 0o077} == {}


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8001", "localhost.evil.example", "127.0.0.1.nip.io", "10.0.0.1", ""]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_test_doors_answer_loopback_names_alone(documented: tuple[Path, int], host: str, method: str) -> None:
    path = "/_test/state" if method == "GET" else "/_test/reset"
    status, body = ask(documented[1], host, method, path)
    assert status == 403
    assert b"key_secret" not in body


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"])
def test_scripts_on_this_machine_may_use_the_test_doors(documented: tuple[Path, int], host: str) -> None:
    assert ask(documented[1], f"{host}:{documented[1]}", "GET", "/_test/state")[0] == 200


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GATEWAY_PORT", "0"),
        ("GATEWAY_PORT", "http"),
        ("GATEWAY_WEBHOOK_URL", "ftp://shop.example/hook"),
        ("GATEWAY_WEBHOOK_URL", "http://shop.example:99999/hook"),
        ("GATEWAY_ID", "account"),
        ("GATEWAY_KEY_ID", "a key"),
        ("GATEWAY_KEY_SECRET", "two words"),
        ("GATEWAY_WEBHOOK_SECRET", "l\u00f6sung"),
        ("GATEWAY_DB", "/dev/null/gateway.sqlite3"),
    ],
)
def test_a_wrong_setting_is_named_in_one_line(name: str, value: str, tmp_path: Path) -> None:
    environment = os.environ | {"GATEWAY_DB": str(tmp_path / "g.sqlite3"), "PYTHONPATH": str(ROOT), name: value}
    done = subprocess.run(
        [sys.executable, "-m", "gateway"], env=environment, capture_output=True, text=True, check=False, timeout=20
    )
    assert done.returncode == os.EX_CONFIG
    assert done.stderr.startswith(f"{name} is ")
    assert len(done.stderr.splitlines()) == 1
    if "SECRET" in name:
        assert value not in done.stderr


def ask(port: int, host: str, method: str, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.putrequest(method, path, skip_host=True)
    connection.putheader("Host", host)
    connection.putheader("Content-Length", "0")
    connection.endheaders()
    answer = connection.getresponse()
    return answer.status, answer.read()
