"""`make bench-catalogue`: fills a shop, reads it in five ways, kept and unkept, and sets that beside both floors.

About ten minutes; `--short` takes two. What counts are the ratios of one run: absolute figures are the machine's, and
its neighbours'.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

from ops.bench.catalogue import report
from ops.bench.catalogue.load import Seen, Task
from ops.bench.catalogue.report import Row
from ops.bench.catalogue.shelf import fill, slug_of
from ops.bench.catalogue.words import FAMILIES, WORDS, folded, mistyped
from ops.bench.parts import Parts, running
from ops.bench.pg_statements import statements_so_far
from ops.paths import ROOT, run_dir
from ops.ports import free_port
from ops.processes import Child
from ops.run import answers, gunicorn

SIZES, SHORT_SIZES = (1_000, 10_000, 100_000), (1_000, 10_000)
CLIENTS = 8
TURNS = 12
UNKEPT = {"READS_KEPT_MB": "0"}
Database = psycopg.Connection[Any]


def reads(size: int) -> dict[str, list[str]]:
    """What is asked for, by kind: more than one address where shoppers would ask for more than one."""
    chance = random.Random(size)
    # From a word that stands in every fourteenth name to one of a few, without its accents too, and mistyped.
    words = [WORDS[rank] for rank in (1, 5, 40, 200, 800, 2500)]
    asked = [
        *words,
        folded(words[3]),
        mistyped(words[2]),
        mistyped(words[4]),
        f"{words[1]} {FAMILIES[3]}",
        "Fève tonka",
    ]
    api = "/api/v1"
    return {
        "list": [f"{api}/products"],
        "filtered list": [
            f"{api}/products?family={family}&in_stock=true&max_price=2000000&sort=price" for family in FAMILIES[:6]
        ]
        + [f"{api}/products?category=bench-{under}" for under in ("home-mist", "perfume&family=citrus&family=green")],
        "product": [f"{api}/products/{slug_of(number)}" for number in chance.sample(range(1, size + 1), 100)],
        "search": [f"{api}/products?q={quote(words)}" for words in asked],
        "suggestion": [f"{api}/search/suggest?q={quote(word[:at])}" for word in words for at in (2, 4)],
    }


def first_searches(size: int) -> list[str]:
    """Searches for words that nobody has asked for before, each another one: a word of a name, or that and a family."""
    asked = [(word, *more) for word in WORDS for more in [(), *((family,) for family in FAMILIES)]]
    random.Random(size).shuffle(asked)
    return [f"/api/v1/products?q={quote(' '.join(words))}" for words in asked]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m ops.bench.catalogue")
    parser.add_argument("--seconds", type=float, default=4, help="for each figure")
    parser.add_argument("--memory", type=float, default=90, help="seconds of the long run")
    parser.add_argument("--short", action="store_true", help="a second for each figure, 10,000 products at most")
    parser.add_argument("--sizes", type=int, nargs="+")
    parser.add_argument("--only", nargs="+", choices=list(reads(max(SIZES))), help="of the five reads")
    given = parser.parse_args()
    seconds, memory = (1.0, 10.0) if given.short else (given.seconds, given.memory)
    sizes = given.sizes or (SHORT_SIZES if given.short else SIZES)
    load = os.getloadavg()[0]
    rows: list[Row] = []
    with (
        running(run_dir() / "bench-catalogue") as parts,
        psycopg.connect(parts.database_url, autocommit=True) as database,
    ):
        database.execute("CREATE EXTENSION pg_stat_statements")
        for size in sizes:
            began = time.monotonic()
            fill(database, size)
            parts.find_words()
            print(f"{size} products after {time.monotonic() - began:.0f} s", flush=True)
            for row in _measured(parts, database, size, seconds, given.only):
                report.tell(row, is_first=not rows, load=load, clients=CLIENTS)
                rows.append(row)
        report.tell_growth(rows)
        report.tell_memory(_long_run(parts, database, sizes[-1], memory))
        clean, told = parts.audit()
    print("\nAfterwards `audit` finds nothing: the documents agree with their rows." if clean else told)
    sys.exit(0 if clean else 1)


def _measured(parts: Parts, database: Database, size: int, seconds: float, only: Sequence[str] | None) -> Iterator[Row]:
    asked = {kind: paths for kind, paths in reads(size).items() if not only or kind in only}
    parts.restart_api(**UNKEPT)
    for paths in asked.values():
        _meet(parts, _asks(paths), seconds)
    bare, unkept, parts_of = {}, {}, {}
    for kind, paths in asked.items():
        rounds = [
            (_bare(parts, paths[:5], seconds / 3), _ask(parts, database, _asks(paths), seconds / 3)) for _ in range(3)
        ]
        bare[kind] = report.Bare(sum(one.per_second for one, _ in rounds) / len(rounds), rounds[0][0].statements)
        unkept[kind] = report.together([shop for _, shop in rounds])
        parts_of[kind] = report.middle([(shop.seen.per_second, one.per_second) for one, shop in rounds])
    if "search" in asked:
        first_asked = _load(parts.shop.api_port, _asks(first_searches(size)), seconds)
    parts.restart_api()
    for kind, paths in asked.items():
        tags = {path: _get(parts.shop.api_port, path) for path in paths}
        known = [(path, f"If-None-Match: {tag}\r\n") for path, (tag, _) in tags.items()]
        plain = [(f"/b{at}", "") for at in range(len(paths))]
        again = [(f"/b{at}", more) for at, (_, more) in enumerate(known)]
        _meet(parts, _asks(paths), seconds)
        with _trivial(parts, {f"b{at}": body for at, (_, body) in enumerate(tags.values())}) as port:
            # In turns, a part of the time each: what neighbours of this machine do meanwhile, they do to all of them. A
            # virtual core runs now at one speed, now at half of it: a ratio is the middle one of those within a turn.
            turns = [
                (
                    _ask(parts, database, _asks(paths), seconds / TURNS),
                    _ask(parts, database, plain, seconds / TURNS, port=port),
                    _ask(parts, database, known, seconds / TURNS),
                    _ask(parts, database, again, seconds / TURNS, port=port),
                )
                for _ in range(TURNS)
            ]
        kept, floor, not_modified, floor_304 = map(report.together, zip(*turns, strict=True))
        yield Row(
            size=size, kind=kind, kept=kept, unkept=unkept[kind], not_modified=not_modified, trivial=floor,
            trivial_304=floor_304, bare=bare[kind],
            parts={
                "kept": report.middle([(turn[0].seen.per_second, turn[1].seen.per_second) for turn in turns]),
                "304": report.middle([(turn[2].seen.per_second, turn[1].seen.per_second) for turn in turns]),
                "unkept": parts_of[kind],
            },
            first_asked=first_asked if kind == "search" else None,
        )  # fmt: skip


def _asks(paths: Sequence[str]) -> list[tuple[str, str]]:
    return [(path, "") for path in paths]


def _meet(parts: Parts, asks: list[tuple[str, str]], seconds: float) -> None:
    """Until both workers have met every address."""
    met, until = 0, time.monotonic() + 20
    while met < 8 * len(asks) and time.monotonic() < until:
        met += len(_load(parts.shop.api_port, asks, max(0.3, seconds / 5)).spans)


def _ask(
    parts: Parts, database: Database, asks: list[tuple[str, str]], seconds: float, *, port: int = 0
) -> report.Asked:
    """Load on the shop, or on the floor at `port`; its CPU ms, PostgreSQL's, and statements, for each answer."""
    who = "trivial" if port else "api"
    statements, cpu = statements_so_far(database), parts.cpu_seconds()
    seen = _load(port or parts.shop.api_port, asks, seconds)
    after, statements = parts.cpu_seconds(), statements_so_far(database) - statements
    answered = _answered(seen)
    return report.Asked(
        seen=seen, statements=statements / answered, api_ms=(after[who] - cpu[who]) * 1000 / answered,
        postgres_ms=(after["postgres"] - cpu["postgres"]) * 1000 / answered,
    )  # fmt: skip


