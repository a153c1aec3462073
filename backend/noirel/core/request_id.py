"""Request ids: accepted from X-Request-ID or generated, returned in the response and added to every log line."""

import logging
import re
import time
from collections.abc import Callable
from contextvars import ContextVar, Token

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from noirel.core.client_address import client_address
from noirel.core.domain.ids import trace_id

_current: ContextVar[str] = ContextVar("request_id", default="")
# Other characters could forge log lines.
_ACCEPTED = re.compile(r"[A-Za-z0-9._:-]{8,128}")
log = logging.getLogger("noirel.request")


def current_request_id() -> str:
    return _current.get()


def begin(given: str) -> tuple[str, Token[str]]:
    """Set the id of the current request and return it, with the token for `end`.

    given: the X-Request-ID header; replaced by a new id unless it is acceptable.
    """
    request_id = given if _ACCEPTED.fullmatch(given) else trace_id()
    return request_id, _current.set(request_id)


def end(token: Token[str]) -> None:
    """Restore the request id from before `begin`."""
    _current.reset(token)


def log_response(method: str | None, path: str, status: int, began: float, *, client: str) -> None:
    """Log a request and its response in one line.

    began: when the request arrived, by time.perf_counter().
    client: the client's IP address.
    """
    log.info(
        "%s %s %s", method, path, status,
        extra={"status": status, "ms": round((time.perf_counter() - began) * 1000, 1), "client": client},
    )  # fmt: skip


class RequestIdMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request_id, token = begin(request.headers.get("X-Request-ID", ""))
        began = time.perf_counter()
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = request_id
            log_response(request.method, request.path, response.status_code, began, client=client_address(request.META))
            return response
        finally:
            end(token)
