"""Child processes that never outlive us: own groups, tied to our life, written down for the next start."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from ops.paths import open_private

_PR_SET_PDEATHSIG = 1


def tie_to_parent(with_signal: int) -> Callable[[], None]:
    """What a child runs before exec, so that it gets with_signal when we die, `kill -9` included (Linux only).

    The kernel watches the thread that forked: start children from the main thread.
    """
    if not sys.platform.startswith("linux"):
        return lambda: None
    libc = ctypes.CDLL(None)  # looked up before the fork: nothing may be loaded after it
    parent = os.getpid()

    def tie() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, int(with_signal))
        if os.getppid() != parent:  # it died in between
            os._exit(1)

    return tie


def start_mark(pid: int) -> str | None:
    """What tells a process from a later one with the same number: its start time; None if there is none."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        if Path("/proc/self/stat").exists():
            return None
        shown = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
        return shown.stdout.strip() or None
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] == "Z" else fields[19]  # a zombie is gone; 19: starttime in ticks since boot


@dataclass(frozen=True)
class Record:
    """A child as written down: enough to find it again, and to never take a stranger for it."""

    name: str
    pid: int
    started: str
    stop_signal: int

    def is_alive(self) -> bool:
        return start_mark(self.pid) == self.started


class Registry:
    """The children of one run folder on disk, for whoever starts after us if we are killed.

    Writing is best effort: a full disk must not end the supervisor. The file is padded to a fixed size, so that it
    can be overwritten in place where there is no room for a second one.
    """

    _SIZE = 4096  # bytes; a record takes about 100

    def __init__(self, path: Path) -> None:
        self._path = path
        self._records: dict[str, Record] = {}

    def add(self, name: str, pid: int, *, stop_signal: int) -> None:
        started = start_mark(pid)
        if started:
            self._records[name] = Record(name, pid, started, stop_signal)
            self._write()

    def drop(self, name: str) -> None:
        if self._records.pop(name, None):
            self._write()

    def leftovers(self) -> list[Record]:
        """Children of an earlier supervisor that still run."""
        try:
            found = [Record(**row) for row in json.loads(self._path.read_text())]
        except (OSError, ValueError, TypeError):
            return []
        return [record for record in found if record.is_alive()]

    def _write(self) -> None:
        content = json.dumps([asdict(record) for record in self._records.values()]).ljust(self._SIZE).encode()
        fresh = self._path.with_suffix(".new")
        try:
            fresh.write_bytes(content)
            fresh.replace(self._path)
        except OSError:
            with contextlib.suppress(OSError):
                fresh.unlink(missing_ok=True)
            with contextlib.suppress(OSError):
                self._overwrite(content)

    def _overwrite(self, content: bytes) -> None:
        descriptor = os.open(self._path, os.O_WRONLY)
        try:
            os.pwrite(descriptor, content, 0)
        finally:
            os.close(descriptor)


def end_leftovers(records: Sequence[Record], *, patience: float = 8.0) -> None:
    """Stop children of a killed supervisor: politely, then, after patience seconds, not."""
    for record in records:
        signal_group(record.pid, record.stop_signal)
    deadline = time.monotonic() + patience
    while any(record.is_alive() for record in records) and time.monotonic() < deadline:
        time.sleep(0.05)
    for record in records:
        if record.is_alive():
            signal_group(record.pid, signal.SIGKILL)
    while any(record.is_alive() for record in records) and time.monotonic() < deadline + 2:
        time.sleep(0.05)


def signal_group(pid: int, number: int) -> None:
    """Signal a child's whole group, or what is left of it. PostgreSQL alone speaks for its own children."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if number == signal.SIGKILL:
            os.killpg(pid, number)
        else:
            os.kill(pid, number)


@dataclass
class Child:
    """One part of the shop that should be up."""

    name: str
    command: Sequence[str | os.PathLike[str]]
    environment: Mapping[str, str]
    cwd: Path
    log: Path
    stop_signal: int = signal.SIGTERM
    user: int | None = None
    group: int | None = None
    pdeath: bool = True
    before_start: Callable[[], None] = lambda: None
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    failures: int = 0
    retry_at: float = 0.0

    def start(self) -> int:
        """Start it in a session of its own, its output appended to its log."""
        self.before_start()
        with self._open_log() as log:
            self.process = subprocess.Popen(
                [os.fspath(part) for part in self.command],
                cwd=self.cwd,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=self.user,
                group=self.group,
                extra_groups=[] if self.user is not None else None,
                preexec_fn=tie_to_parent(self.stop_signal) if self.pdeath else None,
            )
        self.started_at = time.monotonic()
        return self.process.pid

    def _open_log(self) -> IO[bytes]:
        """The log to append to; on a full disk, where a new file can't be made, the null device."""
        try:
            return open_private(self.log, "ab")
        except OSError:
            return Path(os.devnull).open("ab")

    def is_up(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def ask_to_stop(self) -> None:
        if self.process is not None and self.is_up():
            signal_group(self.process.pid, self.stop_signal)

    def wait(self, until: float) -> bool:
        """Whether it ended before the monotonic instant until."""
        while self.is_up() and time.monotonic() < until:
            time.sleep(0.02)
        return not self.is_up()

    def kill(self) -> None:
        """End it, and whatever it left in its group."""
        if self.process is not None:
            signal_group(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def last_message(self) -> str:
        """The last line of its log."""
        return self.last_words(1).strip() or f"{self.name} ended because of its settings, and said nothing: {self.log}"

    def last_words(self, lines: int = 12) -> str:
        try:
            text = self.log.read_bytes()[-8000:].decode(errors="replace")
        except OSError:
            return ""
        return "\n".join(f"    {line}" for line in text.rstrip().splitlines()[-lines:])
