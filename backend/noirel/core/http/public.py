"""Public views: responses that are the same for everyone, with a strong ETag, 304s, and caching in the process and in CDNs.

`payload` builds the body, and both Django's view and the fast path (fastpath/) use it, so their responses are identical. The
view also documents the operation in the schema and handles refusals and unusual requests.
"""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.http import parse_etags
from rest_framework.request import Request as DRFRequest

from noirel.core.cache import surrogate_keys
from noirel.core.cache.responses import CacheEntry, Payload, get_or_build
from noirel.core.db.queries import QueryPlan
from noirel.core.http.views import APIView, Request

__all__ = ["PathParams", "Payload", "PublicView"]
PathParams = Mapping[str, str]


class PublicView(APIView):
    """A view whose response doesn't depend on the client. Subclasses implement `payload`, and optionally `query_plan`."""

    caching = "public"
    authentication_classes = ()
    is_shared = True  # also cache in Redis; False where building a response costs no more than a round trip to Redis
    # Seconds for shared caches (Cache-Control). Browsers revalidate each time, which costs a 304.
    s_maxage = 60
    stale_while_revalidate = 600

    @classmethod
    def warm_up(cls) -> None:
        """Load what the first request would have to wait for. Called when a process starts."""

    @classmethod
    def payload(cls, query: QueryDict, where: PathParams) -> Payload:
        """Build the response for a query string and the URL parameters. Raises ShopError."""
        raise NotImplementedError

    @classmethod
    def query_plan(cls, query: QueryDict, where: PathParams) -> QueryPlan[Payload | None] | None:
        """Like `payload`, as a query plan for the event loop, or None if the view can't be built without blocking.

        A plan that returns None leaves the request to `payload` in a thread. Raises ShopError.
        """
        return None

    def get(self, request: Request, **where: str) -> HttpResponse:
        # One character per byte, like PATH_INFO in WSGI, so that this view and the fast path use the same cache key.
        path = request.path.encode().decode("latin-1")
        key = cache_key(path, request.META.get("QUERY_STRING", ""))
        return self.respond(
            request, get_or_build(key, lambda: self.payload(request.query_params, where), is_shared=self.is_shared)
        )

    @classmethod
    def respond(cls, request: DRFRequest | HttpRequest, entry: CacheEntry) -> HttpResponse:
        if etag_matches(request.headers.get("If-None-Match", ""), entry.etag):
            response = HttpResponse(status=304)
            del response["Content-Type"]
        else:
            response = HttpResponse(entry.body, content_type="application/json")
        for name, value in cls.headers_of(entry):
            response[name] = value
        return response

    @classmethod
    def headers_of(cls, entry: CacheEntry) -> list[tuple[str, str]]:
        return [
            ("ETag", entry.etag),
            (
                "Cache-Control",
                f"public, max-age=0, s-maxage={cls.s_maxage}, stale-while-revalidate={cls.stale_while_revalidate}",
            ),
            ("Vary", "Accept-Encoding"),
            # The keys by which a CDN can purge the response.
            surrogate_keys.header(entry.surrogate_keys),
        ]


def cache_key(path: str, query: str) -> str:
    """The cache key for a decoded path and a raw query string, with the path's length, because a path may contain a `?`."""
    return f"{len(path)}:{path}?{query}"


def etag_matches(if_none_match: str, tag: str) -> bool:
    """Whether an If-None-Match header contains this ETag, by weak comparison (RFC 9110, section 13.1.2)."""
    if not if_none_match:
        return False
    return (
        if_none_match == tag
        or if_none_match.strip() == "*"
        or tag in [given.removeprefix("W/") for given in parse_etags(if_none_match)]
    )
