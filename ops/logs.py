"""Rotation of the logs in a run folder, also while the shop writes them."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

from ops.paths import open_private

LOG_LIMIT = 10_000_000  # bytes


def rotate_logs(folder: Path, *, limit: int = LOG_LIMIT) -> None:
    """Move the content of each log over `limit` bytes to NAME.log.1, in place of what was there.

    The parts have their logs open for appending and can't be asked to open others, so a log is copied and then emptied
    (logrotate's `copytruncate`): a line that is written between the two is lost. Without space for a copy the old one
    goes, and the next call tries again.
    """
    for log in folder.glob("*.log"):
        with contextlib.suppress(OSError):
            if log.stat().st_size > limit:
                _rotate(log)


def _rotate(log: Path) -> None:
    previous, fresh = log.with_suffix(".log.1"), log.with_suffix(".log.new")
    try:
        with log.open("r+b") as source, open_private(fresh, "wb") as copy:
            shutil.copyfileobj(source, copy, 1024 * 1024)
            copy.flush()
            source.truncate(0)
        fresh.replace(previous)
    except OSError:
        fresh.unlink(missing_ok=True)
        previous.unlink(missing_ok=True)
