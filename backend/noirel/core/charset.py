"""Requests are in UTF-8, whatever charset their Content-Type names."""

from django.core.handlers.wsgi import WSGIHandler, WSGIRequest


class Utf8Request(WSGIRequest):
    """A request whose query string is always decoded as UTF-8.

    Django decodes the query string with the charset that the request declares for its body. One URL would then have several
    meanings, and a cache would serve any of them for it. And a codec that doesn't decode to text, like `hex`, would raise while
    the request is being constructed, outside all error handling.
    """

    @property
    def encoding(self) -> None:
        """Always None, which stands for DEFAULT_CHARSET. Assignments are ignored."""
        return

    @encoding.setter
    def encoding(self, value: str | None) -> None:
        pass


class Utf8Handler(WSGIHandler):
    request_class = Utf8Request
