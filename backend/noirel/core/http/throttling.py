"""Rate limits for what is worth guessing or flooding: counted in PostgreSQL, so all processes count together."""

import hashlib
import math
import time
from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address, ip_network
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from noirel.core.client_address import client_address, parse_address
from noirel.core.db import prepared
from noirel.core.models import ThrottleCount
from noirel.core.viewer import ANONYMOUS, Viewer

if TYPE_CHECKING:  # rest_framework.views loads this module while it is loading itself
    from rest_framework.views import APIView


def client_ip(request: HttpRequest | Request) -> str:
    """The browser's address (core/client_address.py)."""
    return client_address(request.META)


def client_network(request: HttpRequest | Request) -> str:
    """Whose tries are counted together: an IPv4 address, or the /64 that one IPv6 customer has to himself."""
    address = parse_address(found := client_ip(request))
    return str(ip_network((address, 64), strict=False)) if isinstance(address, IPv6Address) else found


def hit(scope: str, caller: str) -> int:
    """Count one try; returns 0 when it may go on, else the seconds until the window ends. One statement."""
    limit, window = settings.THROTTLES[scope]
    limit = math.ceil(limit * settings.THROTTLE_SCALE)
    if limit == 0:
        return 0
    now = int(time.time())
    ends = now - now % window + window
    # Hashed: the table has no addresses or e-mails in it.
    key = f"{scope}:{hashlib.blake2b(caller.encode(), digest_size=16).hexdigest()}:{ends}"
    ((hits,),) = prepared.execute(_HIT, key, datetime.fromtimestamp(ends, UTC))
    return ends - now if hits > limit else 0


_HIT = (
    "INSERT INTO core_throttlecount AS t (key, hits, ends_at) VALUES (%s, 1, %s)"
    " ON CONFLICT (key) DO UPDATE SET hits = t.hits + 1 RETURNING hits"
)


def limit(scope: str, target: str) -> None:
    """Count one try at a target that isn't an address: an account, a mailbox, an order. Raises Throttled."""
    if wait := hit(scope, target):
        raise Throttled(wait=wait)


class ScopedThrottle(BaseThrottle):
    """A view's `throttle_scope`.

    Where anyone may call, the client's address is counted, signed in or not: an account costs nothing to make, and would be a
    way round the limit. Who is signed in is counted too, from any address. Where signing in is required each session is counted
    by itself, so that a stolen one can't use up its owner's tries.
    """

    seconds: int = 0

    def allow_request(self, request: Request, view: "APIView") -> bool:
        scope = getattr(view, "throttle_scope", None)
        if scope is None or request.method in {"GET", "HEAD", "OPTIONS"}:
            return True
        viewer = request.auth if isinstance(request.auth, Viewer) else ANONYMOUS
        if view.permission_for(request.method) is not None:  # type: ignore[attr-defined]
            callers = [f"session {viewer.session_id}"]
        else:
            callers = [client_network(request), *([f"user {viewer.user_id}"] if viewer.user else [])]
        self.seconds = max(hit(scope, caller) for caller in callers)
        return self.seconds == 0

    def wait(self) -> float | None:
        return self.seconds


def delete_expired_windows() -> None:
    ThrottleCount.objects.filter(ends_at__lt=timezone.now() - timedelta(minutes=1)).delete()
