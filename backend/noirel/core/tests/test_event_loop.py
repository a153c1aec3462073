"""The event loop sends the same responses as a thread, answers simple requests only, and never blocks."""

import selectors
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from django.db import connection
from gunicorn.config import Config
from gunicorn.http.parser import RequestParser
from gunicorn.util import unquote_to_wsgi_str
from hypothesis import example, given
from hypothesis import strategies as st

from noirel.catalog.models import Product, Variant
from noirel.core.cache import responses
from noirel.core.domain.money import inr
from noirel.core.http.public import cache_key
from noirel.core.tests.test_fast_path import WSGIResponse
from noirel.fastpath import event_loop
from noirel.fastpath.event_loop import MAX_PENDING, EventLoop
from noirel.fastpath.request_parser import MAX_HEAD_BYTES, parse_request
from tests.make import make_variant

SIMPLE_REQUEST = b"GET /api/v1/products HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n"


def test_a_simple_request_is_parsed() -> None:
    head = (
        b"GET /api/v1/products?q=%C3%A9&x='a' HTTP/1.1\r\nhost: localhost:8000\r\nACCEPT:*/*  \r\nX-Request-Id: abcdefgh\r\n"
        b'If-None-Match: "a", W/"b"\r\nCookie: a=b; c="d"\r\nX-Forwarded-Proto: https\r\nConnection: Keep-Alive\r\n\r\n'
    )
    assert parse_request(head, is_proxy_trusted=True) == {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/api/v1/products",
        "QUERY_STRING": "q=%C3%A9&x='a'",
        "wsgi.url_scheme": "https",
        "HTTP_HOST": "localhost:8000",
        "HTTP_ACCEPT": "*/*",
        "HTTP_X_REQUEST_ID": "abcdefgh",
        "HTTP_IF_NONE_MATCH": '"a", W/"b"',
    }
    from_untrusted_peer = parse_request(head, is_proxy_trusted=False)
    assert from_untrusted_peer is not None
    assert from_untrusted_peer["wsgi.url_scheme"] == "http"


@pytest.mark.parametrize(
    "head",
    [
        SIMPLE_REQUEST[:-2],  # incomplete
        SIMPLE_REQUEST + b"G",  # followed by the next request
        SIMPLE_REQUEST.replace(b"GET", b"HEAD"),
        SIMPLE_REQUEST.replace(b"GET", b"get"),
        SIMPLE_REQUEST.replace(b"1.1", b"1.0"),
        SIMPLE_REQUEST.replace(b"/api/v1/products", b"/healthz"),
        SIMPLE_REQUEST.replace(b"/api/v1/products", b"http://localhost/api/v1/products"),
        SIMPLE_REQUEST.replace(b"/api/v1/products", b"/api/v1/products#a"),
        SIMPLE_REQUEST.replace(b"/api/v1/products", b"/api/v1/products?q=\xc3\xa9"),
        SIMPLE_REQUEST.replace(b"\r\n", b"\n"),
        SIMPLE_REQUEST.replace(b"*/*", b"*/*\x00"),
        SIMPLE_REQUEST.replace(b"*/*", b"*/*\rX: y"),
        SIMPLE_REQUEST.replace(b"Accept: */*", b"Accept : */*"),
        SIMPLE_REQUEST.replace(b"Accept: */*", b" Accept: */*"),
        SIMPLE_REQUEST.replace(b"Accept: */*", b"Host: evil.example"),
        SIMPLE_REQUEST.replace(b"Accept: */*", b"Content-Length: 0"),
        SIMPLE_REQUEST.replace(b"Accept: */*", b"Transfer-Encoding: chunked"),
        SIMPLE_REQUEST.replace(b"Accept: */*", b"Expect: 100-continue"),
        SIMPLE_REQUEST.replace(b"Accept: */*", b"Upgrade: h2c"),
        SIMPLE_REQUEST.replace(b"Accept: */*", b"Connection: close"),
        SIMPLE_REQUEST.replace(b"Accept: */*", b"X_Forwarded_Proto: https"),
        SIMPLE_REQUEST.replace(b"Accept: */*", b"X-Forwarded-Ssl: on"),
        SIMPLE_REQUEST.replace(b"*/*", b"a" * MAX_HEAD_BYTES),
        b"\x16\x03\x01\x02\x00",
        b"",
    ],
)
def test_any_other_request_is_left_to_gunicorn(head: bytes) -> None:
    assert parse_request(SIMPLE_REQUEST, is_proxy_trusted=True) is not None
    assert parse_request(head, is_proxy_trusted=True) is None


