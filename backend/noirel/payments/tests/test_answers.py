"""An answer that is none, over a socket: what happened at the gateway is unknown, and that is all that is known."""

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


class Nonsense(BaseHTTPRequestHandler):
    says: Any = {}

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = json.dumps(self.says).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_: Any) -> None:
        """Nothing to tell."""


@pytest.fixture
def silly() -> Iterator[RazorpayGateway]:
    server = HTTPServer(("127.0.0.1", 0), Nonsense)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield RazorpayGateway(key_id="rzp_test_1", key_secret="x", base_url=f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("says", [{}, {"items": None}, {"items": [{}]}, {"items": "x"}, {"id": None, "amount": "1.00"}, []])
def test_an_answer_that_is_none_is_no_answer(silly: RazorpayGateway, says: Any) -> None:
    Nonsense.says = says
    for name, values, named in CALLS:
        if (name, says) == ("find_order", {"items": [{}]}):
            assert silly.find_order(receipt="r", amount=1_00, currency="INR") is None
            continue
        with pytest.raises(GatewayUnavailable):
            getattr(silly, name)(*values, **named)
