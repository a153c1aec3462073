"""The other floor: the statements of an answer and nothing else, by psycopg: `python -m ops.bench.catalogue.bare`.

Which statements they are is learnt from the shop itself: it answers once, with nothing kept, and what it asks is
written down. Then as many connections as the API has, in as many processes, ask the same as prepared statements and
fetch all rows.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

import psycopg

from ops.paths import BACKEND

Statements = list[tuple[str, Any]]


def learn(paths: Sequence[str]) -> list[Statements]:
    """The statements behind each path, with their values. Runs in the API's environment."""
    sys.path.insert(0, str(BACKEND))
    application = import_module("noirel.config.wsgi").application
    connection = import_module("django.db").connection

    def ask(path: str) -> None:
        where, _, query = path.partition("?")
        environ = {
            "REQUEST_METHOD": "GET", "PATH_INFO": where, "QUERY_STRING": query, "HTTP_HOST": "localhost",
            "wsgi.url_scheme": "http", "SERVER_NAME": "localhost", "SERVER_PORT": "80", "wsgi.input": None,
        }  # fmt: skip
        told: list[str] = []
        list(application(environ, lambda status, *_: told.append(status)))
        assert told[0].startswith("200"), f"{path}: {told}"

    def written_down(into: Statements) -> Any:
        def execute(call: Any, statement: Any, values: Any, many: bool, context: Any) -> Any:
            into.append((str(statement), values))
            return call(statement, values, many, context)

        return execute

    learnt = []
    for path in paths:
        ask(path)  # what it needs to know once
        statements: Statements = []
        with connection.execute_wrapper(written_down(statements)):
            ask(path)
        learnt.append(statements)
    connection.close()
    return learnt


def _read(url: str, learnt: list[Statements], seconds: float, threads: int, count: Any) -> None:
    def one(number: int) -> None:
        done, at = 0, number
        with psycopg.connect(url, autocommit=True) as connection:
            cursor = connection.cursor()
            end = time.perf_counter() + seconds
            while time.perf_counter() < end:
                at = (at + 1) % len(learnt)
                for statement, values in learnt[at]:
                    cursor.execute(statement, values or None, prepare=True).fetchall()
                done += 1
        with count.get_lock():
            count.value += done

    workers = [threading.Thread(target=one, args=[number]) for number in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def run(paths: Sequence[str], *, seconds: float, processes: int, threads: int) -> dict[str, float]:
    """Answers' statements per second, and how many statements an answer has."""
    learnt = learn(paths)
    spawn = multiprocessing.get_context("spawn")
    count = spawn.Value("l", 0)
    url = os.environ["DATABASE_URL"]
    workers = [spawn.Process(target=_read, args=[url, learnt, seconds, threads, count]) for _ in range(processes)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return {"per_second": count.value / seconds, "statements": sum(map(len, learnt)) / len(learnt)}


def main() -> None:
    given: Mapping[str, Any] = json.load(sys.stdin)
    json.dump(run(**given), sys.stdout)


if __name__ == "__main__":
    main()
