"""The short way to a public answer: from Gunicorn to the shelf and back, without Django's request, middleware and DRF.

It says 200 and 304 and nothing else. Whatever it would have to refuse, has not seen before or cannot read goes the long way,
where every refusal has its shape; so what both can answer must be the same, header by header (test_quick.py). A thread comes
here by WSGI (`Quick`), the loop of our own Gunicorn worker without it (lane.py).
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
    """WSGI: the short way where there is one, else `application`."""

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
        # Headers alone. Django leaves it to the server to drop the body, and Gunicorn writes a warning each time.
        if close := getattr(body, "close", None):
            close()
        return []

    def event_loop(self, poller: BaseSelector, in_thread: RunInThread) -> EventLoop:
        """The same for a loop."""
        return EventLoop(poller, in_thread)

    @property
    def read_seconds(self) -> float:
        """How long a client may take to send a request; a large body has longer (fastpath/worker.py)."""
        return settings.REQUEST_SECONDS

    def body_limit(self, path: str) -> int:
        return max_body_bytes(path)

    def refusal(self, status: int, head: bytes, *, peer: str, is_proxy_trusted: bool) -> bytes:
        return refusal(status, head, peer=peer, is_proxy_trusted=is_proxy_trusted)

    def _respond(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes] | None:
        began = time.perf_counter()
        path, query = environ["PATH_INFO"], environ.get("QUERY_STRING", "")
        view, where = resolve_view(path)
        if view is None or not is_eligible(environ, query):
            return None
        request_id, token = begin(environ.get("HTTP_X_REQUEST_ID", ""))
        try:
            connection.close_if_unusable_or_obsolete()
            found = get_or_build(
                cache_key(path, query), lambda: view.payload(QueryDict(query), where), is_shared=view.is_shared
            )
        except Exception:
            return None  # refused, or broken: the long way says so, and writes it down
        else:
            is_304 = etag_matches(environ.get("HTTP_IF_NONE_MATCH", ""), found.etag)
            headers = [*response_headers(view, found, environ["wsgi.url_scheme"], is_304=is_304), ("X-Request-ID", request_id)]
            log_response("GET", path, 304 if is_304 else 200, began, client=client_address(environ))
            start_response("304 Not Modified" if is_304 else "200 OK", headers)
            return [] if is_304 else [found.body]
        finally:
            end(token)
