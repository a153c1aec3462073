"""Answers public reads in the worker's event loop, from the bytes of a request to the bytes of its response.

The loop serves many clients and must never block. A cached response that is still fresh is sent at once. Otherwise the loop
queries PostgreSQL over non-blocking connections of its own (core/db/pipeline.py) and serves other clients until the rows
arrive: one query revalidates the cache for all requests that arrive in the meantime, and a view that provides a query plan can
be built from scratch. Every request that would have to wait for anything else is handed to a thread.
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

# Beyond this many queries in flight on the building connection, requests go to threads, which have connections of their own.
MAX_PENDING = 32
# A connection that delivers nothing for this long while a query is pending is considered dead; our queries take milliseconds.
TIMEOUT_SECONDS = 5.0
RECONNECT_SECONDS = 1.0
# The loop holds two connections, so that revalidation never queues behind a slow query.
_VALIDATING, _BUILDING = 0, 1
log = logging.getLogger("noirel.fastpath")
_EMPTY_QUERY = QueryDict("")

# Called with the parts of the response, or with None: let a thread answer.
Reply = Callable[[list[bytes] | None], None]
# Run the first callable in a thread, then the second in the loop with the first one's result.
RunInThread = Callable[[Callable[[], Any], Callable[[Any], None]], None]


class _PendingRequest(NamedTuple):
    environ: Environ
    view: type[PublicView]
    params: dict[str, str]
    key: str
    arrived: float  # by time.monotonic()
    began: float  # by time.perf_counter()
    reply: Reply


class EventLoop:
    """The state of the fast path in one worker process. Not thread-safe: all methods run in the loop's thread."""

    def __init__(self, poller: selectors.BaseSelector, in_thread: RunInThread) -> None:
        self._poller, self._in_thread = poller, in_thread
        self._pipelines: list[Pipeline | None] = [None, None]
        self._retry_at = [0.0, 0.0]
        self._needs_flush = [False, False]  # the socket's send buffer was full, so the poller also waits for writability
        self._awaiting_validation: list[_PendingRequest] = []
        self._is_validating = False
        self._being_built: dict[str, list[_PendingRequest]] = {}  # by cache key: the requests that wait for the build
        for index in (_VALIDATING, _BUILDING):
            self._connect(index)
        in_thread(_warm_up, lambda _: None)

    def handle(self, head: bytes, *, peer: str, is_proxy_trusted: bool, reply: Reply) -> bool:
        """Start answering a request; returns False if a thread has to do it.

        If True is returned, `reply` is called exactly once, now or later.

        head: the bytes that have been received.
        peer: the IP address at the other end of the connection.
        is_proxy_trusted: whether the peer's X-Forwarded-Proto header is believed.
        """
        arrived, began = time.monotonic(), time.perf_counter()
        environ = parse_request(head, is_proxy_trusted=is_proxy_trusted)
        if environ is None:
            return False
        environ["REMOTE_ADDR"] = peer
        path, query = environ["PATH_INFO"], environ["QUERY_STRING"]
        view, params = resolve_view(path)
        if view is None or not is_eligible(environ, query):
            return False
        return self._dispatch(_PendingRequest(environ, view, params, cache_key(path, query), arrived, began, reply))

    def _dispatch(self, request: _PendingRequest) -> bool:
        if entry := get_fresh(request.key, request.arrived):
            self._respond(request, entry)
            return True
        if response_cache.get(request.key) is not None and not responses.is_recently_validated(request.arrived):
            return self._validate(request)
        return self._build(request)

    def _validate(self, request: _PendingRequest) -> bool:
        """Read the change log from PostgreSQL, unless that query is already in flight, and dispatch the request again."""
        pipeline = self._pipeline(_VALIDATING)
        if pipeline is None:
            return False
        self._awaiting_validation.append(request)
        if not self._is_validating:
            self._is_validating = True
            self._send(_VALIDATING, pipeline, Query(CHANGES_SQL), partial(self._on_changes, time.monotonic()))
        return True

    def _on_changes(self, sent_at: float, rows: Rows | None) -> None:
        waiting, self._awaiting_validation, self._is_validating = self._awaiting_validation, [], False
        if rows:
            change_log.apply(sent_at, rows[0][0])
        for request in waiting:
            if not rows or not self._dispatch(request):
                request.reply(None)

    def _build(self, request: _PendingRequest) -> bool:
        pipeline = self._pipeline(_BUILDING)
        if pipeline is None or pipeline.pending > MAX_PENDING or (request.view.is_shared and redis_cache() is not None):
            return False
        if response_cache.limit and (waiting := self._being_built.get(request.key)) is not None:
            waiting.append(request)
            return True
        query = request.environ["QUERY_STRING"]
        # Taken before the first query: the rows can only be newer than this entry of the change log, never older.
        sequence = change_log.sequence
        try:
            plan = request.view.query_plan(QueryDict(query) if query else _EMPTY_QUERY, request.params)
        except Exception:
            return False  # a thread runs into the same exception and reports it
        if plan is None:
            return False
        self._being_built[request.key] = []
        self._step(request, plan, sequence, None)
        return True

    def _step(self, request: _PendingRequest, plan: QueryPlan[Payload | None], sequence: int, rows: Rows | None) -> None:
        try:
            query = next(plan) if rows is None else plan.send(rows)
        except StopIteration as stop:
            if stop.value is None:
                request.reply(None)
            else:
                self._respond(request, store(request.key, stop.value, validated_at=sequence))
        except Exception:
            request.reply(None)  # a thread runs into the same exception and reports it
        else:
            if (pipeline := self._pipeline(_BUILDING)) is not None:
                self._send(_BUILDING, pipeline, query, partial(self._on_rows, request, plan, sequence))
                return
            request.reply(None)
        for other in self._being_built.pop(request.key, ()):
            if not self._dispatch(other):
                other.reply(None)

    def _on_rows(self, request: _PendingRequest, plan: QueryPlan[Payload | None], sequence: int, rows: Rows | None) -> None:
        if rows is not None:
            self._step(request, plan, sequence, rows)
            return
        plan.close()
        for waiting in [request, *self._being_built.pop(request.key, ())]:
            waiting.reply(None)

    def _respond(self, request: _PendingRequest, entry: CacheEntry) -> None:
        environ = request.environ
        request_id, token = begin(environ.get("HTTP_X_REQUEST_ID", ""))
        is_304 = etag_matches(environ.get("HTTP_IF_NONE_MATCH", ""), entry.etag)
        try:
            status = 304 if is_304 else 200
            log_response("GET", environ["PATH_INFO"], status, request.began, client=client_address(environ))
        finally:
            end(token)
        head = b"%b%bX-Request-ID: %b\r\n\r\n" % (
            _response_head(request.view, entry, environ["wsgi.url_scheme"], is_304), _server_headers(int(time.time())),
            request_id.encode(),
        )  # fmt: skip
        request.reply([head] if is_304 else [head, entry.body])

    def _pipeline(self, index: int) -> Pipeline | None:
        """The connection with this index; None while it is down, in which case a reconnect is scheduled."""
        pipeline = self._pipelines[index]
        if pipeline is not None and pipeline.is_stalled(TIMEOUT_SECONDS):
            handle = pipeline.fileno()
            # Before closing: close() runs the callbacks of pending queries, and those must not use this connection again.
            self._pipelines[index] = None
            self._poller.unregister(handle)
            pipeline.close()
            pipeline = None
        if pipeline is None and time.monotonic() > self._retry_at[index]:
            self._connect(index)
        return pipeline

    def _connect(self, index: int) -> None:
        self._retry_at[index] = time.monotonic() + 60  # no second attempt until the result of this one is known
        self._in_thread(_connect, partial(self._on_connected, index))

    def _on_connected(self, index: int, pipeline: Pipeline | None) -> None:
        self._retry_at[index] = time.monotonic() + RECONNECT_SECONDS
        if pipeline is not None:
            self._pipelines[index], self._needs_flush[index] = pipeline, False
            self._poller.register(pipeline.fileno(), selectors.EVENT_READ, partial(self._receive, index))

    def _send(self, index: int, pipeline: Pipeline, query: Query, callback: Callback) -> None:
        handle = pipeline.fileno()
        needs_flush = pipeline.send(query.statement, query.values, callback)
        self._update_registration(index, pipeline, handle, needs_flush=needs_flush)

    def _receive(self, index: int, _handle: Any) -> None:
        if (pipeline := self._pipelines[index]) is not None:
            handle = pipeline.fileno()
            pipeline.receive()
            needs_flush = pipeline.flush() if not pipeline.is_closed else False
            self._update_registration(index, pipeline, handle, needs_flush=needs_flush)

    def _update_registration(self, index: int, pipeline: Pipeline, handle: int, *, needs_flush: bool) -> None:
        if pipeline.is_closed:
            if self._pipelines[index] is pipeline:
                self._poller.unregister(handle)
                self._pipelines[index] = None
                self._retry_at[index] = time.monotonic() + RECONNECT_SECONDS
            return
        if needs_flush != self._needs_flush[index]:
            self._needs_flush[index] = needs_flush
            events = selectors.EVENT_READ | (selectors.EVENT_WRITE if needs_flush else 0)
            self._poller.modify(handle, events, self._poller.get_key(handle).data)


