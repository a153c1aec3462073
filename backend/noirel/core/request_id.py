"""X-Request-ID: taken or made, echoed, and in every log line."""

import logging
import re
import time
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from noirel.core.ids import uuid7

_current: ContextVar[str] = ContextVar("request_id", default="")
# Anything longer or stranger could forge log lines.
_ACCEPTED = re.compile(r"[A-Za-z0-9._:-]{8,128}")
log = logging.getLogger("noirel.request")


def current_request_id() -> str:
    return _current.get()


class RequestIdMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if _ACCEPTED.fullmatch(given) else uuid7().hex
        token = _current.set(request_id)
        began = time.perf_counter()
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = request_id
            log.info(
                "%s %s %s",
                request.method,
                request.path,
                response.status_code,
                extra={"status": response.status_code, "ms": round((time.perf_counter() - began) * 1000, 1)},
            )
            return response
        finally:
            _current.reset(token)
