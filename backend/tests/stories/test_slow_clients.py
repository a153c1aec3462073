"""Clients that send slowly, stop halfway, or send what can't be read: they hold no thread, and are told why they are closed."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
import requests
from django.db import connection

from tests.shopping import RunningShop, free_port

pytestmark = pytest.mark.django_db(transaction=True)
SECONDS = 3  # REQUEST_SECONDS
LOGIN = "/api/v1/auth/login"


@pytest.fixture(scope="module")
def shop(django_db_setup: None) -> Iterator[RunningShop]:
    running = RunningShop(
        port=free_port(), gateway_url="http://127.0.0.1:9", database=connection.settings_dict, REQUEST_SECONDS=str(SECONDS)
    )
    yield running
    running.stop()


@pytest.fixture
def dial(shop: RunningShop) -> Iterator[Callable[[], socket.socket]]:
    with ExitStack() as stack:

        def one() -> socket.socket:
            made = stack.enter_context(socket.create_connection(("127.0.0.1", shop.port), timeout=20))
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return made

        yield one


def head(*lines: str, method: str = "POST", path: str = LOGIN) -> bytes:
    return "\r\n".join(
        [f"{method} {path} HTTP/1.1", "Host: localhost", "Content-Type: application/json", *lines, "", ""]
    ).encode()


def answer(client: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """The next response on a connection: status, headers, body. Interim responses (1xx) are passed over."""
    file = client.makefile("rb", buffering=0)  # and no byte of the next response
    while True:
        status = int(file.readline().split()[1])
        headers = {}
        while line := file.readline().rstrip(b"\r\n"):
            name, _, value = line.decode().partition(": ")
            headers[name.lower()] = value
        if status >= 200:
            body = b""
            while len(body) < int(headers.get("content-length", 0)):
                body += file.read(int(headers["content-length"]) - len(body)) or b""
            return status, headers, body


def is_closed(client: socket.socket) -> bool:
    try:
        return client.recv(1) == b""
    except ConnectionResetError:
        return True


def test_64_half_sent_bodies_hold_no_thread_and_are_closed_after_the_deadline(
    shop: RunningShop, dial: Callable[[], socket.socket]
) -> None:
    clients = [dial() for _ in range(64)]
    began = time.monotonic()
    for client in clients:
        client.sendall(head("Content-Length: 100") + b'{"email": ')
    time.sleep(0.2)
    for _ in range(10):
        asked = time.monotonic()
        assert requests.get(f"{shop.url}/api/v1/orders/NE-NOTHERE", timeout=5).status_code == 404
        assert requests.post(f"{shop.url}{LOGIN}", json={}, timeout=5).status_code == 400
        assert time.monotonic() - asked < 1
    for client in clients:
        status, headers, body = answer(client)
        assert (status, headers["content-type"]) == (408, "application/problem+json")
        assert json.loads(body)["code"] == "request_timeout"
        assert is_closed(client)
    assert SECONDS <= time.monotonic() - began < SECONDS + 5


def test_half_sent_heads_are_closed_after_the_deadline_too(shop: RunningShop, dial: Callable[[], socket.socket]) -> None:
    clients = [dial() for _ in range(64)]
    for number, client in enumerate(clients):
        client.sendall(head("Content-Length: 2")[: 5 + number])
    assert requests.get(f"{shop.url}/healthz", timeout=2).ok
    assert {answer(client)[0] for client in clients} == {408}


def test_bytes_that_were_sent_quickly_earn_no_silence(dial: Callable[[], socket.socket]) -> None:
    client = dial()
    client.sendall(head(f"Content-Length: {9 * 2**20}", path="/api/v1/webhooks/razorpay") + b"x" * 8 * 2**20)
    began = time.monotonic()
    assert answer(client)[0] == 408
    assert time.monotonic() - began < SECONDS + 5


def test_clients_that_never_close_do_not_stop_the_loop(shop: RunningShop, dial: Callable[[], socket.socket]) -> None:
    """Gunicorn waits two seconds for each of them, in the thread that serves all others."""
    clients = [dial() for _ in range(16)]
    for client in clients:
        client.sendall(head("Connection: close", method="GET", path="/healthz"))
        assert answer(client)[0] == 200
    asked = time.monotonic()
    assert requests.get(f"{shop.url}/api/v1/products", timeout=5).ok
    assert time.monotonic() - asked < 1


def test_a_body_in_drops_is_a_body(dial: Callable[[], socket.socket]) -> None:
    client = dial()
    body = json.dumps({"email": "nobody@example.com", "password": "wrong password"}).encode()
    for byte in head(f"Content-Length: {len(body)}") + body:
        client.sendall(bytes([byte]))
    status, _, said = answer(client)
    assert (status, json.loads(said)["code"]) == (401, "invalid_credentials")


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_a_chunked_body_is_read_as_one_with_a_length(dial: Callable[[], socket.socket], size: int) -> None:
    body = json.dumps({"email": "nobody@example.com", "password": "wrong password"}).encode()
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    chunks = b"".join(b"%x;a=b\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\nX-Trailer: 1\r\n\r\n"
    client = dial()
    for _ in range(2):  # and the connection goes on behind it
        client.sendall(head("Transfer-Encoding: chunked") + chunks)
        status, _, said = answer(client)
        assert (status, json.loads(said)["code"]) == (401, "invalid_credentials")


def test_requests_behind_each_other_are_answered_in_order_whatever_their_framing(dial: Callable[[], socket.socket]) -> None:
    client = dial()
    one = head("Transfer-Encoding: chunked") + b"2\r\n{}\r\n0\r\n\r\n"
    two = head(method="GET", path="/api/v1/orders/NE-NOTHERE")
    three = head("Content-Length: 2") + b"[]"
    client.sendall(one + two + three + two)
    assert [answer(client)[0] for _ in range(4)] == [400, 404, 400, 404]


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        (("Content-Length: 5", "Transfer-Encoding: chunked"), 400),
        (("Content-Length: 5", "Content-Length: 5"), 400),
        (("Content-Length: 5, 5",), 400),
        (("Content-Length: +5",), 400),
        (("Content-Length: 0x5",), 400),
        (("Content-Length: ",), 400),
        (("Transfer-Encoding: gzip, chunked",), 501),
        (("Transfer-Encoding: chunked, identity",), 501),
        (("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"), 400),
        (("Transfer-Encoding:", " chunked"), 400),
        (("X: " + "a" * 70_000,), 431),
    ],
)
def test_a_request_whose_end_is_in_doubt_is_refused(
    dial: Callable[[], socket.socket], lines: tuple[str, ...], status: int
) -> None:
    client = dial()
    client.sendall(head(*lines) + b"5\r\nhello\r\n0\r\n\r\n")
    said = answer(client)
    assert said[0] == status
    assert said[1]["connection"] == "close"
    assert "request_id" in json.loads(said[2])
    assert is_closed(client)


@pytest.mark.parametrize(
    ("request_head", "status", "code"),
    [
        (head(method="GET", path="/api/v1/products/" + "a" * 5000), 414, "address_too_long"),
        (head("X: " + "a" * 10_000), 431, "headers_too_large"),
        (head(*(f"X{n}: a" for n in range(200))), 431, "headers_too_large"),
        (head("Authorization : Bearer a-secret"), 400, "malformed"),
        (head("X(Y: a-secret"), 400, "malformed"),
        (head("Expect: a-secret", "Content-Length: 0"), 417, "expectation_failed"),
        (b"GET /healthz a-secret HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, "malformed"),
    ],
)
def test_a_head_that_cannot_be_read_is_a_problem_which_quotes_nothing(
    dial: Callable[[], socket.socket], request_head: bytes, status: int, code: str
) -> None:
    client = dial()
    client.sendall(request_head)
    given, headers, body = answer(client)
    assert (given, headers["content-type"], json.loads(body)["code"]) == (status, "application/problem+json", code)
    assert (headers["cache-control"], headers["x-content-type-options"]) == ("no-store", "nosniff")
    assert json.loads(body)["request_id"] == headers["x-request-id"]
    assert b"secret" not in body
    assert is_closed(client)


@pytest.mark.parametrize("body", [b"zz\r\n", b"-1\r\n", b"5\r\nhelloX\r\n", b"\r\n", b"5 5\r\n", b"1" * 2000])
def test_a_chunk_that_is_none_is_refused(dial: Callable[[], socket.socket], body: bytes) -> None:
    client = dial()
    client.sendall(head("Transfer-Encoding: chunked") + body)
    assert answer(client)[0] == 400


@pytest.mark.parametrize("is_chunked", [False, True])
def test_a_body_that_is_too_large_is_told_so(shop: RunningShop, is_chunked: bool) -> None:
    body = b'"' + b"x" * 1_100_000 + b'"'
    data = iter([body[:600_000], body[600_000:]]) if is_chunked else body
    told = requests.post(f"{shop.url}{LOGIN}", data=data, headers={"Content-Type": "application/json"}, timeout=10)
    assert (told.status_code, told.json()["code"]) == (413, "body_too_large")
    assert told.headers["X-Content-Type-Options"] == "nosniff"


def test_whoever_waits_for_a_hundred_gets_one(dial: Callable[[], socket.socket]) -> None:
    client = dial()
    client.sendall(head("Content-Length: 2", "Expect: 100-continue"))
    assert client.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
    client.sendall(b"{}")
    assert client.recv(13) == b"HTTP/1.1 400 "
