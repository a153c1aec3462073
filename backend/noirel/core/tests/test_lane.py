"""The loop's way gives the same answers as a thread's, takes only what is plain, and never waits."""

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
from noirel.core.tests.test_quick import Answered
from noirel.fastpath import event_loop
from noirel.fastpath.event_loop import MAX_PENDING, EventLoop
from noirel.fastpath.request_parser import MAX_HEAD_BYTES, parse_request
from tests.make import make_variant

PLAIN = b"GET /api/v1/products HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n"


def test_a_plain_head_is_read() -> None:
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
    stranger = parse_request(head, is_proxy_trusted=False)
    assert stranger is not None
    assert stranger["wsgi.url_scheme"] == "http"


@pytest.mark.parametrize(
    "head",
    [
        PLAIN[:-2],  # not all of it
        PLAIN + b"G",  # the next one behind it
        PLAIN.replace(b"GET", b"HEAD"),
        PLAIN.replace(b"GET", b"get"),
        PLAIN.replace(b"1.1", b"1.0"),
        PLAIN.replace(b"/api/v1/products", b"/healthz"),
        PLAIN.replace(b"/api/v1/products", b"http://localhost/api/v1/products"),
        PLAIN.replace(b"/api/v1/products", b"/api/v1/products#a"),
        PLAIN.replace(b"/api/v1/products", b"/api/v1/products?q=\xc3\xa9"),
        PLAIN.replace(b"\r\n", b"\n"),
        PLAIN.replace(b"*/*", b"*/*\x00"),
        PLAIN.replace(b"*/*", b"*/*\rX: y"),
        PLAIN.replace(b"Accept: */*", b"Accept : */*"),
        PLAIN.replace(b"Accept: */*", b" Accept: */*"),
        PLAIN.replace(b"Accept: */*", b"Host: evil.example"),
        PLAIN.replace(b"Accept: */*", b"Content-Length: 0"),
        PLAIN.replace(b"Accept: */*", b"Transfer-Encoding: chunked"),
        PLAIN.replace(b"Accept: */*", b"Expect: 100-continue"),
        PLAIN.replace(b"Accept: */*", b"Upgrade: h2c"),
        PLAIN.replace(b"Accept: */*", b"Connection: close"),
        PLAIN.replace(b"Accept: */*", b"X_Forwarded_Proto: https"),
        PLAIN.replace(b"Accept: */*", b"X-Forwarded-Ssl: on"),
        PLAIN.replace(b"*/*", b"a" * MAX_HEAD_BYTES),
        b"\x16\x03\x01\x02\x00",
        b"",
    ],
)
def test_any_other_head_is_left_to_gunicorn(head: bytes) -> None:
    assert parse_request(PLAIN, is_proxy_trusted=True) is not None
    assert parse_request(head, is_proxy_trusted=True) is None


_PIECES = st.sampled_from(
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


@given(st.one_of(st.binary(max_size=20), st.lists(_PIECES, max_size=4).map(b"".join)), st.integers(0, 90), st.integers(0, 8))
@example(b"\r\nContent-Length: 5", len(PLAIN) - 4, 0)
@example(b"\r\nX-Forwarded-Proto: https", len(PLAIN) - 4, 0)
def test_gunicorn_reads_the_same_in_whatever_is_read(junk: bytes, at: int, over: int) -> None:
    """And nothing is left behind it, which would be taken for another request."""
    head = PLAIN[:at] + junk + PLAIN[at + over :]
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
    looked_at = {name for name in environ if name.startswith("HTTP_")}
    assert {name: headers[name] for name in looked_at} == {name: environ[name] for name in looked_at}
    assert headers.keys() & {"HTTP_HOST", "HTTP_ACCEPT", "HTTP_IF_NONE_MATCH", "HTTP_X_REQUEST_ID"} == looked_at


class Loop:
    """What Gunicorn's worker is to a lane."""

    def __init__(self) -> None:
        self.poller = selectors.DefaultSelector()
        self._done: list[Callable[[], None]] = []
        self.lane = EventLoop(self.poller, self._in_thread)
        self.until(lambda: all(self.lane._pipelines))

    def _in_thread(self, work: Callable[[], Any], then: Callable[[Any], None]) -> None:
        threading.Thread(target=lambda: self._done.append(partial(then, work()))).start()

    def until(self, is_so: Callable[[], bool]) -> None:
        end = time.monotonic() + 10
        while not is_so():
            assert time.monotonic() < end, "nothing more came"
            while self._done:
                self._done.pop()()
            for key, _ in self.poller.select(0.02):
                key.data(key.fileobj)

    def ask(self, path: str, **headers: str) -> list["Taken"]:
        return self.ask_all([path], **headers)

    def ask_all(self, paths: list[str], **headers: str) -> list["Taken"]:
        """All at once."""
        told: list[Taken | None] = [None] * len(paths)
        lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in {"Host": "localhost", **headers}.items())
        for at, path in enumerate(paths):

            def reply(parts: list[bytes] | None, at: int = at) -> None:
                assert told[at] is None, "answered twice"
                told[at] = Taken(parts)

            head = f"GET /api/v1/{path} HTTP/1.1\r\n{lines}\r\n".encode()
            if not self.lane.handle(head, peer="127.0.0.1", is_proxy_trusted=True, reply=reply):
                reply(None)
        self.until(lambda: all(told))
        return [one for one in told if one]


