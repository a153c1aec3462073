"""The built storefront while its API is down, or takes every call and answers none: it takes the web builds."""

import json
import os
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ops.paths import WEB, node_bin
from ops.ports import free_port
from ops.run import answers

PAGE_SECONDS = 0.5  # SSR_API_SECONDS
STATIC = [
    "/privacy",
    "/returns-policy",
    "/help",
    "/house",
    "/journal",
    "/login",
    "/register",
    "/forgot",
    "/orders/find",
]
NEEDS_API = [
    "/", "/perfumes", "/c/perfumes", "/collections/all", "/search?q=oud", "/p/encre", "/drops", "/drops/x", "/checkout",
]  # fmt: skip


class Front:
    """`web/front` alone, in front of the API at api_origin."""

    def __init__(self, api_origin: str, log: Path) -> None:
        self.url = f"http://127.0.0.1:{free_port()}"
        self.log = log
        environment = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")} | {
            "NODE_ENV": "production",
            "PORT": self.url.rpartition(":")[2],
            "API_ORIGIN": api_origin,
            "SSR_API_SECONDS": str(PAGE_SECONDS),
        }
        with log.open("wb") as file:
            self.process = subprocess.Popen(
                [str(node_bin() / "node"), "--disable-warning=ExperimentalWarning", "server.ts"],
                cwd=WEB / "front", env=environment, stdout=file, stderr=file,
            )  # fmt: skip
        deadline = time.monotonic() + 30
        while not answers(f"{self.url}/favicon.svg"):
            assert self.process.poll() is None and time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)

    def get(self, path: str) -> tuple[int, dict[str, str], str, float]:
        """Status, headers, body, seconds."""
        began = time.monotonic()
        try:
            response = urllib.request.urlopen(self.url + path, timeout=30)
        except urllib.error.HTTPError as error:
            response = error
        with response:
            text = response.read().decode()
        headers = {name.lower(): value for name, value in response.headers.items()}
        return response.status, headers, text, time.monotonic() - began


@pytest.fixture(scope="module")
def silent_api() -> Iterator[str]:
    """Takes connections and requests, and never answers."""
    listener = socket.create_server(("127.0.0.1", 0))
    taken: list[socket.socket] = []

    def take() -> None:
        with suppress(OSError):
            while True:
                taken.append(listener.accept()[0])

    threading.Thread(target=take, daemon=True).start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    listener.close()
    for one in taken:
        one.close()


@pytest.fixture(scope="module", params=["silent", "down"])
def front(request: pytest.FixtureRequest, silent_api: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    origin = silent_api if request.param == "silent" else f"http://127.0.0.1:{free_port()}"
    started = Front(origin, tmp_path_factory.mktemp("front") / f"{request.param}.log")
    yield started
    started.stop()


@pytest.mark.parametrize("path", STATIC)
def test_static_pages_stand_without_the_api(front: Front, path: str) -> None:
    status, headers, text, seconds = front.get(path)
    assert status == 200
    assert "<h1" in text and "</footer>" in text
    assert headers["cache-control"] == "no-store", "no shared cache keeps the page without the shop's facts"
    assert seconds < PAGE_SECONDS + 2


@pytest.mark.parametrize("path", NEEDS_API)
def test_other_pages_say_within_the_deadline_when_to_try_again(front: Front, path: str) -> None:
    status, headers, text, seconds = front.get(path)
    assert status == 503
    assert int(headers["retry-after"]) > 0
    assert headers["cache-control"] == "no-store"
    assert "Back in a moment." in text and 'aria-label="NOIR&#x27;EL, home"' in text, "a page in the shop's own frame"
    assert headers["x-request-id"] in text or path == "/checkout"
    assert seconds < PAGE_SECONDS + 2


@pytest.mark.parametrize("path", ["/perfumes.data", "/p/encre.data"])
def test_the_data_of_a_page_has_a_deadline_too(front: Front, path: str) -> None:
    status, headers, _, seconds = front.get(path)
    assert (status, headers["cache-control"]) == (503, "no-store")
    assert int(headers["retry-after"]) > 0
    assert seconds < PAGE_SECONDS + 2


def test_a_page_that_does_not_exist_does_not_exist_during_an_outage_either(front: Front) -> None:
    assert front.get("/nothing-here")[0] == 404


def test_what_was_known_of_the_shop_outlives_the_api(tmp_path: Path) -> None:
    """Header, footer and help stay as they were when the API goes away after the first page."""
    shop = {
        "currency": "INR", "time_zone": "Asia/Kolkata", "returns_days": 17, "shipping_summary": "Sent tomorrow.",
        "engraving": {"max": 12}, "free_shipping_over": None, "countries": [], "samples": {"items": [], "max": 0},
    }  # fmt: skip

    class Api(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(
                shop if self.path == "/api/v1/shop" else {"results": [], "next": None, "total": 0}
            ).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    api = ThreadingHTTPServer(("127.0.0.1", 0), Api)
    threading.Thread(target=api.serve_forever, daemon=True).start()
    front = Front(f"http://127.0.0.1:{api.server_address[1]}", tmp_path / "front.log")
    try:
        assert "Within 17 days" in front.get("/help")[2]
        api.shutdown()
        api.server_close()
        status, _, text, _ = front.get("/help")
        assert status == 200
        assert "Within 17 days" in text
    finally:
        front.stop()
