"""A gateway of its own for each test, and a stand-in for the shop's webhook address."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import razorpay  # type: ignore[import-untyped]
import requests

ROOT = Path(__file__).parents[2]
KEY, SECRET, WEBHOOK_SECRET = "rzp_test_tests", "key_secret", "webhook_secret"


class Shop(ThreadingHTTPServer):
    """Stands where the shop's webhook address is; keeps what came, answers `status`."""

    def __init__(self) -> None:
        self.came: list[tuple[dict[str, str], bytes]] = []
        self.status = 200
        super().__init__(("127.0.0.1", 0), _Receiver)
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def wait_for(self, count: int) -> list[dict[str, Any]]:
        deadline = time.monotonic() + 10
        while len(self.came) < count and time.monotonic() < deadline:
            time.sleep(0.05)
        return [json.loads(body) for _, body in self.came]


class _Receiver(BaseHTTPRequestHandler):
    server: Shop

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.came.append((dict(self.headers), body))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


class Gateway:
    def __init__(self, database: Path, webhook_url: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._env = os.environ | {
            "GATEWAY_PORT": str(self.port),
            "GATEWAY_DB": str(database),
            "GATEWAY_WEBHOOK_URL": webhook_url,
            "GATEWAY_KEY_ID": KEY,
            "GATEWAY_KEY_SECRET": SECRET,
            "GATEWAY_WEBHOOK_SECRET": WEBHOOK_SECRET,
        }
        self.client = razorpay.Client(auth=(KEY, SECRET), base_url=self.url)
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen([sys.executable, "-m", "gateway"], cwd=ROOT, env=self._env)
        for _ in range(200):
            try:
                requests.get(f"{self.url}/healthz", timeout=1)
                return
            except requests.ConnectionError:
                time.sleep(0.05)
        raise AssertionError("the gateway did not start")

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def door(self, path: str, **body: Any) -> Any:
        return requests.post(f"{self.url}/_test/{path}", json=body, timeout=10).json()

    def order(self, **fields: Any) -> Any:
        return self.client.order.create({"amount": 50_000, "currency": "INR"} | fields)


@pytest.fixture
def shop() -> Iterator[Shop]:
    shop = Shop()
    yield shop
    shop.shutdown()


@pytest.fixture
def gateway(tmp_path: Path, shop: Shop) -> Iterator[Gateway]:
    gateway = Gateway(tmp_path / "gateway.sqlite3", f"http://127.0.0.1:{shop.server_address[1]}/hook")
    yield gateway
    gateway.kill()
