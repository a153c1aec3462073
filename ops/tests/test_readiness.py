"""What of the API's /readyz a start waits for."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ops.run import is_ready

IN_ORDER = {"database": "ok", "migrations": "ok", "cache": "ok", "worker": "has never run"}


class _Api(BaseHTTPRequestHandler):
    checks: dict[str, str]

    def do_GET(self) -> None:
        is_wrong = any(self.checks[name] != "ok" for name in ("database", "migrations", "cache"))
        self.send_response(503 if is_wrong else 200)
        self.end_headers()
        self.wfile.write(json.dumps({"checks": self.checks}).encode())

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Api)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/readyz"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("state", "ready"),
    [
        ({}, True),
        ({"cache": "unreachable"}, True),
        ({"cache": "unreachable", "database": "unreachable", "migrations": "unknown"}, False),
        ({"database": "can't write"}, False),
        ({"migrations": "1 missing: core.0009"}, False),
    ],
)
def test_a_redis_that_is_away_does_not_stop_the_start(state: dict[str, str], ready: bool, url: str) -> None:
    _Api.checks = IN_ORDER | state
    assert is_ready(url) is ready
