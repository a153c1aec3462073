"""Test clients: a shopper over HTTP, the local gateway as a program of its own, and a running API server."""

import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import requests

from tests.contract import conformance

REPO = Path(__file__).resolve().parents[2]
ACCOUNT = "acc_1"
ADDRESS = {
    "name": "Ira Sen", "line1": "14 Marine Drive", "line2": "", "city": "Mumbai", "region": "MH", "postcode": "400020",
    "country": "IN", "phone": "+919820012345",
}  # fmt: skip


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class LocalGateway:
    """`python -m gateway` on a free port, with its /_test endpoints as methods."""

    def __init__(self, folder: Path, *, webhook_url: str, key_id: str, key_secret: str, webhook_secret: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.file = folder / "gateway.sqlite3"
        self.http = requests.Session()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "gateway"],
            cwd=REPO,
            env=os.environ
            | {
                "GATEWAY_PORT": str(self.port),
                "GATEWAY_ID": ACCOUNT,
                "GATEWAY_WEBHOOK_URL": webhook_url,
                "GATEWAY_KEY_ID": key_id,
                "GATEWAY_KEY_SECRET": key_secret,
                "GATEWAY_WEBHOOK_SECRET": webhook_secret,
                "GATEWAY_DB": str(self.file),
            },
            stdout=subprocess.DEVNULL,
        )
        wait_until(self._is_up, seconds=20)

    def _is_up(self) -> bool:
        try:
            return self.http.get(f"{self.url}/_test/state", timeout=2).ok
        except requests.RequestException:
            return False

    def door(self, path: str, **body: Any) -> Any:
        response = self.http.post(f"{self.url}/_test/{path}", json=body, timeout=20)
        assert response.ok, response.text
        return response.json()

    def pay(self, gateway_order_id: str, outcome: str = "success", **more: Any) -> Any:
        return self.door(f"orders/{gateway_order_id}/pay", outcome=outcome, **more)

    def fault(self, on: str, do: str, **more: Any) -> None:
        self.door("faults", on=on, do=do, **more)

    def without_webhooks(self) -> None:
        self.fault("webhook", "drop", times=None)

    def state(self) -> Any:
        return self.http.get(f"{self.url}/_test/state", timeout=10).json()

    def reset(self) -> None:
        self.http.delete(f"{self.url}/_test/faults", timeout=10)
        self.door("reset")

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()


class Shopper:
    """A visitor over HTTP, signed in or not. Every response is checked against the API contract."""

    def __init__(self, origin: str, *, access: str = "") -> None:
        self.api = f"{origin}/api/v1"
        self.http = requests.Session()
        if access:
            self.http.headers["Authorization"] = f"Bearer {access}"

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> requests.Response:
        header_fields = {name.replace("_", "-"): value for name, value in headers.items()}
        response = self.http.request(method, f"{self.api}/{path}", json=body, headers=header_fields, timeout=60)
        conformance.check(
            method,
            urlsplit(response.url).path,
            status=response.status_code,
            content_type=response.headers.get("Content-Type", ""),
            body=response.json if response.content else None,
        )
        return response

    def bag(self, *lines: tuple[str, int]) -> dict[str, Any]:
        """Create a cart with these (SKU, quantity) lines."""
        created = self.call("POST", "carts")
        assert created.status_code == 201, created.text
        cart = created.json()
        for sku, quantity in lines:
            response = self.call("POST", f"carts/{cart['id']}/lines", {"sku": sku, "quantity": quantity})
            assert response.status_code == 201, response.text
            cart = response.json()
        return dict(cart)

    def check_out(self, cart: dict[str, Any], *, key: str = "", **changes: Any) -> requests.Response:
        body = {
            "cart": cart["id"],
            "email": "ira@example.com",
            "shipping_address": ADDRESS,
            "shipping_method": "standard",
            "expected_total": cart["totals"]["total"],
        } | changes
        return self.call("POST", "checkout", body, Idempotency_Key=key or str(uuid.uuid4()))

    def buy(self, *lines: tuple[str, int]) -> dict[str, Any]:
        """Check out a cart with these (SKU, quantity) lines and return CheckoutOut: an order that waits for payment."""
        response = self.check_out(self.bag(*lines))
        assert response.status_code == 201, response.text
        return dict(response.json())

    def verify(self, placed: dict[str, Any], payment_result: dict[str, str]) -> requests.Response:
        return self.call("POST", order_path(placed, "/payment/verify"), payment_result)

    def order(self, placed: dict[str, Any]) -> dict[str, Any]:
        response = self.call("GET", order_path(placed))
        assert response.status_code == 200, response.text
        return dict(response.json())


def order_path(placed: dict[str, Any], tail: str = "") -> str:
    return f"orders/{placed['order']['number']}{tail}?token={placed['order_token']}"


def all_lines(order: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body of `fulfil` for every unsent unit of an order; one unit too many if none is left."""
    unsent = [
        {"id": line["id"], "quantity": line["quantity"] - line.get("cancelled_quantity", 0) - line.get("fulfilled_quantity", 0)}
        for line in order["lines"]
    ]
    return {"lines": [line for line in unsent if line["quantity"]] or [{"id": unsent[0]["id"], "quantity": 1}]}


def wait_until(condition: Any, *, seconds: float = 10) -> None:
    """Wait until `condition()` is true. Fails after `seconds`."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "the condition did not become true in time"
        time.sleep(0.05)


class RunningShop:
    """The API under Gunicorn on the test's database, as a process that can be killed."""

    def __init__(self, *, port: int, gateway_url: str, database: Mapping[str, Any], workers: int = 1, **more: str) -> None:
        self.port, self.workers = port, workers
        self.url = f"http://127.0.0.1:{port}"
        user, host, database_port, name = (database[part] for part in ("USER", "HOST", "PORT", "NAME"))
        password = f":{quote(database['PASSWORD'])}" if database["PASSWORD"] else ""
        self._environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "noirel.config.settings",
            "DATABASE_URL": f"postgresql://{quote(user)}{password}@{host}:{database_port}/{name}",
            "RAZORPAY_API_URL": gateway_url,
            "THROTTLE_SCALE": "0",
            **more,
        }
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(
            [
                sys.executable, "-m", "gunicorn", "noirel.config.wsgi", "--bind", f"127.0.0.1:{self.port}",
                "--worker-class", "noirel.fastpath.worker.Worker", "--workers", str(self.workers), "--threads", "12",
                "--keep-alive", "75", "--log-level", "warning",
            ],
            cwd=REPO / "backend",
            env=self._environment,
            start_new_session=True,
        )  # fmt: skip
        wait_until(self._is_up, seconds=40)

    def _is_up(self) -> bool:
        try:
            return requests.get(f"{self.url}/healthz", timeout=2).ok
        except requests.RequestException:
            return False

    def kill(self) -> None:
        """Kill the whole process group at once, as a power failure would."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(10)

    def stop(self) -> None:
        assert self._process is not None
        self._process.terminate()
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self.kill()
