"""The short way for a loop, which must never wait: from the bytes of a request to those of its answer.

What is on the shelf and stands is given at once. Else the loop asks PostgreSQL over a line of its own (postgres/line.py) and
goes on with other callers until the answer is there: whether what is kept still stands, one question for all who come in the
meantime, or what a page is made of, for views that can be made in steps. Whoever would have to wait for anything else goes the
long way, by a thread.
"""

import logging
import selectors
import time
from collections.abc import Callable
from email.utils import formatdate
from functools import lru_cache, partial
from typing import Any, NamedTuple

from django.db import connection
from django.http import QueryDict

from noirel.core.cache import responses
from noirel.core.cache.invalidation import CHANGES_SQL
from noirel.core.cache.redis import redis_cache
from noirel.core.cache.responses import CacheEntry, Payload, change_log, get_fresh, response_cache, store
from noirel.core.client_address import client_address
from noirel.core.db.pipeline import Callback, Pipeline
from noirel.core.db.queries import Query, QueryPlan, Rows
from noirel.core.http.public import PublicView, cache_key, etag_matches
from noirel.core.request_id import begin, end, log_response
from noirel.fastpath.eligibility import Environ, is_eligible, public_views, resolve_view, response_headers
from noirel.fastpath.request_parser import parse_request

# More than this wait no longer for one line: threads have lines of their own.
MAX_PENDING = 32
TIMEOUT_SECONDS = 5.0  # seconds for a line that says nothing: what is asked here is answered in milliseconds
RECONNECT_SECONDS = 1.0  # seconds without a line, after one that broke
log = logging.getLogger("noirel.lane")
_EMPTY_QUERY = QueryDict("")

# Called with what to send, or with None: the long way.
Reply = Callable[[list[bytes] | None], None]
# Do the first in a thread, then the second in the loop, with what the first returned.
RunInThread = Callable[[Callable[[], Any], Callable[[Any], None]], None]


class _PendingRequest(NamedTuple):
    environ: Environ
    view: type[PublicView]
    where: dict[str, str]
    key: str
    arrived: float  # by time.monotonic()
    began: float  # by time.perf_counter()
    reply: Reply


