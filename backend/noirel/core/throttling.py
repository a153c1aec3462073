"""Rate limits for what is worth guessing or flooding: counted in PostgreSQL, so all processes count together."""

import hashlib
import math
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from noirel.core import hot
from noirel.core.client_address import client_address
from noirel.core.models import ThrottleCount

if TYPE_CHECKING:  # rest_framework.views loads this module while it is loading itself
    from rest_framework.views import APIView


def client_ip(request: HttpRequest | Request) -> str:
    """The browser's address (core/client_address.py)."""
    return client_address(request.META)


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
    ((hits,),) = hot.run(_HIT, key, datetime.fromtimestamp(ends, UTC))
    return ends - now if hits > limit else 0


_HIT = (
    "INSERT INTO core_throttlecount AS t (key, hits, ends_at) VALUES (%s, 1, %s)"
    " ON CONFLICT (key) DO UPDATE SET hits = t.hits + 1 RETURNING hits"
)


def limit(scope: str, caller: str) -> None:
    """Count one try against a caller that isn't an address (an account). Raises Throttled."""
    if wait := hit(scope, caller):
        raise Throttled(wait=wait)


class ScopedThrottle(BaseThrottle):
    """A view's `throttle_scope`, counted for the signed-in user, else for the address."""

    seconds: int = 0

    def allow_request(self, request: Request, view: "APIView") -> bool:
        scope = getattr(view, "throttle_scope", None)
        if scope is None or request.method in {"GET", "HEAD", "OPTIONS"}:
            return True
        caller = str(request.user.pk) if request.user else client_ip(request)
        self.seconds = hit(scope, caller)
        return self.seconds == 0

    def wait(self) -> float | None:
        return self.seconds


def forget_ended_windows() -> None:
    ThrottleCount.objects.filter(ends_at__lt=timezone.now() - timedelta(minutes=1)).delete()
