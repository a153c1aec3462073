"""The lock of a run folder: one supervisor at a time, and a refused one changes nothing."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ops.environment import WrongSetting
from ops.paths import make_missing


class AlreadyRunning(Exception):
    """Another supervisor holds this run folder."""


@contextmanager
def run_lock(run: Path) -> Iterator[None]:
    """Hold the run folder exclusively. The kernel releases the lock however the process ends.

    Until the lock is taken nothing of an existing folder is changed, its permissions included: the running shop's
    PostgreSQL enters the folder through them.

    Raises AlreadyRunning, or WrongSetting if the folder can't be used.
    """
    try:
        make_missing(run)
        descriptor = _open_locked(run / "supervisor.lock")
    except OSError as error:
        raise WrongSetting(f"RUN_DIR is {run}: it can't be used as a folder ({error.strerror}).") from None
    if descriptor is None:
        pid = (run / "supervisor.lock").read_text().strip() or "unknown"
        raise AlreadyRunning(f"The shop already runs in {run} (process {pid}).")
    try:
        _write_pid(descriptor)
        yield
    finally:
        os.close(descriptor)


def _open_locked(path: Path) -> int | None:
    """A descriptor of the locked file; None if another process holds the lock."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        # `make reset` deletes the file while it holds the lock: a lock on a deleted file protects nothing.
        try:
            if os.path.samestat(os.fstat(descriptor), path.stat()):
                return descriptor
        except FileNotFoundError:
            make_missing(path.parent)
        os.close(descriptor)


def _write_pid(descriptor: int) -> None:
    """For the message of whoever is refused; padded, so that a full disk doesn't prevent the write."""
    with suppress(OSError):
        os.pwrite(descriptor, f"{os.getpid():<20}\n".encode(), 0)
