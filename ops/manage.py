"""`python -m ops.manage COMMAND …`: a management command with the settings of the shop that `make run` runs.

Paths among the arguments are relative to the folder it is called from.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from ops.paths import BACKEND, open_private, run_dir

_FILE = "manage.json"


def keep_environment(run: Path, environment: Mapping[str, str]) -> None:
    """Write down what management commands are given while the shop runs: its database has a new port at each start."""
    with open_private(run / _FILE, "wb") as file:
        file.write(json.dumps(dict(environment)).encode())


def forget_environment(run: Path) -> None:
    (run / _FILE).unlink(missing_ok=True)


def main() -> None:
    run = run_dir()
    try:
        kept: dict[str, str] = json.loads((run / _FILE).read_text())
    except (OSError, ValueError):
        sys.exit(f"  No shop runs in {run}: start it with `make run`, or set RUN_DIR.")
    machine = {name: os.environ[name] for name in ("TERM", "COLUMNS", "LINES") if name in os.environ}
    command = [sys.executable, str(BACKEND / "manage.py"), *sys.argv[1:]]
    os.execve(command[0], command, kept | machine)


if __name__ == "__main__":
    main()
