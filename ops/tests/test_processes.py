import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ops.paths import ROOT
from ops.processes import Child, Record, Registry, end_leftovers, start_mark

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]
STUBBORN = [sys.executable, "-c", "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(60)"]


def child(tmp_path: Path, command: list[str]) -> Child:
    return Child("part", command, os.environ, tmp_path, tmp_path / "part.log")


def test_a_child_of_a_killed_supervisor_is_found_by_the_next_one(tmp_path: Path) -> None:
    part = child(tmp_path, SLEEPER)
    Registry(tmp_path / "children.json").add("part", part.start(), stop_signal=signal.SIGTERM)
    found = Registry(tmp_path / "children.json").leftovers()
    assert [record.name for record in found] == ["part"]
    end_leftovers(found)
    assert part.wait(time.monotonic() + 5)
    assert Registry(tmp_path / "children.json").leftovers() == []


def test_a_stranger_with_the_same_number_is_left_alone(tmp_path: Path) -> None:
    part = child(tmp_path, SLEEPER)
    record = Record("part", part.start(), "another time", signal.SIGTERM)
    assert not record.is_alive()
    part.kill()


def test_a_child_that_does_not_listen_is_killed(tmp_path: Path) -> None:
    part = child(tmp_path, STUBBORN)
    pid = part.start()
    time.sleep(0.5)
    end_leftovers([Record("part", pid, start_mark(pid) or "", signal.SIGTERM)], patience=0.3)
    assert part.wait(time.monotonic() + 5)
    assert part.process is not None
    assert part.process.returncode == -signal.SIGKILL


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the kernel's promise is Linux's")
def test_children_end_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    program = (
        "import os, pathlib, time\n"
        "from ops.processes import Child\n"
        f"folder = pathlib.Path({str(tmp_path)!r})\n"
        f"print(Child('part', {SLEEPER!r}, os.environ, folder, folder / 'log').start(), flush=True)\n"
        "time.sleep(60)\n"
    )
    supervisor = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert supervisor.stdout is not None
    pid = int(supervisor.stdout.readline())
    supervisor.kill()
    supervisor.wait()
    deadline = time.monotonic() + 5
    while start_mark(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert start_mark(pid) is None