class EventLoop:
    """For one thread: the loop's."""

    def __init__(self, poller: selectors.BaseSelector, in_thread: RunInThread) -> None:
        self._poller, self._in_thread = poller, in_thread
        # One to ask whether answers stand, which is never behind a long one, and one to make them.
        self._pipelines: list[Pipeline | None] = [None, None]
        self._retry_at = [0.0, 0.0]
        self._needs_flush = [False, False]  # there is more to send than the socket took
        self._awaiting_validation: list[_PendingRequest] = []
        self._is_validating = False
        self._being_built: dict[str, list[_PendingRequest]] = {}
        for place in range(len(self._pipelines)):
            self._connect(place)
        in_thread(_warm_up, lambda _: None)

    def handle(self, head: bytes, *, peer: str, is_proxy_trusted: bool, reply: Reply) -> bool:
        """Whether it is answered here: `reply` is called then, now or later. peer: the other end's address."""
        arrived, began = time.monotonic(), time.perf_counter()
        environ = parse_request(head, is_proxy_trusted=is_proxy_trusted)
        if environ is None:
            return False
        environ["REMOTE_ADDR"] = peer
        path, query = environ["PATH_INFO"], environ["QUERY_STRING"]
        view, where = resolve_view(path)
        if view is None or not is_eligible(environ, query):
            return False
        return self._dispatch(_PendingRequest(environ, view, where, cache_key(path, query), arrived, began, reply))

    def _dispatch(self, asked: _PendingRequest) -> bool:
        if found := get_fresh(asked.key, asked.arrived):
            self._respond(asked, found)
            return True
        if response_cache.get(asked.key) is not None and not responses.is_recently_validated(asked.arrived):
            return self._validate(asked)
        return self._build(asked)

    def _validate(self, asked: _PendingRequest) -> bool:
        """Ask whether what is kept still stands, unless somebody does."""
        line = self._pipeline(0)
        if line is None:
            return False
        self._awaiting_validation.append(asked)
        if not self._is_validating:
            self._is_validating = True
            self._send(0, line, Query(CHANGES_SQL), partial(self._on_changes, time.monotonic()))
        return True

    def _on_changes(self, when: float, rows: Rows | None) -> None:
        waiting, self._awaiting_validation, self._is_validating = self._awaiting_validation, [], False
        if rows:
            change_log.apply(when, rows[0][0])
        for asked in waiting:
            if not rows or not self._dispatch(asked):
                asked.reply(None)

    def _build(self, asked: _PendingRequest) -> bool:
        line = self._pipeline(1)
        if line is None or line.pending > MAX_PENDING or (asked.view.is_shared and redis_cache() is not None):
            return False
        if response_cache.limit and (others := self._being_built.get(asked.key)) is not None:
            others.append(asked)
            return True
        query = asked.environ["QUERY_STRING"]
        stood = change_log.sequence  # before it is begun: what is read then is as new, or newer
        try:
            steps = asked.view.query_plan(QueryDict(query) if query else _EMPTY_QUERY, asked.where)
        except Exception:
            return False  # refused: the long way says so
        if steps is None:
            return False
        self._being_built[asked.key] = []
        self._step(asked, steps, stood, None)
        return True

    def _step(self, asked: _PendingRequest, steps: QueryPlan[Payload | None], stood: int, rows: Rows | None) -> None:
        try:
            question = next(steps) if rows is None else steps.send(rows)
        except StopIteration as stop:
            if stop.value is None:
                asked.reply(None)
            else:
                self._respond(asked, store(asked.key, stop.value, validated_at=stood))
        except Exception:
            asked.reply(None)  # refused, or broken: the long way says so, and writes it down
        else:
            if (line := self._pipeline(1)) is not None:
                self._send(1, line, question, partial(self._on_rows, asked, steps, stood))
                return
            asked.reply(None)
        for other in self._being_built.pop(asked.key, ()):
            if not self._dispatch(other):
                other.reply(None)

    def _on_rows(self, asked: _PendingRequest, steps: QueryPlan[Payload | None], stood: int, rows: Rows | None) -> None:
        if rows is not None:
            self._step(asked, steps, stood, rows)
            return
        steps.close()
        for each in [asked, *self._being_built.pop(asked.key, ())]:
            each.reply(None)

    def _respond(self, asked: _PendingRequest, found: CacheEntry) -> None:
        environ = asked.environ
        request_id, token = begin(environ.get("HTTP_X_REQUEST_ID", ""))
        is_304 = etag_matches(environ.get("HTTP_IF_NONE_MATCH", ""), found.etag)
        try:
            status = 304 if is_304 else 200
            log_response("GET", environ["PATH_INFO"], status, asked.began, client=client_address(environ))
        finally:
            end(token)
        head = b"%b%bX-Request-ID: %b\r\n\r\n" % (
            _response_head(asked.view, found, environ["wsgi.url_scheme"], is_304), _server_headers(int(time.time())),
            request_id.encode(),
        )  # fmt: skip
        asked.reply([head] if is_304 else [head, found.body])

    def _pipeline(self, place: int) -> Pipeline | None:
        """The line, if there is one; else one is on its way, before long."""
        line = self._pipelines[place]
        if line is not None and line.is_stalled(TIMEOUT_SECONDS):
            handle = line.fileno()
            self._pipelines[place] = None  # first: whoever waits, and is told, shall not ask it again
            self._poller.unregister(handle)
            line.close()
            line = None
        if line is None and time.monotonic() > self._retry_at[place]:
            self._connect(place)
        return line

    def _connect(self, place: int) -> None:
        self._retry_at[place] = time.monotonic() + 60  # until it is known what became of it
        self._in_thread(_connect, partial(self._on_connected, place))

    def _on_connected(self, place: int, line: Pipeline | None) -> None:
        self._retry_at[place] = time.monotonic() + RECONNECT_SECONDS
        if line is not None:
            self._pipelines[place], self._needs_flush[place] = line, False
            self._poller.register(line.fileno(), selectors.EVENT_READ, partial(self._receive, place))

    def _send(self, place: int, line: Pipeline, question: Query, heard: Callback) -> None:
        handle = line.fileno()
        more = line.send(question.statement, question.values, heard)
        self._update_registration(place, line, handle, more=more)

    def _receive(self, place: int, _handle: Any) -> None:
        if (line := self._pipelines[place]) is not None:
            handle = line.fileno()
            line.receive()
            self._update_registration(place, line, handle, more=line.flush() if not line.is_closed else False)

    def _update_registration(self, place: int, line: Pipeline, handle: int, *, more: bool) -> None:
        if line.is_closed:
            if self._pipelines[place] is line:
                self._poller.unregister(handle)
                self._pipelines[place] = None
                self._retry_at[place] = time.monotonic() + RECONNECT_SECONDS
            return
        if more != self._needs_flush[place]:
            self._needs_flush[place] = more
            events = selectors.EVENT_READ | (selectors.EVENT_WRITE if more else 0)
            self._poller.modify(handle, events, self._poller.get_key(handle).data)


def _warm_up() -> None:
    try:
        for _, view in public_views():
            view.warm_up()
    except Exception:
        log.exception("Nothing is prepared: the first to ask will wait")
    finally:
        connection.close()


def _connect() -> Pipeline | None:
    own = connection.copy()
    own.inc_thread_sharing()
    try:
        own.connect()
        return Pipeline(own.connection)
    except Exception:
        log.exception("No line to PostgreSQL; threads ask meanwhile")
        return None


def _response_head(view: type[PublicView], found: CacheEntry, scheme: str, is_304: bool) -> bytes:
    key = (scheme, is_304)
    if (head := found.rendered_headers.get(key)) is None:
        status = "304 Not Modified" if is_304 else "200 OK"
        lines = [
            f"HTTP/1.1 {status}",
            *(f"{name}: {value}" for name, value in response_headers(view, found, scheme, is_304=is_304)),
        ]
        head = found.rendered_headers[key] = ("\r\n".join(lines) + "\r\n").encode("latin-1")
    return head


@lru_cache(2)
def _server_headers(second: int) -> bytes:
    """What Gunicorn adds to every answer."""
    return f"Server: gunicorn\r\nDate: {formatdate(second, usegmt=True)}\r\nConnection: keep-alive\r\n".encode()
