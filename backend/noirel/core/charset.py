"""Requests are in UTF-8, whatever charset their Content-Type names."""

from django.core.handlers.wsgi import WSGIHandler, WSGIRequest


class Utf8Request(WSGIRequest):
    """Django decodes the query string by the charset that a request names for its body.

    One address would have several meanings by that, of which caches keep any (api/public.py); and a charset that decodes no
    text, as `hex` does, is an error before there is a request to answer.
    """

    @property
    def encoding(self) -> None:
        """None: DEFAULT_CHARSET. It can't be set."""
        return

    @encoding.setter
    def encoding(self, value: str | None) -> None:
        pass


class Utf8Handler(WSGIHandler):
    request_class = Utf8Request
