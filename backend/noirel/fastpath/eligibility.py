"""Which requests the short way is for, and the headers of what it answers: the same for a thread and for a loop."""

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


def response_headers(view: type[PublicView], found: CacheEntry, scheme: str, *, is_304: bool) -> list[tuple[str, str]]:
    """All headers of an answer but the id of its request and what a server adds."""
    headers = view.headers_of(found)
    if not is_304:  # which says nothing that could be believed wrongly: its reader has the answer with all of these
        headers += security_headers(scheme)
        headers += (("Content-Type", "application/json"), ("Content-Length", str(len(found.body))))
    return headers


def is_eligible(environ: Environ, query: str) -> bool:
    """Whether there is nothing about the request that Django would have to look at."""
    return (
        environ.get("CONTENT_LENGTH", "") in {"", "0"}
        and not environ.get("SCRIPT_NAME")
        and "HTTP_TRANSFER_ENCODING" not in environ
        and any(kind in environ.get("HTTP_ACCEPT", "*/*") for kind in ("*/*", "application/json"))
        and _is_allowed_host(environ.get("HTTP_HOST", ""), tuple(settings.ALLOWED_HOSTS))
        and "%00" not in query
    )


@lru_cache(256)
def _is_allowed_host(host: str, allowed: tuple[str, ...]) -> bool:
    domain, _ = split_domain_port(host)
    return bool(domain) and validate_host(domain, list(allowed))


@lru_cache(4096)
def resolve_view(path: str) -> tuple[type[PublicView] | None, dict[str, str]]:
    """The public view at an address, and the names in it."""
    try:
        plain = path.encode("latin-1").decode().removeprefix(PREFIX)
    except UnicodeError:
        return None, {}
    for pattern, view in public_views():
        if (found := pattern.pattern.match(plain)) and "\x00" not in plain:
            return view, {name: str(value) for name, value in found[2].items()}
    return None, {}


@cache
def public_views() -> list[tuple[URLPattern, type[PublicView]]]:
    """Every public view with its pattern below /api/v1/."""
    found = []
    for pattern in _patterns():
        view = _view_of(pattern)
        if isinstance(view, type) and issubclass(view, PublicView):
            found.append((pattern, view))
    return found


def max_body_bytes(path: str) -> int:
    """The largest request body that is read at a path, in bytes."""
    plain = path.removeprefix(PREFIX)
    return next((limit for pattern, limit in _with_large_bodies() if pattern.pattern.match(plain)), settings.MAX_BODY_BYTES)


@cache
def _with_large_bodies() -> list[tuple[URLPattern, int]]:
    limits = [(pattern, getattr(_view_of(pattern), "max_body_bytes", None)) for pattern in _patterns()]
    return [(pattern, limit) for pattern, limit in limits if limit]


def _view_of(pattern: URLPattern) -> Any:
    return getattr(pattern.callback, "view_class", None)


def _patterns() -> list[URLPattern]:
    """Everything below /api/v1/."""
    rooms = [room.url_patterns for room in get_resolver().url_patterns if isinstance(room, URLResolver)]
    return [pattern for room in rooms for pattern in room if isinstance(pattern, URLPattern)]


@cache
def security_headers(scheme: str) -> list[tuple[str, str]]:
    """What the middleware adds to JSON."""
    request = HttpRequest()
    request.META["wsgi.url_scheme"] = scheme
    response: Any = SecurityHeadersMiddleware(lambda _: HttpResponse()).process_response(
        request, HttpResponse(content_type="application/json")
    )
    return [(name, value) for name, value in response.items() if name != "Content-Type"]
