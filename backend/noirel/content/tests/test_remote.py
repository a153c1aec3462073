"""Fetching by an address that a stranger wrote."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from noirel.content import remote
from noirel.content.errors import PictureRefused
from noirel.content.remote import fetch_picture, public_address
from noirel.content.tests.make import RED, a_file, a_picture, as_file

Talk = Callable[[socket.socket, str], None]


@contextmanager
def a_host(talk: Talk) -> Iterator[str]:
    """A host that does with each connection what `talk` does, having read the request."""
    listening = socket.create_server(("127.0.0.1", 0))
    listening.settimeout(5)
    ended = threading.Event()

    def serve() -> None:
        while not ended.is_set():
            try:
                peer, _ = listening.accept()
            except OSError:
                return
            with peer:
                try:
                    talk(peer, peer.recv(65536).decode())
                except OSError:
                    continue

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{listening.getsockname()[1]}"
    finally:
        ended.set()
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(timeout=5)


def answer(status: str, body: bytes = b"", *headers: str) -> bytes:
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return ("\r\n".join(head) + "\r\n\r\n").encode() + body


@pytest.fixture
def let_in(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """This machine counts as public, by the name shop.example; the list tells which hosts were asked for."""
    asked: list[str] = []

    def known(host: str, port: int) -> str:
        asked.append(host)
        # Any port of this machine's; of others, those that the rule says.
        return "127.0.0.1" if host == "shop.example" else public_address(host, port)

    monkeypatch.setattr(remote, "public_address", known)
    return asked


def _at(host: str, path: str = "/a.png") -> str:
    return f"http://shop.example:{host.rpartition(':')[2]}{path}"


def test_a_picture_comes_clean(let_in: list[str]) -> None:
    requests: list[str] = []

    def talk(peer: socket.socket, request: str) -> None:
        requests.append(request)
        peer.sendall(answer("200 OK", a_file("PNG"), "Content-Type: text/html"))

    with a_host(talk) as host:
        picture = fetch_picture(_at(host, "/é a.png?v=1"))
    assert (picture.getpixel((0, 0)), picture.info) == (RED, {})
    assert requests[0].startswith("GET /%C3%A9%20a.png?v=1 HTTP/1.1\r\n")
    assert f"Host: {_at(host, '').removeprefix('http://')}\r\n" in requests[0]


def test_of_a_moving_picture_the_first_frame_is_taken(let_in: list[str]) -> None:
    moving = as_file(a_picture(), "GIF", save_all=True, append_images=[a_picture(colour=(0, 0, 0))])
    with a_host(lambda peer, _: peer.sendall(answer("200 OK", moving))) as host:
        assert fetch_picture(_at(host)).getpixel((0, 0)) == RED


@pytest.mark.parametrize(
    "inside",
    [
        "http://127.0.0.1/", "http://169.254.169.254/latest/meta-data/", "http://[::1]/", "http://10.0.0.8/", "http://0.0.0.0/",
        "http://[::ffff:127.0.0.1]/", "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/", "http://2130706433/", "http://0x7f.1/",
        "http://[fe80::1]/", "http://[fd00::1]/", "http://100.64.0.1/", "http://224.0.0.1/", "http://localhost/", "http://240.0.0.1/",
        "http://[fec0::1]/", "http://[64:ff9b:1::7f00:1]/", "http://[::7f00:1]/", "http://[2001:0:7f00:1::]/", "http://[3fff::1]/",
        "http://[ff02::1]/", "http://[5f00::1]/", "http://192.88.99.1/", "http://198.18.0.1/", "http://192.0.2.1/",
        "http://1.1.1.1:22/", "http://1.1.1.1:6379/", "https://1.1.1.1:8443/", "http://[2606:4700::1111]:25/",
        "file:///etc/passwd", "gopher://127.0.0.1/", "http://a@127.0.0.1/", "http:///", "http://[", "http://x:99999/", "",
    ],
)  # fmt: skip
def test_nothing_inside_is_fetched_neither_at_once_nor_by_a_redirect(inside: str, let_in: list[str]) -> None:
    with pytest.raises(PictureRefused):
        fetch_picture(inside)
    if inside:
        leads = answer("302 Found", b"", f"Location: {inside}")
        with a_host(lambda peer, _: peer.sendall(leads)) as host, pytest.raises(PictureRefused):
            fetch_picture(_at(host))


def test_a_circle_of_redirects_is_left(let_in: list[str]) -> None:
    leads = answer("301 Moved", b"", "Location: /a.png")
    with (
        a_host(lambda peer, _: peer.sendall(leads)) as host,
        pytest.raises(PictureRefused, match="from one address to the next"),
    ):
        fetch_picture(_at(host))
    assert len(let_in) == remote.MAX_REDIRECTS + 1


def test_a_body_without_an_end_is_left_at_the_limit(let_in: list[str], settings: Any) -> None:
    settings.MEDIA_MAX_BYTES = 100_000

    def talk(peer: socket.socket, _: str) -> None:
        peer.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        while True:
            peer.sendall(bytes(65536))

    with a_host(talk) as host, pytest.raises(PictureRefused, match="larger than"):
        fetch_picture(_at(host))


@pytest.mark.parametrize("beginning", [b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\n\r\n", b""])
def test_an_answer_that_drips_is_left_in_time(beginning: bytes, let_in: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "TOTAL_SECONDS", 0.3)

    def talk(peer: socket.socket, _: str) -> None:
        peer.sendall(beginning)
        while True:
            time.sleep(0.05)
            peer.sendall(b"x")

    began = time.monotonic()
    with a_host(talk) as host, pytest.raises(PictureRefused, match="took longer"):
        fetch_picture(_at(host))
    assert time.monotonic() - began < 3


@pytest.mark.parametrize(
    "said", [b"", b"\x16\x03\x01", answer("404 Not Found"), answer("200 OK", b"<html>"), answer("200 OK"), b"HTTP/1.1 200\r\n"]
)
def test_what_is_no_picture_is_a_refusal_and_nothing_else(said: bytes, let_in: list[str]) -> None:
    with a_host(lambda peer, _: peer.sendall(said)) as host, pytest.raises(PictureRefused):
        fetch_picture(_at(host))


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700:4700::1111", "::ffff:1.1.1.1", "2a00:1450:4001::1"])
def test_a_public_address_is_fetched_from(address: str) -> None:
    assert public_address(address, 443) == address.removeprefix("::ffff:") or address.startswith("::ffff:")


def test_a_name_is_looked_up_once_so_that_a_second_answer_cannot_lead_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    answers = iter(["93.184.215.14", "127.0.0.1"])

    def resolve(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    connected: list[Any] = []

    def connect(address: Any, *_: Any, **__: Any) -> socket.socket:
        connected.append(address)
        raise OSError("not in a test")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr("urllib3.util.connection.create_connection", connect)
    with pytest.raises(PictureRefused):
        fetch_picture("http://rebinding.example/a.png")
    assert asked == ["rebinding.example"]
    assert connected == [("93.184.215.14", 80)]


def test_a_name_with_one_address_inside_is_refused_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (text, 80)) for text in ("93.184.215.14", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
    with pytest.raises(PictureRefused, match="not a public address"):
        public_address("shop.example", 80)
