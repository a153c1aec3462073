"""The address of whoever sent a request, as far as our own proxies vouch for it."""

from collections.abc import Mapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

from django.conf import settings


def client_address(environ: Mapping[str, Any]) -> str:
    """The client's IP address: what our nearest proxies added to X-Forwarded-For, never what the client wrote itself.

    environ is WSGI's, or Django's `request.META`. TRUSTED_PROXY_HOPS says how many proxies of ours add to the header; where it
    has fewer entries, or one that is no address, the connection's address counts. Always in one spelling; empty if unknown.
    """
    hops = settings.TRUSTED_PROXY_HOPS
    chain = [part.strip() for part in environ.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    forwarded = parse_address(chain[-hops]) if hops and len(chain) >= hops else None
    return str(forwarded or parse_address(str(environ.get("REMOTE_ADDR", ""))) or "")


@lru_cache(4096)
def parse_address(text: str) -> IPv4Address | IPv6Address | None:
    """An address as proxies write it: perhaps with a port, in brackets, with a zone, or IPv4 in IPv6. None if it is none."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address
