"""WSGI middleware that answers public reads from the response cache, without Django's request, middleware and DRF.

It only ever answers 200 and 304. Everything else (refusals, errors, unusual requests) is passed on to Django, so that every
problem response is made in one place. Where both can answer, their responses must be identical header by header;
core/tests/test_fast_path.py compares them. Threads use `FastPath` through WSGI; the event loop of our Gunicorn worker answers
without WSGI (event_loop.py).
"""

import time
from collections.abc import Callable, Iterable
from selectors import BaseSelector
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import QueryDict

from noirel.core.cache.responses import get_or_build
from noirel.core.client_address import client_address
from noirel.core.http.public import cache_key, etag_matches
from noirel.core.request_id import begin, end, log_response
from noirel.fastpath.eligibility import PREFIX, Environ, is_eligible, max_body_bytes, resolve_view, response_headers
from noirel.fastpath.event_loop import EventLoop, RunInThread
from noirel.fastpath.refusal import refusal

Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


class FastPath:
    """A WSGI application that answers eligible requests itself and passes all others to `application`."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "GET" and environ["PATH_INFO"].startswith(PREFIX):
            body = self._respond(environ, start_response)
            if body is not None:
                return body
        body = self._application(environ, start_response)
        if environ["REQUEST_METHOD"] != "HEAD":
            return body
        # Django leaves it to the server to drop the body of a HEAD response, and Gunicorn logs a warning when it does.
        if close := getattr(body, "close", None):
            close()
        return []

    def event_loop(self, poller: BaseSelector, in_thread: RunInThread) -> EventLoop:
        """The event-loop variant, for fastpath/worker.py."""
        return EventLoop(poller, in_thread)

    @property
    def read_seconds(self) -> float:
        """Seconds a client may take to send a request. Large bodies get more time (fastpath/worker.py)."""
        return settings.REQUEST_SECONDS

    def body_limit(self, path: str) -> int:
        return max_body_bytes(path)

    def refusal(self, status: int, head: bytes, *, peer: str, is_proxy_trusted: bool) -> bytes:
        return refusal(status, head, peer=peer, is_proxy_trusted=is_proxy_trusted)

    def _respond(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes] | None:
        began = time.perf_counter()
        path, query = environ["PATH_INFO"], environ.get("QUERY_STRING", "")
        view, params = resolve_view(path)
        if view is None or not is_eligible(environ, query):
            return None
        request_id, token = begin(environ.get("HTTP_X_REQUEST_ID", ""))
        try:
            connection.close_if_unusable_or_obsolete()
            entry = get_or_build(
                cache_key(path, query), lambda: view.payload(QueryDict(query), params), is_shared=view.is_shared
            )
        except Exception:
            return None  # Django runs into the same exception and reports it
        else:
            is_304 = etag_matches(environ.get("HTTP_IF_NONE_MATCH", ""), entry.etag)
            headers = [*response_headers(view, entry, environ["wsgi.url_scheme"], is_304=is_304), ("X-Request-ID", request_id)]
            log_response("GET", path, 304 if is_304 else 200, began, client=client_address(environ))
            start_response("304 Not Modified" if is_304 else "200 OK", headers)
            return [] if is_304 else [entry.body]
        finally:
            end(token)