def _answered(seen: Seen) -> float:
    """How many were answered in all: a tenth more than were measured."""
    return max(1.0, len(seen.spans) * 1.1)


def _load(port: int, asks: list[tuple[str, str]], seconds: float) -> Seen:
    task = Task(port=port, asks=asks, clients=CLIENTS, seconds=seconds)
    done = subprocess.run(
        [sys.executable, "-m", "ops.bench.catalogue.load"], input=json.dumps(asdict(task)), cwd=ROOT, text=True,
        stdout=subprocess.PIPE, check=True,
    )  # fmt: skip
    return Seen(**json.loads(done.stdout))


def _bare(parts: Parts, paths: Sequence[str], seconds: float) -> report.Bare:
    task = {"paths": paths, "seconds": seconds, "processes": 2, "threads": CLIENTS // 2}
    done = subprocess.run(
        [sys.executable, "-m", "ops.bench.catalogue.bare"], input=json.dumps(task), cwd=ROOT, text=True,
        stdout=subprocess.PIPE, check=True,
        env=parts.shop.backend | UNKEPT | {"PYTHONPATH": str(ROOT), "LOG_LEVEL": "ERROR"},
    )  # fmt: skip
    return report.Bare(**json.loads(done.stdout))


def _get(port: int, path: str) -> tuple[str, bytes]:
    """An answer's tag and body."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"http://127.0.0.1:{port}{path}", timeout=60) as response:
        return response.headers["ETag"], response.read()


@contextmanager
def _trivial(parts: Parts, bodies: dict[str, bytes]) -> Iterator[int]:
    """The floor's server with these answers, under the Gunicorn of the shop; its port."""
    folder, port = parts.shop.run / "bodies", free_port()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, body in (bodies | {"up": b"{}"}).items():
        (folder / name).write_bytes(body)
    ours = {
        "noirel.config.wsgi:application": "ops.bench.catalogue.trivial:application",
        "noirel.fastpath.worker.Worker": "gthread",  # Gunicorn's own, of which ours is made
        f"127.0.0.1:{parts.shop.api_port}": f"127.0.0.1:{port}",
    }
    command = [ours.get(part, part) for part in gunicorn(parts.shop)]
    child = Child(
        "trivial", command, parts.shop.backend | {"BODIES": str(folder)}, ROOT, parts.shop.run / "logs" / "trivial.log"
    )
    child.start()
    try:
        deadline = time.monotonic() + 20
        while not answers(f"http://127.0.0.1:{port}/up") and time.monotonic() < deadline:
            time.sleep(0.05)
        parts.children["trivial"] = child
        yield port
    finally:
        parts.children.pop("trivial", None)
        child.ask_to_stop()
        child.wait(time.monotonic() + 10)
        child.kill()


def _long_run(parts: Parts, database: Database, size: int, seconds: float) -> list[tuple[float, float, float]]:
    """A crawler takes page after page, more than are kept, while a price changes ten times a second.

    (second, MiB of all the API's processes, answers a second) as time goes by.
    """
    parts.restart_api()
    seen: list[tuple[float, float, float]] = []
    chance, began = random.Random(7), time.monotonic()
    step = max(1.0, seconds / 12)
    while (now := time.monotonic() - began) < seconds:
        asks = [(f"/api/v1/products/{slug_of(chance.randint(1, size))}", "") for _ in range(4000)]
        asks[::40] = [(f"/api/v1/products?sort=price&limit={chance.randint(1, 100)}", "") for _ in asks[::40]]
        task = Task(port=parts.shop.api_port, asks=asks, clients=CLIENTS, seconds=step)
        crawler = subprocess.Popen(
            [sys.executable, "-m", "ops.bench.catalogue.load"],
            cwd=ROOT,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert crawler.stdin
        crawler.stdin.write(json.dumps(asdict(task)))
        crawler.stdin.close()
        crawler.stdin = None
        while crawler.poll() is None and time.monotonic() - began - now < step:
            # The text is the same: what counts is that it is another edition.
            database.execute(
                "UPDATE catalog_product SET subtitle = subtitle WHERE slug = %s", [slug_of(chance.randint(1, size))]
            )
            time.sleep(0.1)
        answered = Seen(**json.loads(crawler.communicate()[0]))
        seen.append((time.monotonic() - began, _memory(parts), answered.per_second))
    return seen


def _memory(parts: Parts) -> float:
    """MiB that the API's processes have for themselves, and their share of what they have in common (PSS)."""
    api = parts.children["api"].process
    assert api is not None
    total = 0
    for pid in [api.pid, *_children(api.pid)]:
        found = re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M)
        total += int(found[1]) if found else 0
    return total / 1024


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


if __name__ == "__main__":
    main()
