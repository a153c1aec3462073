"""The addresses that crawlers know: the same for everyone, for shared caches to keep, streamed."""

import zlib
from collections.abc import Callable, Iterable, Iterator

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import path
from django.views.decorators.http import require_safe

from noirel.catalog.feeds import merchant, sitemap
from noirel.core.cache import surrogate_keys
from noirel.core.cache.responses import query_text
from noirel.core.cache.versions import SELECT_VERSION
from noirel.core.http import etag
from noirel.core.http.public import etag_matches
from noirel.core.http.throttling import client_network, limit

CLOSED = ("/bag", "/checkout", "/orders", "/account", "/login", "/register", "/search", "/admin", "/api/")
S_MAXAGE, STALE = 3600, 86_400  # seconds


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in CLOSED), "", f"Sitemap: {settings.PUBLIC_URL}/sitemap.xml", ""]
    response = HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = f"public, max-age={S_MAXAGE}"
    return response


@require_safe
def sitemap_index(request: HttpRequest) -> HttpResponseBase:
    return _given(request, "sitemap", sitemap.index)


@require_safe
def sitemap_pages(request: HttpRequest) -> HttpResponseBase:
    return _given(request, "sitemap", sitemap.pages)


@require_safe
def sitemap_file(request: HttpRequest, kind: str, number: int, *, is_packed: bool = False) -> HttpResponseBase:
    def told() -> Iterator[str]:
        files = sitemap.files(kind) if kind in sitemap.KINDS else []
        if not 1 <= number <= len(files):
            raise Http404
        return sitemap.entries(kind, files[number - 1])

    return _given(request, "sitemap", told, is_packed=is_packed)


@require_safe
def google_feed(request: HttpRequest) -> HttpResponseBase:
    return _given(request, "feed", merchant.feed)


def _given(request: HttpRequest, scope: str, told: Callable[[], Iterable[str]], *, is_packed: bool = False) -> HttpResponseBase:
    """Streamed, with a tag of the catalogue's edition: who has it already is told so before anything is read.

    What is streamed takes seconds of CPU, so it is counted for each address; what is known, or only asked about, is not.
    Raises Throttled.
    """
    tag = etag(request.path, (query_text(SELECT_VERSION) or b"").decode())
    kind = "application/gzip" if is_packed else "application/xml; charset=utf-8"
    response: HttpResponseBase
    if etag_matches(request.headers.get("If-None-Match", ""), tag):
        response = HttpResponse(status=304)
        del response["Content-Type"]
    elif request.method == "HEAD":
        told()
        response = StreamingHttpResponse(content_type=kind)  # without a Content-Length, as for GET
    else:
        limit(scope, client_network(request))
        pieces = (piece.encode() for piece in told())
        response = StreamingHttpResponse(_packed(pieces) if is_packed else pieces, content_type=kind)
    response["ETag"] = f"W/{tag}"  # what the clock alone brings in (a launch) is no edition
    response["Cache-Control"] = f"public, max-age=0, s-maxage={S_MAXAGE}, stale-while-revalidate={STALE}"
    name, value = surrogate_keys.header(surrogate_keys.LISTS)
    response[name] = value
    return response


def _packed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(wbits=31)
    for piece in pieces:
        if packed := packer.compress(piece):
            yield packed
    yield packer.flush()


urlpatterns = [
    path("robots.txt", robots),
    path("sitemap.xml", sitemap_index),
    path("sitemaps/pages.xml", sitemap_pages),
    path("sitemaps/<slug:kind>-<natural:number>.xml", sitemap_file),
    path("sitemaps/<slug:kind>-<natural:number>.xml.gz", sitemap_file, {"is_packed": True}),
    path("feeds/google.xml", google_feed),
]
