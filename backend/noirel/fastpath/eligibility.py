"""Decides which requests the fast path may answer, and with which headers. Shared by the WSGI and event-loop variants."""

from functools import cache, lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port, validate_host
from django.urls import URLPattern, URLResolver, get_resolver

from noirel.core.cache.responses import CacheEntry
from noirel.core.http.public import PublicView
from noirel.core.security_headers import SecurityHeadersMiddleware

Environ = dict[str, Any]
PREFIX = "/api/v1/"


def response_headers(view: type[PublicView], entry: CacheEntry, scheme: str, *, is_304: bool) -> list[tuple[str, str]]:
    """The headers of a response, except X-Request-ID and those that the server itself adds (Server, Date, Connection).

    scheme: `http` or `https`, because Strict-Transport-Security is sent over https only.
    """
    headers = view.headers_of(entry)
    if not is_304:  # a 304 has no body to protect, and the client keeps the headers it got with the 200
        headers += security_headers(scheme)
        headers += (("Content-Type", "application/json"), ("Content-Length", str(len(entry.body))))
    return headers


def is_eligible(environ: Environ, query: str) -> bool:
    """Whether a request has no body, accepts JSON, names an allowed host and has nothing that Django would have to refuse."""
    return (
        environ.get("CONTENT_LENGTH", "") in {"", "0"}
        and not environ.get("SCRIPT_NAME")
        and "HTTP_TRANSFER_ENCODING" not in environ
        and any(media_type in environ.get("HTTP_ACCEPT", "*/*") for media_type in ("*/*", "application/json"))
        and _is_allowed_host(environ.get("HTTP_HOST", ""), tuple(settings.ALLOWED_HOSTS))
        and "%00" not in query
    )


@lru_cache(256)
def _is_allowed_host(host: str, allowed: tuple[str, ...]) -> bool:
    domain, _ = split_domain_port(host)
    return bool(domain) and validate_host(domain, list(allowed))


@lru_cache(4096)
def resolve_view(path: str) -> tuple[type[PublicView] | None, dict[str, str]]:
    """Return the public view at a path and its URL parameters, or (None, {}).

    path: as in WSGI's PATH_INFO, with one character per byte.
    """
    try:
        route = path.encode("latin-1").decode().removeprefix(PREFIX)
    except UnicodeError:
        return None, {}
    for pattern, view in public_views():
        if (match := pattern.pattern.match(route)) and "\x00" not in route:
            return view, {name: str(value) for name, value in match[2].items()}
    return None, {}


@cache
def public_views() -> list[tuple[URLPattern, type[PublicView]]]:
    """Every public view with its URL pattern, relative to /api/v1/."""
    views = []
    for pattern in _patterns():
        view = _view_of(pattern)
        if isinstance(view, type) and issubclass(view, PublicView):
            views.append((pattern, view))
    return views


def max_body_bytes(path: str) -> int:
    """The largest request body accepted at a path, in bytes: the view's `max_body_bytes`, else MAX_BODY_BYTES."""
    route = path.removeprefix(PREFIX)
    return next((limit for pattern, limit in _body_limits() if pattern.pattern.match(route)), settings.MAX_BODY_BYTES)


@cache
def _body_limits() -> list[tuple[URLPattern, int]]:
    limits = [(pattern, getattr(_view_of(pattern), "max_body_bytes", None)) for pattern in _patterns()]
    return [(pattern, limit) for pattern, limit in limits if limit]


def _view_of(pattern: URLPattern) -> Any:
    return getattr(pattern.callback, "view_class", None)


def _patterns() -> list[URLPattern]:
    """All URL patterns below /api/v1/."""
    includes = [include.url_patterns for include in get_resolver().url_patterns if isinstance(include, URLResolver)]
    return [pattern for include in includes for pattern in include if isinstance(pattern, URLPattern)]


@cache
def security_headers(scheme: str) -> list[tuple[str, str]]:
    """The headers that SecurityHeadersMiddleware adds to a JSON response."""
    request = HttpRequest()
    request.META["wsgi.url_scheme"] = scheme
    response: Any = SecurityHeadersMiddleware(lambda _: HttpResponse()).process_response(
        request, HttpResponse(content_type="application/json")
    )
    return [(name, value) for name, value in response.items() if name != "Content-Type"]
