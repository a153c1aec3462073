"""Builds the problem+json response to a request that the server can't parse or stopped reading, without Django."""

import re
import time
from email.utils import formatdate
from http import HTTPStatus
from urllib.parse import unquote_to_bytes

from noirel.core.client_address import client_address
from noirel.core.http.json import dumps
from noirel.core.http.problems import MEDIA_TYPE, problem
from noirel.core.request_id import begin, end, log_response
from noirel.fastpath.eligibility import security_headers

_PROBLEMS = {
    400: ("malformed", "The request is not valid", "The request can't be parsed."),
    408: ("request_timeout", "The request took too long", "The rest of the request did not arrive in time. Send it again."),
    413: ("body_too_large", "Too large", "The request body is larger than this endpoint accepts."),
    414: ("address_too_long", "Too large", "The request line is longer than this server accepts."),
    417: ("expectation_failed", "Not possible here", "The only expectation that is supported is 100-continue."),
    431: ("headers_too_large", "Too large", "The request's headers are larger than this server accepts."),
    500: ("server_error", "Something broke on our side", "The error has been logged. Try again in a moment."),
    501: ("encoding_unknown", "Not a format we read", "The only transfer encoding that is supported is chunked."),
    503: ("unavailable", "Not available right now", "Too many uploads are in progress. Try again in a minute."),
}
_REQUEST_LINE = re.compile(rb"([A-Z]{1,20}) ([^ ?\r\n]{1,2000})")
_HEADER = re.compile(rb"\r\n(x-request-id|x-forwarded-for|x-forwarded-proto):[ \t]*([^\r\n]*)", re.IGNORECASE)


def refusal(status: int, head: bytes, *, peer: str, is_proxy_trusted: bool) -> bytes:
    """Return the whole response as bytes, with `Connection: close`, and log it like any other response.

    status: a key of `_PROBLEMS`.
    head: the part of the request's head that has been received; may be empty or malformed.
    peer: the IP address at the other end of the connection.
    is_proxy_trusted: whether the peer's X-Forwarded-Proto header is believed.
    """
    began = time.perf_counter()
    received = {name.lower(): value.decode("latin-1").strip() for name, value in _HEADER.findall(head)}
    line = _REQUEST_LINE.match(head)
    method, path = (part.decode("latin-1") for part in line.groups()) if line else ("-", "-")
    scheme = "https" if is_proxy_trusted and received.get(b"x-forwarded-proto") == "https" else "http"
    request_id, token = begin(received.get(b"x-request-id", ""))
    try:
        code, title, detail = _PROBLEMS[status]
        body = dumps(problem(code=code, status=status, title=title, detail=detail))
        client = client_address({"HTTP_X_FORWARDED_FOR": received.get(b"x-forwarded-for", ""), "REMOTE_ADDR": peer})
        log_response(method, unquote_to_bytes(path).decode("utf-8", "replace"), status, began, client=client)
    finally:
        end(token)
    headers = [
        ("Server", "gunicorn"),
        ("Date", formatdate(usegmt=True)),
        ("Connection", "close"),
        ("Content-Type", MEDIA_TYPE),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        *([("Retry-After", "60")] if status == 503 else []),
        *security_headers(scheme),
        ("X-Request-ID", request_id),
    ]
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", *(f"{name}: {value}" for name, value in headers)]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body