_FRAGMENTS = st.sampled_from(
    [
        *(
            b"\r\n",
            b"\n",
            b"\r",
            b":",
            b" ",
            b"\t",
            b"\x00",
            b"\xff",
            b"?",
            b"#",
            b"%",
            b"%C3%A9",
            b"%2f",
            b"_",
            b"\r\n\r\n",
            b"a",
        ),
        *(b"GET ", b" HTTP/1.1", b"Host: a", b"Content-Length: 5", b"Transfer-Encoding: chunked", b"If-None-Match: x"),
        b"X-Forwarded-Proto: https",
    ]
)


@given(st.one_of(st.binary(max_size=20), st.lists(_FRAGMENTS, max_size=4).map(b"".join)), st.integers(0, 90), st.integers(0, 8))
@example(b"\r\nContent-Length: 5", len(SIMPLE_REQUEST) - 4, 0)
@example(b"\r\nX-Forwarded-Proto: https", len(SIMPLE_REQUEST) - 4, 0)
def test_gunicorn_parses_every_accepted_request_in_the_same_way(junk: bytes, at: int, overwritten: int) -> None:
    """Nothing is left unread either, which Gunicorn would take for another request."""
    head = SIMPLE_REQUEST[:at] + junk + SIMPLE_REQUEST[at + overwritten :]
    environ = parse_request(head, is_proxy_trusted=True)
    if environ is None:
        return
    request = next(RequestParser(Config(), [head], ("127.0.0.1", 1)))
    assert (request.method, request.path, request.query, request.version) == (
        "GET", request.path, environ["QUERY_STRING"], (1, 1)
    )  # fmt: skip
    assert unquote_to_wsgi_str(request.path) == environ["PATH_INFO"]
    assert request.scheme == environ["wsgi.url_scheme"]
    assert not request.should_close()
    assert request.body.read() == b""
    assert request.unreader.take_buffered() == b""
    headers = {"HTTP_" + name.replace("-", "_"): value for name, value in request.headers}
    used = {name for name in environ if name.startswith("HTTP_")}
    assert {name: headers[name] for name in used} == {name: environ[name] for name in used}
    assert headers.keys() & {"HTTP_HOST", "HTTP_ACCEPT", "HTTP_IF_NONE_MATCH", "HTTP_X_REQUEST_ID"} == used


class Loop:
    """Stands in for Gunicorn's worker: a poller, threads, and a queue of their results."""

    def __init__(self) -> None:
        self.poller = selectors.DefaultSelector()
        self._done: list[Callable[[], None]] = []
        self.event_loop = EventLoop(self.poller, self._in_thread)
        self.until(lambda: all(self.event_loop._pipelines))

    def _in_thread(self, work: Callable[[], Any], then: Callable[[Any], None]) -> None:
        threading.Thread(target=lambda: self._done.append(partial(then, work()))).start()

    def until(self, condition: Callable[[], bool]) -> None:
        end = time.monotonic() + 10
        while not condition():
            assert time.monotonic() < end, "timed out"
            while self._done:
                self._done.pop()()
            for key, _ in self.poller.select(0.02):
                key.data(key.fileobj)

    def get(self, path: str, **headers: str) -> list["LoopResponse"]:
        return self.get_all([path], **headers)

    def get_all(self, paths: list[str], **headers: str) -> list["LoopResponse"]:
        """Send all requests before the first response is read."""
        received: list[LoopResponse | None] = [None] * len(paths)
        lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in {"Host": "localhost", **headers}.items())
        for at, path in enumerate(paths):

            def reply(parts: list[bytes] | None, at: int = at) -> None:
                assert received[at] is None, "answered twice"
                received[at] = LoopResponse(parts)

            head = f"GET /api/v1/{path} HTTP/1.1\r\n{lines}\r\n".encode()
            if not self.event_loop.handle(head, peer="127.0.0.1", is_proxy_trusted=True, reply=reply):
                reply(None)
        self.until(lambda: all(received))
        return [response for response in received if response]


