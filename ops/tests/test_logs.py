"""Rotation of the run folder's logs."""

import os
import subprocess
import sys
import time
from pathlib import Path

from ops.logs import rotate_logs
from ops.processes import Child

WRITER = "import itertools, sys\nfor number in itertools.count(): print(f'line {number:08}', flush=True)"


def lines_of(log: Path) -> list[str]:
    return log.read_text().splitlines() if log.exists() else []


def test_a_log_is_rotated_while_its_writer_goes_on_writing(tmp_path: Path) -> None:
    log = tmp_path / "front.log"
    writer = Child("front", [sys.executable, "-c", WRITER], dict(os.environ), tmp_path, log)
    writer.start()
    try:
        for _ in range(3):
            deadline = time.monotonic() + 10
            while log.stat().st_size <= 50_000 and time.monotonic() < deadline:
                time.sleep(0.005)
            rotate_logs(tmp_path, limit=50_000)
            assert log.stat().st_size < 50_000
        written = log.stat().st_size
        deadline = time.monotonic() + 10
        while log.stat().st_size == written and time.monotonic() < deadline:
            time.sleep(0.005)
        assert log.stat().st_size > written
    finally:
        writer.kill()
    rotated = lines_of(log.with_suffix(".log.1"))
    assert log.with_suffix(".log.1").stat().st_mode & 0o777 == 0o600
    numbers = [int(line.removeprefix("line ")) for line in [*rotated[1:], *lines_of(log)[1:-1]]]
    assert len(numbers) > 1000
    assert numbers == sorted(numbers)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["front.log", "front.log.1"]


def test_a_short_log_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "api.log").write_text("one line\n")
    rotate_logs(tmp_path, limit=50_000)
    assert lines_of(tmp_path / "api.log") == ["one line"]
    assert [path.name for path in tmp_path.iterdir()] == ["api.log"]


def test_without_space_for_a_copy_the_log_is_left_and_the_old_copy_goes(tmp_path: Path) -> None:
    (tmp_path / "api.log").write_text("x" * 300_000)
    (tmp_path / "api.log.1").write_text("old")
    limited = "import resource, sys; from pathlib import Path; from ops.logs import rotate_logs; import signal;"
    limited += (
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000));"
    )
    limited += "rotate_logs(Path(sys.argv[1]), limit=50_000)"
    subprocess.run([sys.executable, "-c", limited, str(tmp_path)], check=True, cwd=Path(__file__).parents[2])
    assert [path.name for path in tmp_path.iterdir()] == ["api.log"]
    assert (tmp_path / "api.log").stat().st_size == 300_000
