"""`python -m ops.reset`: remove the run folder, with everything the shop has kept. Asks nothing."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from ops.environment import WrongSetting
from ops.paths import run_dir
from ops.processes import Registry, end_leftovers
from ops.run_lock import AlreadyRunning, run_lock

# What the shop and its tests make in a run folder, the local gateway by itself included.
_NAMES = {
    "addresses.json", "bench", "bench-catalogue", "children.json", "e2e", "e2e-dev", "inbox", "logs", "mail", "media",
    "manage.json", "pg", "secrets.env", "test-pg",
}  # fmt: skip


def _is_ours(run: Path) -> bool:
    """Whether the folder is the shop's: it holds the supervisor's lock, or nothing but what the shop makes."""
    names = {path.name for path in run.iterdir()}
    return "supervisor.lock" in names or all(name in _NAMES or name.startswith("gateway.sqlite3") for name in names)


def main() -> None:
    run = run_dir()
    if not run.exists():
        print(f"  There is no {run}.")
        return
    if not run.is_dir() or not _is_ours(run):
        sys.exit(f"  {run} is no run folder of the shop: it is left as it is.")
    try:
        with run_lock(run):
            end_leftovers(Registry(run / "children.json").leftovers())
            shutil.rmtree(run)
    except AlreadyRunning as running:
        sys.exit(f"  {running} Stop it first (Ctrl-C there, or kill it), then `make reset`.")
    except (WrongSetting, OSError) as trouble:
        sys.exit(f"  {run} can't be removed: {trouble}")
    print(f"  {run} is gone; the next `make run` begins anew.")


if __name__ == "__main__":
    main()
