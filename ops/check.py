"""`python -m ops.check [--write] migrations|schema|diagrams…`: is what is derived from the code what is committed?"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from ops.paths import BACKEND, WEB, tool_path

OPENAPI = BACKEND / "openapi.yaml"
INTEGRITY = BACKEND.parent / "docs" / "integrity.md"
TYPES = WEB / "shared" / "api" / "schema.d.ts"
# None of these commands connects to anything: the settings want the names.
ENVIRONMENT = {
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    "SECRET_KEY": "only-for-commands-that-write-files-0123456789-0123456789",
    "DJANGO_SETTINGS_MODULE": "noirel.config.settings",
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m ops.check")
    parser.add_argument("what", nargs="+", choices=["migrations", "schema", "diagrams"])
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
    if "diagrams" in asked.what and diagrams(write=asked.write):
        stale.append(f"{INTEGRITY} is stale: `make diagrams`")
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


def diagrams(*, write: bool) -> bool:
    """The parts of docs/integrity.md that are derived from code, between their marks; whether they are stale."""
    made = subprocess.run(
        [sys.executable, "-m", "tests.diagrams"], cwd=BACKEND, env=_environment(), stdout=subprocess.PIPE, check=True
    )
    kept = INTEGRITY.read_text()
    page = kept
    for name, part in json.loads(made.stdout).items():
        begin, end = f"<!-- {name}: from the code -->\n", f"<!-- end of {name} -->"
        before, _, rest = page.partition(begin)
        page = f"{before}{begin}{part}\n{end}{rest.partition(end)[2]}"
    if write and page != kept:
        INTEGRITY.write_text(page)
        print(f"wrote {INTEGRITY}")
    return page != kept and not write


def _environment() -> dict[str, str]:
    return ENVIRONMENT | os.environ | {"PATH": tool_path(), "PYTHONPATH": str(BACKEND)}


def _run(command: list[str], *, quiet: bool = False) -> int:
    stdout = subprocess.DEVNULL if quiet else None
    return subprocess.run(command, cwd=BACKEND, env=_environment(), stdout=stdout, check=False).returncode


if __name__ == "__main__":
    main()
