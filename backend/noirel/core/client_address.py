"""The IP address of a client, taken only from headers that our own proxies have set."""

from collections.abc import Mapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

from django.conf import settings


def client_address(environ: Mapping[str, Any]) -> str:
    """Return the client's IP address in canonical form, or an empty string if it is unknown.

    environ: the WSGI environ, or Django's `request.META`.

    Our proxies append to X-Forwarded-For; TRUSTED_PROXY_HOPS says how many of them do. Entries that the client sent itself are
    never used. If the header has fewer entries, or the entry is not an address, the connection's address is returned.
    """
    hops = settings.TRUSTED_PROXY_HOPS
    chain = [part.strip() for part in environ.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    forwarded = parse_address(chain[-hops]) if hops and len(chain) >= hops else None
    return str(forwarded or parse_address(str(environ.get("REMOTE_ADDR", ""))) or "")


@lru_cache(4096)
def parse_address(text: str) -> IPv4Address | IPv6Address | None:
    """Parse an address as proxies write it, with an optional port, brackets or zone, or as IPv4-mapped IPv6. Else None."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address