class Taken:
    def __init__(self, parts: list[bytes] | None) -> None:
        self.is_taken = parts is not None
        if parts is None:
            return
        head, _, self.body = b"".join(parts).partition(b"\r\n\r\n")
        status, *lines = head.decode().split("\r\n")
        self.status = int(status.split()[1])
        self.headers = dict(line.split(": ", 1) for line in lines)


@pytest.fixture
def loop(transactional_db: None) -> Iterator[Loop]:
    responses.response_cache.clear()
    made = Loop()
    yield made
    for line in made.lane._pipelines:
        if line:
            made.poller.unregister(line.fileno())
            line.close()


@pytest.fixture
def encre(transactional_db: None) -> Product:
    return make_variant(price=inr(14_500_00), on_hand=3, name="Encre").product


_OF_THE_SERVER = {"Server", "Date", "Connection", "X-Request-ID"}


@pytest.mark.parametrize("path", ["products", "products/{}", "categories", "search/suggest?q=enc"])
def test_the_loop_and_a_thread_say_the_same_with_the_same_headers(path: str, loop: Loop, encre: Product) -> None:
    path = path.format(encre.slug)
    by_thread = Answered(f"/api/v1/{path}")
    (by_loop,) = loop.ask(path)
    assert by_loop.is_taken, "it is on the shelf"
    assert (by_loop.status, by_loop.body) == (by_thread.status, by_thread.body)
    own = {"X-Request-ID"}
    assert {k: v for k, v in by_loop.headers.items() if k not in _OF_THE_SERVER} == {
        k: v for k, v in by_thread.headers.items() if k not in own
    }
    (again,) = loop.ask(path, If_None_Match=by_loop.headers["ETag"], X_Request_ID="somebody-says")
    not_modified = Answered(f"/api/v1/{path}", if_none_match=by_loop.headers["ETag"])
    assert (again.status, again.body, again.headers["X-Request-ID"]) == (304, b"", "somebody-says")
    assert again.headers.keys() - _OF_THE_SERVER == not_modified.headers.keys() - own


def test_a_page_that_nobody_has_asked_for_is_made_by_the_loop_once_for_all(loop: Loop, encre: Product) -> None:
    path = f"products/{encre.slug}"
    answers = loop.ask_all([path] * 8)
    assert {one.body for one in answers} == {Answered(f"/api/v1/{path}").body}
    assert responses.response_cache.get(cache_key(f"/api/v1/{path}", "")) is not None


@pytest.mark.parametrize("path", ["products?q=enc", "products?in_stock=true", "search/suggest?q=enc"])
def test_a_list_of_words_that_were_found_lately_is_made_by_the_loop(path: str, loop: Loop, encre: Product) -> None:
    by_thread = Answered(f"/api/v1/{path}")
    responses.response_cache.clear()
    (by_loop,) = loop.ask(path)
    assert by_loop.is_taken
    assert (by_loop.status, by_loop.body) == (200, by_thread.body)
    assert responses.response_cache.get(cache_key(*f"/api/v1/{path}".split("?"))) is not None


def test_words_that_nobody_has_asked_for_are_a_threads_to_find(loop: Loop, encre: Product) -> None:
    Answered("/api/v1/products")
    (told,) = loop.ask("search/suggest?q=encr")
    assert not told.is_taken


