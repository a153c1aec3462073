"""Who may keep an answer: catalogue reads are for shared caches, anything else for nobody."""

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
    """A strong tag for whatever identifies one state: `etag(product.pk, product.updated_at)`."""
    return f'"{hashlib.blake2b("|".join(map(str, parts)).encode(), digest_size=16).hexdigest()}"'


def check_if_match(request: Request, tag: str) -> None:
    """Raises PreconditionFailed if the caller's If-Match isn't this state. Without one it may go on.

    The view names the method in `if_match`, which is where the schema learns of the header.
    """
    view = (request.parser_context or {}).get("view")
    if view is not None and request.method not in view.if_match:
        raise ImproperlyConfigured(f"{type(view).__name__}.if_match must name {request.method}.")
    given = request.headers.get("If-Match")
    if given is not None and given.strip() != "*" and tag not in parse_etags(given):
        raise PreconditionFailed


def public_cache(request: Request | HttpRequest, data: Any, *, s_maxage: int = 60, stale: int = 600) -> HttpResponse:
    """An answer that is the same for everyone: strong ETag, 304 on If-None-Match.

    s_maxage and stale (stale-while-revalidate) are seconds in a shared cache; browsers ask again each time, which
    costs a 304. The view sets `caching = "public"`.
    """
    body = dumps(data)
    tag = f'"{hashlib.blake2b(body, digest_size=16).hexdigest()}"'
    known = [item.removeprefix("W/") for item in parse_etags(request.headers.get("If-None-Match", ""))]
    response = HttpResponse(status=304) if tag in known or "*" in known else HttpResponse(body, content_type="application/json")
    if response.status_code == 304:
        del response["Content-Type"]
    response["ETag"] = tag
    response["Cache-Control"] = f"public, max-age=0, s-maxage={s_maxage}, stale-while-revalidate={stale}"
    patch_vary_headers(response, ["Accept-Encoding"])
    return response