class LoopResponse:
    def __init__(self, parts: list[bytes] | None) -> None:
        self.is_answered = parts is not None
        if parts is None:
            return
        head, _, self.body = b"".join(parts).partition(b"\r\n\r\n")
        status, *lines = head.decode().split("\r\n")
        self.status = int(status.split()[1])
        self.headers = dict(line.split(": ", 1) for line in lines)


@pytest.fixture
def loop(transactional_db: None) -> Iterator[Loop]:
    responses.response_cache.clear()
    running = Loop()
    yield running
    for pipeline in running.event_loop._pipelines:
        if pipeline:
            running.poller.unregister(pipeline.fileno())
            pipeline.close()


@pytest.fixture
def encre(transactional_db: None) -> Product:
    return make_variant(price=inr(14_500_00), on_hand=3, name="Encre").product


_SERVER_HEADERS = {"Server", "Date", "Connection", "X-Request-ID"}


@pytest.mark.parametrize("path", ["products", "products/{}", "categories", "search/suggest?q=enc"])
def test_the_loop_and_a_thread_send_the_same_bodies_and_headers(path: str, loop: Loop, encre: Product) -> None:
    path = path.format(encre.slug)
    by_thread = WSGIResponse(f"/api/v1/{path}")
    (by_loop,) = loop.get(path)
    assert by_loop.is_answered, "the response is cached"
    assert (by_loop.status, by_loop.body) == (by_thread.status, by_thread.body)
    own = {"X-Request-ID"}
    assert {k: v for k, v in by_loop.headers.items() if k not in _SERVER_HEADERS} == {
        k: v for k, v in by_thread.headers.items() if k not in own
    }
    (again,) = loop.get(path, If_None_Match=by_loop.headers["ETag"], X_Request_ID="given-by-client")
    not_modified = WSGIResponse(f"/api/v1/{path}", if_none_match=by_loop.headers["ETag"])
    assert (again.status, again.body, again.headers["X-Request-ID"]) == (304, b"", "given-by-client")
    assert again.headers.keys() - _SERVER_HEADERS == not_modified.headers.keys() - own


def test_concurrent_requests_for_an_uncached_page_share_one_build(loop: Loop, encre: Product) -> None:
    path = f"products/{encre.slug}"
    results = loop.get_all([path] * 8)
    assert {response.body for response in results} == {WSGIResponse(f"/api/v1/{path}").body}
    assert responses.response_cache.get(cache_key(f"/api/v1/{path}", "")) is not None


@pytest.mark.parametrize("path", ["products?q=enc", "products?in_stock=true", "search/suggest?q=enc"])
def test_the_loop_builds_a_list_whose_search_terms_are_cached(path: str, loop: Loop, encre: Product) -> None:
    by_thread = WSGIResponse(f"/api/v1/{path}")
    responses.response_cache.clear()
    (by_loop,) = loop.get(path)
    assert by_loop.is_answered
    assert (by_loop.status, by_loop.body) == (200, by_thread.body)
    assert responses.response_cache.get(cache_key(*f"/api/v1/{path}".split("?"))) is not None


def test_uncached_search_terms_are_left_to_a_thread(loop: Loop, encre: Product) -> None:
    WSGIResponse("/api/v1/products")
    (response,) = loop.get("search/suggest?q=encr")
    assert not response.is_answered


def test_a_request_over_https_gets_the_headers_for_https(loop: Loop, encre: Product, settings: Any) -> None:
    (response,) = loop.get(f"products/{encre.slug}", X_Forwarded_Proto="https")
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["products/nothing", "products?limit=1000", "products?colour=blue", "orders", "cart", "x"])
def test_refusals_are_left_to_a_thread(path: str, loop: Loop, encre: Product) -> None:
    (response,) = loop.get(path)
    assert not response.is_answered


