"""The gateway over a real socket: the unmodified Python SDK, webhooks, faults, and a kill -9."""

import hashlib
import hmac
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
        threading.Thread(target=self.serve_forever, daemon=True).start()

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


def test_a_payment_goes_from_order_to_refund_with_the_official_sdk(gateway: Gateway) -> None:
    order = gateway.order(receipt="NE-1", notes={})
    assert (order["status"], order["notes"], order["attempts"]) == ("created", [], 0)
    gateway.door(f"orders/{order['id']}/pay", outcome="failure", method="upi")
    paid = gateway.door(f"orders/{order['id']}/pay", outcome="success", method="card")
    assert gateway.client.utility.verify_payment_signature(paid)
    payment = gateway.client.payment.fetch(paid["razorpay_payment_id"])
    assert (payment["status"], payment["fee"], payment["tax"]) == ("captured", 1180, 180)
    order = gateway.client.order.fetch(order["id"])
    assert (order["status"], order["amount_paid"], order["amount_due"], order["attempts"]) == ("paid", 50_000, 0, 2)
    gateway.client.payment.refund(payment["id"], {"amount": 20_000})
    assert gateway.client.payment.fetch(payment["id"])["refund_status"] == "partial"
    with pytest.raises(razorpay.errors.BadRequestError, match="greater than amount captured"):
        gateway.client.payment.refund(payment["id"], {"amount": 30_001})
    gateway.client.payment.refund(payment["id"], {})
    assert gateway.client.payment.fetch(payment["id"])["status"] == "refunded"
    with pytest.raises(razorpay.errors.BadRequestError, match="fully refunded already"):
        gateway.client.payment.refund(payment["id"], {})


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"amount": None}, "The amount field is required."),
        ({"amount": 1.5}, "The amount must be an integer."),
        ({"amount": 99}, "The amount must be at least INR 1.00"),
        ({"amount": 10**10}, "Amount exceeds maximum amount allowed."),
        ({"amount": 99_991, "currency": "KWD"}, "last digit"),
        ({"currency": None}, "The currency field is required."),
        ({"receipt": "x" * 41}, "The receipt may not be greater than 40"),
        ({"notes": {str(n): "x" for n in range(16)}}, "less than or equal to 15"),
        ({"colour": "red"}, "colour is/are not required and should not be sent"),
    ],
)
def test_a_wrong_order_is_refused_in_razorpays_words(gateway: Gateway, fields: dict[str, Any], said: str) -> None:
    with pytest.raises(razorpay.errors.BadRequestError, match=said):
        gateway.order(**fields)
    assert gateway.client.order.all()["count"] == 0


def test_lists_are_newest_first_and_paged(gateway: Gateway) -> None:
    made = [gateway.order(receipt=f"r{n}")["id"] for n in range(12)]
    assert [order["id"] for order in gateway.client.order.all()["items"]] == made[::-1][:10]
    assert [order["id"] for order in gateway.client.order.all({"count": 5, "skip": 10})["items"]] == made[1::-1]
    assert gateway.client.order.all({"receipt": "r3"})["items"][0]["id"] == made[3]
    with pytest.raises(razorpay.errors.BadRequestError, match="may not be greater than 100"):
        gateway.client.order.all({"count": 101})


def test_manual_capture_happens_once_and_for_the_whole_amount(gateway: Gateway) -> None:
    order = gateway.order(payment={"capture": "manual"})
    payment_id = gateway.door(f"orders/{order['id']}/pay", outcome="success")["razorpay_payment_id"]
    with pytest.raises(razorpay.errors.BadRequestError, match="equal to the amount authorized"):
        gateway.client.payment.capture(payment_id, 49_999, {"currency": "INR"})
    assert gateway.client.payment.capture(payment_id, 50_000, {"currency": "INR"})["status"] == "captured"
    with pytest.raises(razorpay.errors.BadRequestError, match="already been captured"):
        gateway.client.payment.capture(payment_id, 50_000, {"currency": "INR"})


def test_a_repeated_refund_key_gives_the_first_answer(gateway: Gateway) -> None:
    order = gateway.order()
    payment_id = gateway.door(f"orders/{order['id']}/pay", outcome="success")["razorpay_payment_id"]

    def refund(key: str, amount: int) -> requests.Response:
        return requests.post(
            f"{gateway.url}/v1/payments/{payment_id}/refund",
            json={"amount": amount},
            auth=(KEY, SECRET),
            headers={"X-Refund-Idempotency": key},
            timeout=10,
        )

    first = refund("refund-key-1", 1000)
    assert refund("refund-key-1", 1000).json() == first.json()
    assert refund("refund-key-1", 2000).status_code == 409
    assert refund("short", 1000).status_code == 400
    assert gateway.client.payment.fetch(payment_id)["amount_refunded"] == 1000


def test_webhooks_are_signed_and_sent_again_until_taken(gateway: Gateway, shop: Shop) -> None:
    shop.status = 500
    order = gateway.order()
    gateway.door(f"orders/{order['id']}/pay", outcome="success")
    shop.wait_for(3)
    shop.status = 200
    events = shop.wait_for(6)
    assert {event["event"] for event in events} == {"payment.authorized", "payment.captured", "order.paid"}
    headers, body = shop.came[0]
    wanted = hmac.new(WEBHOOK_SECRET.encode(), body, hashlib.sha256).hexdigest()
    assert headers["X-Razorpay-Signature"] == wanted
    assert len({headers["X-Razorpay-Event-Id"] for headers, _ in shop.came}) == 3


def test_a_cut_connection_after_accepting_leaves_the_order_behind(gateway: Gateway) -> None:
    gateway.door("faults", on="order.create", do="cut")
    with pytest.raises(requests.ConnectionError):
        gateway.order(receipt="lost")
    assert (
        requests.Session()
        .get(f"{gateway.url}/v1/orders", params={"receipt": "lost"}, auth=(KEY, SECRET), timeout=10)
        .json()["count"]
        == 1
    )


def test_a_kill_loses_neither_orders_nor_undelivered_webhooks(gateway: Gateway, shop: Shop) -> None:
    gateway.door("faults", on="webhook", do="late", seconds=3, times=None)
    order = gateway.order()
    gateway.door(f"orders/{order['id']}/pay", outcome="success")
    gateway.kill()
    gateway.start()
    assert gateway.client.order.fetch(order["id"])["status"] == "paid"
    assert len(shop.wait_for(3)) == 3


def test_a_strangers_key_and_unknown_addresses_are_refused(gateway: Gateway) -> None:
    assert requests.get(f"{gateway.url}/v1/orders", auth=("x", "y"), timeout=10).status_code == 401
    unknown = requests.get(f"{gateway.url}/v1/nowhere", auth=(KEY, SECRET), timeout=10)
    assert (unknown.status_code, unknown.json()["error"]["description"]) == (
        400,
        "The requested URL was not found on the server.",
    )
