"""`python -m tests.crash.table`: run the crash matrix and write down what it saw, as docs/crash-points.md.

DATABASE_URL says where a PostgreSQL is, as for any test. `make crash-points` brings one.
"""

import json
import os
import subprocess
import sys
import tempfile
from itertools import groupby
from pathlib import Path
from typing import Any

import django

BACKEND = Path(__file__).resolve().parents[2]
PAGE = BACKEND.parent / "docs" / "crash-points.md"
HEAD = """# What happens at each crash point

Written by `make crash-points` from a run of the crash matrix (`backend/tests/crash/`); don't edit it. A process is forked for
each point, serves one request or job, and is killed there with SIGKILL: before and after every SQL statement, every COMMIT,
every call of the gateway and every mail. Then comes what the world brings, in more than one order, and after it all of it
again. In the end there is one order, one captured payment, one sale of each bottle, one receipt; stock and books are proved
from their raw rows.

Neighbouring points that leave the same on disk are one line here. What a transaction had not committed is not on disk. "Who
repairs it" is who had it done first, in each of the orders that were tried.
"""


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()  # the stories stand beside models
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "seen.jsonl"
        command = [sys.executable, "-m", "pytest", "-q", "-n", os.environ.get("CRASH_PROCESSES", "2"), "tests/crash"]
        run = subprocess.run(command, cwd=BACKEND, env=os.environ | {"CRASH_RECORD": str(kept)}, check=False)
        if run.returncode:
            sys.exit(run.returncode)
        seen = [json.loads(line) for line in kept.read_text().splitlines()]
    PAGE.write_text(page(seen))


def page(seen: list[dict[str, Any]]) -> str:
    """The whole document from what was seen, a line each."""
    from tests.crash.stories import STORIES

    parts = [HEAD, f"In all {len({(line['story'], line['at']) for line in seen})} points, {len(seen)} crashes.\n"]
    for story in STORIES:
        lines = [line for line in seen if line["story"] == story.name]
        parts += [f"## {story.dies[0].upper()}{story.dies[1:]} dies\n", _table(lines)]
    return "\n".join(parts)


def _table(lines: list[dict[str, Any]]) -> str:
    points = []
    for at, same in groupby(sorted(lines, key=lambda line: int(line["at"])), key=lambda line: int(line["at"])):
        found = list(same)
        points.append((at, found[0]["point"], " / ".join(dict.fromkeys(line["on_disk"] for line in found)), found))
    rows = ["| points | it dies | on disk | who repairs it |", "| --- | --- | --- | --- |"]
    for on_disk, group in groupby(points, key=lambda point: point[2]):
        run = list(group)
        (first, begins, *_), (last, ends, *_) = run[0], run[-1]
        by = " / ".join(dict.fromkeys(line["by"] for *_, found in run for line in found if line["by"]))
        numbers, where = (f"{first + 1}", begins) if first == last else (f"{first + 1}–{last + 1}", f"{begins} … {ends}")
        rows.append(f"| {numbers} | {where} | {on_disk} | {by} |")
    test = f"`test_killed_at_any_point_it_ends_as_if_it_had_not_been[{lines[0]['story']}]`" if lines else ""
    return "\n".join(rows) + f"\n\nShown by {test}.\n"


if __name__ == "__main__":
    main()