def test_https_is_told_what_https_is_told(loop: Loop, encre: Product, settings: Any) -> None:
    (taken,) = loop.ask(f"products/{encre.slug}", X_Forwarded_Proto="https")
    assert taken.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["products/nothing", "products?limit=1000", "products?colour=blue", "orders", "cart", "x"])
def test_what_is_refused_is_a_threads_to_say(path: str, loop: Loop, encre: Product) -> None:
    (told,) = loop.ask(path)
    assert not told.is_taken


def test_strange_hosts_and_wishes_are_a_threads(loop: Loop, encre: Product) -> None:
    Answered("/api/v1/products")
    assert loop.ask("products")[0].is_taken
    assert not loop.ask("products", Host="evil.example")[0].is_taken
    assert not loop.ask("products", Accept="text/html")[0].is_taken


def test_a_change_is_seen_by_whoever_asks_after_it(loop: Loop, encre: Product) -> None:
    path = f"products/{encre.slug}"
    before = loop.ask(path)[0].body
    for price in (1_000_00, 2_000_00):
        Variant.objects.filter(product=encre).update(price_amount=price)
        (after,) = loop.ask(path)
        assert f'"amount" : {price}'.encode() in after.body or f'"amount":{price}'.encode() in after.body
        assert after.body != before
        before = after.body


def test_a_line_that_breaks_sends_its_callers_to_a_thread_and_comes_back(loop: Loop, encre: Product) -> None:
    path = f"products/{encre.slug}"
    assert loop.ask(path)[0].is_taken
    with connection.cursor() as cursor:
        for line in loop.lane._pipelines:
            assert line
            cursor.execute("SELECT pg_terminate_backend(%s)", [line._server.backend_pid])
    assert not any(one.is_taken for one in loop.ask_all([path] * 3)), "asked over a line that is dead"
    loop.until(lambda: loop.ask(path)[0].is_taken)


def test_a_question_that_fails_is_nothing_to_the_next_one(loop: Loop) -> None:
    line = loop.lane._pipelines[1]
    assert line
    told: list[Any] = []
    line.send("SELECT 1/%s::int", ["0"], told.append)
    line.send("SELECT 1/%s::int", ["1"], told.append)
    line.send("SELECT no such", [], told.append)
    line.send("SELECT repeat('a', %s::int)", ["3000000"], told.append)
    loop.until(lambda: len(told) == 4)
    assert told == [None, [[b"1"]], None, [[b"a" * 3_000_000]]]
    assert not line.is_closed


def test_what_was_prepared_and_is_forgotten_is_prepared_again(loop: Loop, encre: Product) -> None:
    path = f"products/{encre.slug}"
    assert loop.ask(path)[0].is_taken
    for line in loop.lane._pipelines:
        assert line
        line.send("DEALLOCATE ALL", [], lambda _: None)
    encre.save()
    loop.ask(path)  # by a thread
    loop.ask(path)  # and again: there are two lines
    assert loop.ask(path)[0].is_taken


def test_nobody_waits_longer_for_a_silent_line_than_until_the_next_asks(
    loop: Loop, encre: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_loop, "TIMEOUT_SECONDS", 0.2)
    line = loop.lane._pipelines[1]
    assert line
    told: list[Any] = []
    asleep = line._server.backend_pid
    line.send("SELECT pg_sleep(60)", [], told.append)
    head = f"GET /api/v1/products/{encre.slug} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    assert loop.lane.handle(head, peer="127.0.0.1", is_proxy_trusted=False, reply=told.append)
    time.sleep(0.3)
    assert told == []
    assert not loop.lane.handle(head, peer="127.0.0.1", is_proxy_trusted=False, reply=told.append), "a thread's"
    assert told == [None, None]
    loop.until(lambda: loop.ask(f"products/{encre.slug}")[0].is_taken)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [asleep])


def test_more_than_a_line_bears_go_to_threads(loop: Loop, encre: Product) -> None:
    line = loop.lane._pipelines[1]
    assert line
    told: list[Any] = []
    for _ in range(MAX_PENDING + 1):
        line.send("SELECT pg_sleep(0.001)", [], told.append)
    assert not loop.ask(f"products/{encre.slug}")[0].is_taken
