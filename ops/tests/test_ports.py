import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from ops.paths import ROOT
from ops.ports import PortTaken, free_port, require_free


def test_a_taken_port_is_named_with_the_variable_that_moves_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(PortTaken, match=rf"^Port {port} is taken: set GATEWAY_PORT to a free one\.$"):
            require_free(port, variable="GATEWAY_PORT")


def test_a_free_port_is_free() -> None:
    require_free(free_port(), variable="PORT")


@pytest.mark.parametrize("variable", ["PORT", "GATEWAY_PORT"])
def test_the_start_ends_with_one_line_when_a_port_is_taken(variable: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        ports = {"PORT": str(free_port()), "GATEWAY_PORT": str(free_port()), variable: str(port)}
        done = subprocess.run(
            [sys.executable, "-m", "ops.run"],
            cwd=ROOT,
            env=_without_razorpay() | ports | {"RUN_DIR": str(tmp_path / "run")},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert done.stdout + done.stderr == f"  Port {port} is taken: set {variable} to a free one.\n"
    assert not (tmp_path / "run" / "pg").exists()


def _without_razorpay() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("RAZORPAY_")}
