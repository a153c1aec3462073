"""The address of whoever sent a request, as far as our own proxies vouch for it."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings


def client_address(environ: Mapping[str, Any]) -> str:
    """The client's IP address: what our nearest proxies added to X-Forwarded-For, never what the client wrote itself.

    environ is WSGI's, or Django's `request.META`.
    """
    hops = settings.TRUSTED_PROXY_HOPS
    chain = [part.strip() for part in environ.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    if hops and len(chain) >= hops:
        return str(chain[-hops])
    return str(environ.get("REMOTE_ADDR", ""))