def _warm_up() -> None:
    try:
        for _, view in public_views():
            view.warm_up()
    except Exception:
        log.exception("Warming up the public views failed; the first requests will be slower")
    finally:
        connection.close()


def _connect() -> Pipeline | None:
    own = connection.copy()
    own.inc_thread_sharing()
    try:
        own.connect()
        return Pipeline(own.connection)
    except Exception:
        log.exception("The event loop can't connect to PostgreSQL; threads answer in the meantime")
        return None


def _response_head(view: type[PublicView], entry: CacheEntry, scheme: str, is_304: bool) -> bytes:
    key = (scheme, is_304)
    if (head := entry.rendered_headers.get(key)) is None:
        status = "304 Not Modified" if is_304 else "200 OK"
        lines = [
            f"HTTP/1.1 {status}",
            *(f"{name}: {value}" for name, value in response_headers(view, entry, scheme, is_304=is_304)),
        ]
        head = entry.rendered_headers[key] = ("\r\n".join(lines) + "\r\n").encode("latin-1")
    return head


@lru_cache(2)
def _server_headers(second: int) -> bytes:
    """The headers that Gunicorn adds to every response."""
    return f"Server: gunicorn\r\nDate: {formatdate(second, usegmt=True)}\r\nConnection: keep-alive\r\n".encode()
