"""`python -m tests.crash.zygote`: Django, loaded once; for every line on its input a fork that serves one request or job.

The fork is a process of its own, with a connection of its own to the database, and is really killed at the point it is told to
die at. What it was told, and what became of it, are JSON, a line each.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

BACKEND = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Done:
    """What became of a fork. end: 0, it lived to its end; -9, killed; statements: as Django's own log counts them."""

    end: int
    status: int
    body: str
    points: list[dict[str, Any]]
    statements: int


class Zygote:
    """The program from the outside. Environment: where the database, the gateway and the mail folder are."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.zygote"],
            cwd=BACKEND,
            env=os.environ | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, task: dict[str, Any], *, die_at: int | str | None = None) -> Done:
        """Serve a request, or `{"job": "a.dotted.name"}`, in a fork that is killed at point die_at, if it gets there.

        die_at is the point's number, or its words.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(task | {"die_at": die_at}), file=self._process.stdin, flush=True)
        return Done(**json.loads(self._process.stdout.readline()))

    def stop(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)
        assert self._process.stdout is not None
        self._process.stdout.close()


def main() -> None:
    import django

    django.setup()
    _warm_up()
    for line in sys.stdin:
        told, tell = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(told)
            _live(json.loads(line), tell)
        os.close(tell)
        with os.fdopen(told, "rb") as words:
            last = words.read()
        end = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        done = json.loads(last) if last else {"status": 0, "body": "", "points": [], "statements": 0}
        sys.stdout.write(json.dumps(done | {"end": end}) + "\n")
        sys.stdout.flush()


def _warm_up() -> None:
    """Import what the first request would, and leave no connection open: forks must not share one."""
    from django.db import connections

    from noirel.payments.razorpay import gateway

    gateway()
    _request({"method": "GET", "path": "/api/v1/shop", "body": "", "headers": {}})
    connections.close_all()


def _live(task: dict[str, Any], tell: int) -> None:
    """Be the process that dies. Never returns."""
    from django.db import connection
    from django.utils.module_loading import import_string

    from tests.crash.points import Points

    points = Points(task["die_at"])
    connection.force_debug_cursor = True
    status, body = 0, ""
    with points.watched():
        if "job" in task:
            import_string(task["job"])()
        else:
            status, body = _request(task)
    around = ("BEGIN", "COMMIT")
    statements = sum(not query["sql"].startswith(around) for query in connection.queries_log)
    passed = [asdict(point) for point in points.passed]
    os.write(tell, json.dumps({"status": status, "body": body, "points": passed, "statements": statements}).encode())
    os._exit(0)


def _request(request: dict[str, Any]) -> tuple[int, str]:
    """One request through the WSGI application that Gunicorn serves."""
    from django.test import RequestFactory

    from noirel.config.wsgi import application

    body = request["body"].encode()
    path, _, query = request["path"].partition("?")
    factory = RequestFactory(SERVER_NAME="localhost")
    environ = factory.generic(request["method"], path, body, "application/json", QUERY_STRING=query).environ
    environ |= {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in request["headers"].items()}
    environ["wsgi.input"] = BytesIO(body)
    answered: list[str] = []

    def start_response(status: str, *_: Any) -> Callable[[bytes], object]:
        answered.append(status)
        return lambda _: None

    response = application(environ, start_response)
    content = b"".join(response)
    if hasattr(response, "close"):
        response.close()
    return int(answered[0].split()[0]), content.decode()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    main()
