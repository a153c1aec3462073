"""ETags, If-Match, and the cache headers of public responses. Everything else is `no-store`."""

import hashlib
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags
from rest_framework.request import Request

from noirel.core.domain.errors import PreconditionFailed
from noirel.core.http.json import dumps


def etag(*parts: object) -> str:
    """Return a strong ETag for the values that identify a state: `etag(product.pk, product.updated_at)`."""
    return f'"{hashlib.blake2b("|".join(map(str, parts)).encode(), digest_size=16).hexdigest()}"'


def check_if_match(request: Request, tag: str) -> None:
    """Raise PreconditionFailed if the request has an If-Match header that doesn't contain this tag.

    The view must list the method in `if_match`, from which the OpenAPI schema is derived; else ImproperlyConfigured is raised.
    """
    view = (request.parser_context or {}).get("view")
    if view is not None and request.method not in view.if_match:
        raise ImproperlyConfigured(f"{type(view).__name__}.if_match must name {request.method}.")
    if_match = request.headers.get("If-Match")
    if if_match is not None and if_match.strip() != "*" and tag not in parse_etags(if_match):
        raise PreconditionFailed


def public_cache(request: Request | HttpRequest, data: Any, *, s_maxage: int = 60, stale: int = 600) -> HttpResponse:
    """Return a response that is the same for everyone, with a strong ETag, or a 304 if If-None-Match has it.

    s_maxage: seconds for which shared caches may serve the response. Browsers revalidate each time, which costs a 304.
    stale: seconds for which shared caches may serve it while they revalidate (stale-while-revalidate).

    The view has to set `caching = "public"`.
    """
    body = dumps(data)
    tag = f'"{hashlib.blake2b(body, digest_size=16).hexdigest()}"'
    client_tags = [item.removeprefix("W/") for item in parse_etags(request.headers.get("If-None-Match", ""))]
    response = (
        HttpResponse(status=304)
        if tag in client_tags or "*" in client_tags
        else HttpResponse(body, content_type="application/json")
    )
    if response.status_code == 304:
        del response["Content-Type"]
    response["ETag"] = tag
    response["Cache-Control"] = f"public, max-age=0, s-maxage={s_maxage}, stale-while-revalidate={stale}"
    patch_vary_headers(response, ["Accept-Encoding"])
    return response
