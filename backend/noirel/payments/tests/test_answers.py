"""Invalid responses from the gateway, over a socket: they must be treated as "result unknown"."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from noirel.payments.errors import GatewayUnavailable
from noirel.payments.razorpay import RazorpayGateway

AT = datetime(2026, 11, 23, tzinfo=UTC)
CALLS: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("create_order", (), {"amount": 1_00, "currency": "INR", "receipt": "r", "notes": {}, "manual": False}),
    ("find_order", (), {"receipt": "r", "amount": 1_00, "currency": "INR"}),
    ("payment", ("pay_1",), {}),
    ("payments_for_order", ("order_1",), {}),
    ("capture", ("pay_1",), {"amount": 1_00, "currency": "INR"}),
    ("refund", ("pay_1",), {"amount": 1_00, "key": "refund-0123456789", "notes": {}}),
    ("refunds_for_payment", ("pay_1",), {}),
    ("payments_between", (AT, AT), {}),
    ("refunds_between", (AT, AT), {}),
    ("settlements_between", (AT, AT), {}),
    ("settlement_lines_on", (AT.date(),), {}),
]


class InvalidResponses(BaseHTTPRequestHandler):
    payload: Any = {}

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = json.dumps(self.payload).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_: Any) -> None:
        """Do not log requests."""


@pytest.fixture
def client() -> Iterator[RazorpayGateway]:
    server = HTTPServer(("127.0.0.1", 0), InvalidResponses)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield RazorpayGateway(key_id="rzp_test_1", key_secret="x", base_url=f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("payload", [{}, {"items": None}, {"items": [{}]}, {"items": "x"}, {"id": None, "amount": "1.00"}, []])
def test_an_invalid_response_is_reported_as_gateway_unavailable(client: RazorpayGateway, payload: Any) -> None:
    InvalidResponses.payload = payload
    for name, args, kwargs in CALLS:
        if (name, payload) == ("find_order", {"items": [{}]}):
            assert client.find_order(receipt="r", amount=1_00, currency="INR") is None
            continue
        with pytest.raises(GatewayUnavailable):
            getattr(client, name)(*args, **kwargs)
