"""The short way to a public answer: from Gunicorn to the shelf and back, without Django's request, middleware and DRF.

It says 200 and 304 and nothing else. Whatever it would have to refuse, has not seen before or cannot read goes the long way,
where every refusal has its shape; so what both can answer must be the same, header by header (test_quick.py).
"""

import time
from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.request import split_domain_port, validate_host
from django.middleware.security import SecurityMiddleware
from django.urls import URLPattern, URLResolver, get_resolver

from noirel.core.api.public import PublicView, is_known, key_of
from noirel.core.kept import answer
from noirel.core.request_id import answered, begin, end

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


class Quick:
    """WSGI: the short way where there is one, else `application`."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "GET" and environ["PATH_INFO"].startswith(PREFIX):
            body = self._short(environ, start_response)
            if body is not None:
                return body
        return self._application(environ, start_response)

    def _short(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes] | None:
        began = time.perf_counter()
        path, query = environ["PATH_INFO"], environ.get("QUERY_STRING", "")
        view, where = _view_at(path)
        if view is None or not _is_plain(environ, query):
            return None
        request_id, token = begin(environ.get("HTTP_X_REQUEST_ID", ""))
        try:
            connection.close_if_unusable_or_obsolete()
            found = answer(key_of(path, query), lambda: view.told(QueryDict(query), where), is_shared=view.is_shared)
        except Exception:
            return None  # refused, or broken: the long way says so, and writes it down
        else:
            is_304 = is_known(environ.get("HTTP_IF_NONE_MATCH", ""), found.tag)
            headers = [*view.headers_of(found), ("X-Request-ID", request_id)]
            if not is_304:  # which says nothing that could be believed wrongly: its reader has the answer with all of these
                headers += _security(environ["wsgi.url_scheme"])
                headers += (("Content-Type", "application/json"), ("Content-Length", str(len(found.body))))
            answered("GET", path, 304 if is_304 else 200, began)
            start_response("304 Not Modified" if is_304 else "200 OK", headers)
            return [] if is_304 else [found.body]
        finally:
            end(token)


PREFIX = "/api/v1/"


def _is_plain(environ: Environ, query: str) -> bool:
    """Whether there is nothing about the request that Django would have to look at."""
    return (
        environ.get("CONTENT_LENGTH", "") in {"", "0"}
        and not environ.get("SCRIPT_NAME")
        and "HTTP_TRANSFER_ENCODING" not in environ
        and any(kind in environ.get("HTTP_ACCEPT", "*/*") for kind in ("*/*", "application/json"))
        and _is_ours(environ.get("HTTP_HOST", ""), tuple(settings.ALLOWED_HOSTS))
        and "%00" not in query
    )


@lru_cache(256)
def _is_ours(host: str, allowed: tuple[str, ...]) -> bool:
    domain, _ = split_domain_port(host)
    return bool(domain) and validate_host(domain, list(allowed))


@lru_cache(4096)
def _view_at(path: str) -> tuple[type[PublicView] | None, dict[str, str]]:
    """The public view at an address, and the names in it."""
    try:
        plain = path.encode("latin-1").decode().removeprefix(PREFIX)
    except UnicodeError:
        return None, {}
    for pattern, view in _public():
        if (found := pattern.pattern.match(plain)) and "\x00" not in plain:
            return view, {name: str(value) for name, value in found[2].items()}
    return None, {}


@cache
def _public() -> list[tuple[URLPattern, type[PublicView]]]:
    """Every public view with its pattern below /api/v1/."""
    found = []
    for room in get_resolver().url_patterns:
        for pattern in room.url_patterns if isinstance(room, URLResolver) else ():
            view = getattr(pattern.callback, "view_class", None)
            if isinstance(pattern, URLPattern) and isinstance(view, type) and issubclass(view, PublicView):
                found.append((pattern, view))
    return found


@cache
def _security(scheme: str) -> list[tuple[str, str]]:
    """What Django's own middleware would add."""
    request = HttpRequest()
    request.META["wsgi.url_scheme"] = scheme
    response: Any = SecurityMiddleware(lambda _: HttpResponse()).process_response(request, HttpResponse())
    return [(name, value) for name, value in response.items() if name != "Content-Type"]
