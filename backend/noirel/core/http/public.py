"""Answers that are the same for everyone: strong ETag, 304, shared caches, and kept in the process as long as they stand.

The bytes come from `told`, once for both ways that lead to it: Django's (this view, with the schema, the refusals and all that
is unusual) and `Quick`, which gives the same answers without Django's work around them.
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
    """The same for everyone, whoever asks: with a strong ETag, and 304 for those who have it."""

    caching = "public"
    authentication_classes = ()
    # Seconds in a shared cache: while it may give the answer, and then while it asks for another (stale-while-revalidate).
    # Browsers ask each time, which costs a 304.
    is_shared = True  # made by one process, for all: unless asking another one costs as much as making it
    s_maxage = 60
    stale_while_revalidate = 600

    @classmethod
    def warm_up(cls) -> None:
        """Read what the first answer would wait for. A process does so when it starts."""

    @classmethod
    def payload(cls, query: QueryDict, where: PathParams) -> Payload:
        """The answer to a query string and to the names in the path. Raises what the shop raises."""
        raise NotImplementedError

    @classmethod
    def query_plan(cls, query: QueryDict, where: PathParams) -> QueryPlan[Payload | None] | None:
        """What `told` does, for a loop that can't wait; None: it can't.

        Steps that end with None have found nothing: `told` says what that means. Raises what the shop raises.
        """
        return None

    def get(self, request: Request, **where: str) -> HttpResponse:
        # As servers give a path, byte for letter: by the same name as on the short way, and nobody else's there.
        path = request.path.encode().decode("latin-1")
        key = cache_key(path, request.META.get("QUERY_STRING", ""))
        return self.respond(
            request, get_or_build(key, lambda: self.payload(request.query_params, where), is_shared=self.is_shared)
        )

    @classmethod
    def respond(cls, request: DRFRequest | HttpRequest, found: CacheEntry) -> HttpResponse:
        if etag_matches(request.headers.get("If-None-Match", ""), found.etag):
            response = HttpResponse(status=304)
            del response["Content-Type"]
        else:
            response = HttpResponse(found.body, content_type="application/json")
        for name, value in cls.headers_of(found):
            response[name] = value
        return response

    @classmethod
    def headers_of(cls, found: CacheEntry) -> list[tuple[str, str]]:
        return [
            ("ETag", found.etag),
            (
                "Cache-Control",
                f"public, max-age=0, s-maxage={cls.s_maxage}, stale-while-revalidate={cls.stale_while_revalidate}",
            ),
            ("Vary", "Accept-Encoding"),
            # By these names a shared cache can be told to forget it.
            surrogate_keys.header(found.surrogate_keys),
        ]


def cache_key(path: str, query: str) -> str:
    """The cache key of a decoded path and a raw query string. With the path's length, because a path may contain a `?` too."""
    return f"{len(path)}:{path}?{query}"


def etag_matches(if_none_match: str, tag: str) -> bool:
    """Whether the caller has the very answer already."""
    if not if_none_match:
        return False
    return (
        if_none_match == tag
        or if_none_match.strip() == "*"
        or tag in [given.removeprefix("W/") for given in parse_etags(if_none_match)]
    )
