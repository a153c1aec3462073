import os
import shutil
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


FULL_DISK = """
import os, pathlib, signal, subprocess, sys
from ops.processes import Child, Registry
from ops.run import say
folder = pathlib.Path(sys.argv[1])
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(folder)], check=True)
registry = Registry(folder / "children.json")
child = Child("first", [sys.executable, "-c", "import time; time.sleep(60)"], os.environ, folder, folder / "first.log")
registry.add("first", child.start(), stop_signal=signal.SIGTERM)
with (folder / "filler").open("wb", 0) as filler:
    try:
        while True:
            filler.write(b"x" * 1024)
    except OSError:
        pass
child.kill()
registry.drop("first")
pid = child.start()
registry.add("first", pid, stop_signal=signal.SIGTERM)
output = (folder / "first.log").open("a")
say("no room for this", to=output)
assert [record.pid for record in Registry(folder / "children.json").leftovers()] == [pid]
assert child.is_up()
child.kill()
registry.drop("first")
assert Registry(folder / "children.json").leftovers() == []
os._exit(0)
"""


@pytest.mark.skipif(
    subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode != 0
    if shutil.which("unshare")
    else True,
    reason="needs a mount namespace for a small disk",
)
def test_a_full_disk_neither_ends_the_supervisor_nor_loses_its_children(tmp_path: Path) -> None:
    done = subprocess.run(
        ["unshare", "-m", sys.executable, "-c", FULL_DISK, str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=30,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_children_start_and_stop_where_no_file_can_be_written(tmp_path: Path) -> None:
    """A file of size 0 is all that this process may write, as any user."""
    program = (
        "import os, pathlib, resource, signal\n"
        "from ops.processes import Child, Registry\n"
        f"folder = pathlib.Path({str(tmp_path)!r})\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))\n"
        "registry = Registry(folder / 'children.json')\n"
        f"child = Child('part', {SLEEPER!r}, os.environ, folder, folder / 'part.log')\n"
        "registry.add('part', child.start(), stop_signal=signal.SIGTERM)\n"
        "assert child.is_up()\n"
        "child.kill()\n"
        "registry.drop('part')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False, timeout=30
    )
    assert done.returncode == 0, done.stderr


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
