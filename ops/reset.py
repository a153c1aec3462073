"""`python -m ops.reset`: remove the run folder, with everything the shop has kept. Asks nothing."""

from __future__ import annotations

import shutil
import sys

from ops.paths import run_dir
from ops.processes import Registry, end_leftovers
from ops.run import AlreadyRunning, only_one


def main() -> None:
    run = run_dir()
    if not run.exists():
        print(f"  There is no {run}.")
        return
    if not (run / "supervisor.lock").exists() and any(run.iterdir()):
        sys.exit(f"  {run} is no run folder of the shop: it is left as it is.")
    try:
        with only_one(run):
            end_leftovers(Registry(run / "children.json").leftovers())
            shutil.rmtree(run)
    except AlreadyRunning as running:
        sys.exit(f"  {running} Stop it first (Ctrl-C there, or kill it), then `make reset`.")
    print(f"  {run} is gone; the next `make run` begins anew.")


if __name__ == "__main__":
    main()
