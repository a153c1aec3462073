"""`python -m ops.check [--write] migrations|schema…`: is what is derived from the code still what is committed?"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from ops.paths import BACKEND, WEB, tool_path

OPENAPI = BACKEND / "openapi.yaml"
TYPES = WEB / "shared" / "api" / "schema.d.ts"
# None of these commands connects to anything: the settings want the names.
ENVIRONMENT = {
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    "SECRET_KEY": "only-for-commands-that-write-files-0123456789-0123456789",
    "DJANGO_SETTINGS_MODULE": "noirel.config.settings",
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m ops.check")
    parser.add_argument("what", nargs="+", choices=["migrations", "schema"])
    parser.add_argument("--write", action="store_true", help="write what is stale instead of failing")
    asked = parser.parse_args()
    stale = []
    quietly = ["-W", "ignore::RuntimeWarning"]  # that there is no database to compare with
    if "migrations" in asked.what and _run(
        [sys.executable, *quietly, "manage.py", "makemigrations", "--check", "--dry-run"]
    ):
        stale.append("a migration is missing: `python manage.py makemigrations`")
    if "schema" in asked.what:
        stale += [f"{path} is stale: `make schema`" for path in schema(write=asked.write)]
    if stale:
        sys.exit("\n".join(stale))


def schema(*, write: bool) -> list[Path]:
    """The OpenAPI document and the types made from it; returns those that differ from what is committed."""
    stale: list[Path] = []
    with tempfile.TemporaryDirectory() as folder:
        document, types = Path(folder) / "openapi.yaml", Path(folder) / "schema.d.ts"
        spectacular = ["manage.py", "spectacular", "--validate", "--fail-on-warn", "--file", str(document)]
        if _run([sys.executable, *spectacular]):
            sys.exit("The schema can't be made: see above.")
        generator = WEB / "schema" / "node_modules" / "openapi-typescript" / "bin" / "cli.js"
        if _run(["node", str(generator), str(document), "--output", str(types)], quiet=True):
            sys.exit("The types can't be made from the schema.")
        for made, kept in ((document, OPENAPI), (types, TYPES)):
            if kept.exists() and kept.read_bytes() == made.read_bytes():
                continue
            if write:
                kept.parent.mkdir(parents=True, exist_ok=True)
                kept.write_bytes(made.read_bytes())
                print(f"wrote {kept}")
            else:
                stale.append(kept)
    return stale


def _run(command: list[str], *, quiet: bool = False) -> int:
    environment = ENVIRONMENT | os.environ | {"PATH": tool_path(), "PYTHONPATH": str(BACKEND)}
    stdout = subprocess.DEVNULL if quiet else None
    return subprocess.run(command, cwd=BACKEND, env=environment, stdout=stdout, check=False).returncode


if __name__ == "__main__":
    main()
