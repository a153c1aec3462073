"""A strict parser for simple GET requests. Anything it does not fully understand is left to Gunicorn's parser.

What it does accept, it reads exactly as Gunicorn does; a property test compares the two (core/tests/test_event_loop.py).
"""

import re
from urllib.parse import unquote_to_bytes

from noirel.fastpath.eligibility import PREFIX, Environ

# Gunicorn's default limit for one line. A request with longer headers, such as a large cookie, is left to Gunicorn.
MAX_HEAD_BYTES = 8190
# The expression is unambiguous, so it can't backtrack. Header names with an underscore are left to Gunicorn, because WSGI
# can't tell them from the same name with a hyphen.
_SIMPLE_REQUEST = re.compile(
    rb"GET (%b[A-Za-z0-9/_.~%%-]*)(?:\?([!\"$-~]*))? HTTP/1\.1\r\n((?:[A-Za-z0-9-]+:[\t\x20-\x7e\x80-\xff]*\r\n)+)\r\n"
    % PREFIX.encode()
)
# Headers that announce a body or ask for something other than a plain response, and other spellings of X-Forwarded-Proto.
_UNSUPPORTED_HEADERS = {
    b"content-length", b"transfer-encoding", b"expect", b"upgrade", b"te", b"trailer", b"http2-settings", b"proxy-connection",
    b"x-forwarded-protocol", b"x-forwarded-ssl",
}  # fmt: skip
_USED_HEADERS = (
    (b"host", "HTTP_HOST"), (b"accept", "HTTP_ACCEPT"), (b"if-none-match", "HTTP_IF_NONE_MATCH"),
    (b"x-request-id", "HTTP_X_REQUEST_ID"), (b"x-forwarded-for", "HTTP_X_FORWARDED_FOR"),
)  # fmt: skip


def parse_request(head: bytes, *, is_proxy_trusted: bool) -> Environ | None:
    """Return the WSGI environ of a request, reduced to the keys the fast path uses, or None to leave it to Gunicorn.

    head: all bytes received so far; None is returned unless they are exactly one complete request.
    is_proxy_trusted: whether the peer's X-Forwarded-Proto is believed (Gunicorn's `forwarded_allow_ips`).
    """
    if len(head) > MAX_HEAD_BYTES or (match := _SIMPLE_REQUEST.fullmatch(head)) is None:
        return None
    path, query, header_lines = match.groups()
    fields: dict[bytes, bytes] = {}
    lines = header_lines[:-2].split(b"\r\n")
    for line in lines:
        name, _, value = line.partition(b":")
        fields[name.lower()] = value.strip(b" \t")
    if len(fields) < len(lines) or not _UNSUPPORTED_HEADERS.isdisjoint(fields):
        return None
    if fields.get(b"connection", b"keep-alive").lower() not in {b"keep-alive", b""}:
        return None
    scheme = "https" if is_proxy_trusted and fields.get(b"x-forwarded-proto") == b"https" else "http"
    environ: Environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": (query or b"").decode(),
        "wsgi.url_scheme": scheme,
    }
    for name, key in _USED_HEADERS:
        if (value := fields.get(name)) is not None:
            environ[key] = value.decode("latin-1")
    return environ