def test_unknown_hosts_and_media_types_are_left_to_a_thread(loop: Loop, encre: Product) -> None:
    WSGIResponse("/api/v1/products")
    assert loop.get("products")[0].is_answered
    assert not loop.get("products", Host="evil.example")[0].is_answered
    assert not loop.get("products", Accept="text/html")[0].is_answered


def test_a_request_after_a_change_sees_the_change(loop: Loop, encre: Product) -> None:
    path = f"products/{encre.slug}"
    before = loop.get(path)[0].body
    for price in (1_000_00, 2_000_00):
        Variant.objects.filter(product=encre).update(price_amount=price)
        (after,) = loop.get(path)
        assert f'"amount" : {price}'.encode() in after.body or f'"amount":{price}'.encode() in after.body
        assert after.body != before
        before = after.body


def test_requests_go_to_threads_while_a_broken_connection_is_replaced(loop: Loop, encre: Product) -> None:
    path = f"products/{encre.slug}"
    assert loop.get(path)[0].is_answered
    with connection.cursor() as cursor:
        for pipeline in loop.event_loop._pipelines:
            assert pipeline
            cursor.execute("SELECT pg_terminate_backend(%s)", [pipeline._pgconn.backend_pid])
    assert not any(response.is_answered for response in loop.get_all([path] * 3)), "answered over a dead connection"
    loop.until(lambda: loop.get(path)[0].is_answered)


def test_a_failed_query_does_not_affect_the_next_one(loop: Loop) -> None:
    pipeline = loop.event_loop._pipelines[1]
    assert pipeline
    results: list[Any] = []
    pipeline.send("SELECT 1/%s::int", ["0"], results.append)
    pipeline.send("SELECT 1/%s::int", ["1"], results.append)
    pipeline.send("SELECT no such", [], results.append)
    pipeline.send("SELECT repeat('a', %s::int)", ["3000000"], results.append)
    loop.until(lambda: len(results) == 4)
    assert results == [None, [[b"1"]], None, [[b"a" * 3_000_000]]]
    assert not pipeline.is_closed


def test_a_deallocated_statement_is_prepared_again(loop: Loop, encre: Product) -> None:
    path = f"products/{encre.slug}"
    assert loop.get(path)[0].is_answered
    for pipeline in loop.event_loop._pipelines:
        assert pipeline
        pipeline.send("DEALLOCATE ALL", [], lambda _: None)
    encre.save()
    loop.get(path)  # falls back to a thread
    loop.get(path)  # again, for the second connection
    assert loop.get(path)[0].is_answered


def test_the_next_request_after_the_timeout_drops_a_stalled_connection(
    loop: Loop, encre: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_loop, "TIMEOUT_SECONDS", 0.2)
    pipeline = loop.event_loop._pipelines[1]
    assert pipeline
    results: list[Any] = []
    sleeping_pid = pipeline._pgconn.backend_pid
    pipeline.send("SELECT pg_sleep(60)", [], results.append)
    head = f"GET /api/v1/products/{encre.slug} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    assert loop.event_loop.handle(head, peer="127.0.0.1", is_proxy_trusted=False, reply=results.append)
    time.sleep(0.3)
    assert results == []
    assert not loop.event_loop.handle(head, peer="127.0.0.1", is_proxy_trusted=False, reply=results.append), "left to a thread"
    assert results == [None, None]
    loop.until(lambda: loop.get(f"products/{encre.slug}")[0].is_answered)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [sleeping_pid])


def test_requests_beyond_the_limit_of_a_connection_go_to_threads(loop: Loop, encre: Product) -> None:
    pipeline = loop.event_loop._pipelines[1]
    assert pipeline
    results: list[Any] = []
    for _ in range(MAX_PENDING + 1):
        pipeline.send("SELECT pg_sleep(0.001)", [], results.append)
    assert not loop.get(f"products/{encre.slug}")[0].is_answered
