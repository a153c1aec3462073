import os
import subprocess
import sys
from pathlib import Path

import pytest

from ops.paths import ROOT
from ops.run_lock import AlreadyRunning, run_lock


def snapshot(folder: Path) -> dict[str, tuple[int, int, int, int, bytes]]:
    """Mode, owner, group, time of change and content of everything in a folder, and of the folder."""
    found = {}
    for path in [folder, *folder.rglob("*")]:
        status = path.stat()
        content = path.read_bytes() if path.is_file() else b""
        found[str(path)] = (status.st_mode, status.st_uid, status.st_gid, status.st_mtime_ns, content)
    return found


def run(module: str, *arguments: str, run_dir: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"RUN_DIR": str(run_dir), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=30
    )  # fmt: skip


@pytest.mark.parametrize("command", [("ops.run",), ("ops.run", "--dev"), ("ops.run", "--no-pages"), ("ops.reset",)])
def test_a_refused_command_changes_nothing_of_the_running_shops_folder(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    with run_lock(folder):
        (folder / "logs").mkdir()
        (folder / "logs" / "api.log").write_text("a line\n")
        (folder / "children.json").write_text("[]")
        (folder / "logs" / "api.log").chmod(0o640)
        folder.chmod(0o710)  # PostgreSQL's group may pass through
        before = snapshot(folder)
        refused = run(*command, run_dir=folder)
        assert refused.returncode == (1 if command == ("ops.reset",) else 2)
        assert f"already runs in {folder} (process {os.getpid()})" in refused.stderr
        assert snapshot(folder) == before


def test_the_lock_is_released_at_the_end_and_held_by_one_at_a_time(tmp_path: Path) -> None:
    with run_lock(tmp_path / "run"), pytest.raises(AlreadyRunning), run_lock(tmp_path / "run"):
        pass
    with run_lock(tmp_path / "run"):
        pass


def test_a_new_run_folder_is_closed_to_others(tmp_path: Path) -> None:
    with run_lock(tmp_path / "above" / "run"):
        assert (tmp_path / "above").stat().st_mode & 0o077 == 0
        assert (tmp_path / "above" / "run").stat().st_mode & 0o077 == 0
        assert (tmp_path / "above" / "run" / "supervisor.lock").stat().st_mode & 0o077 == 0


def test_reset_removes_a_folder_in_which_nothing_runs(tmp_path: Path) -> None:
    with run_lock(tmp_path / "run"):
        (tmp_path / "run" / "secrets.env").write_text("A=1\n")
    assert run("ops.reset", run_dir=tmp_path / "run").returncode == 0
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("command", ["ops.run", "ops.reset"])
def test_a_run_folder_that_is_a_file_is_named_in_one_line(command: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    refused = run(command, run_dir=tmp_path / "file")
    assert refused.returncode in (1, 2)
    assert str(tmp_path / "file") in refused.stderr
    assert "Traceback" not in refused.stderr
    assert (tmp_path / "file").read_text() == "mine"


def test_a_run_folder_below_a_file_is_named_as_a_setting(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    refused = run("ops.run", run_dir=tmp_path / "file" / "run")
    assert refused.returncode == 2
    assert refused.stderr.strip().startswith(f"RUN_DIR is {tmp_path}/file/run")
