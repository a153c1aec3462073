"""The head of a request, if it is one that nothing need be thought about: read strictly, and not at all if it is another."""

import re
from urllib.parse import unquote_to_bytes

from noirel.fastpath.eligibility import PREFIX, Environ

# As long as Gunicorn lets a line be. A cookie may be longer: that goes the long way.
MAX_HEAD_BYTES = 8190
# Each line can be read in one way only, so that no head takes long to refuse. Names with an underscore, which a proxy may
# have meant as another header, are left to Gunicorn.
_SIMPLE_REQUEST = re.compile(
    rb"GET (%b[A-Za-z0-9/_.~%%-]*)(?:\?([!\"$-~]*))? HTTP/1\.1\r\n((?:[A-Za-z0-9-]+:[\t\x20-\x7e\x80-\xff]*\r\n)+)\r\n"
    % PREFIX.encode()
)
# What says that there is a body, or that something else than an answer is expected; and what says `https` in other words.
_UNSUPPORTED_HEADERS = {
    b"content-length", b"transfer-encoding", b"expect", b"upgrade", b"te", b"trailer", b"http2-settings", b"proxy-connection",
    b"x-forwarded-protocol", b"x-forwarded-ssl",
}  # fmt: skip
_USED_HEADERS = (
    (b"host", "HTTP_HOST"), (b"accept", "HTTP_ACCEPT"), (b"if-none-match", "HTTP_IF_NONE_MATCH"),
    (b"x-request-id", "HTTP_X_REQUEST_ID"), (b"x-forwarded-for", "HTTP_X_FORWARDED_FOR"),
)  # fmt: skip


def parse_request(head: bytes, *, is_proxy_trusted: bool) -> Environ | None:
    """What of a WSGI environ the short way looks at; None: this is for Gunicorn to read.

    is_proxy_trusted: whether who calls may say that its own caller came by https (`forwarded_allow_ips`).
    """
    if len(head) > MAX_HEAD_BYTES or (plain := _SIMPLE_REQUEST.fullmatch(head)) is None:
        return None
    path, query, block = plain.groups()
    fields: dict[bytes, bytes] = {}
    lines = block[:-2].split(b"\r\n")
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
