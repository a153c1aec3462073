"""Tokens of links that open one order without an account. Pure.

A token is an HMAC under the shop's secret over the order's number, its link version and the time of issue. Nothing is stored,
so there is nothing to steal from the database and a new link needs no write. A token expires LIFETIME after its issue, or when
staff increase the order's link version.
"""

from datetime import UTC, datetime, timedelta

from django.utils.crypto import constant_time_compare, salted_hmac

LIFETIME = timedelta(days=90)
_ISSUED = 8  # hex digits of the Unix time of issue, in front of the signature
_SIGNATURE = 64  # hex digits


def token_for(number: str, *, version: int, at: datetime) -> str:
    """Return a token issued at `at`: 8 hex digits of the time of issue and a signature of 256 bits."""
    issued = f"{int(at.timestamp()):0{_ISSUED}x}"
    return issued + _signature(number, version=version, issued=issued)


def is_valid_token(token: str, number: str, *, version: int, placed_at: datetime, at: datetime) -> bool:
    """Whether the token was issued for this order and link version and has not expired at `at`."""
    if len(token) == _SIGNATURE:  # issued by an earlier release, without a time of issue
        return version == 0 and at < placed_at + LIFETIME and constant_time_compare(token, _unversioned(number))
    issued, signature = token[:_ISSUED], token[_ISSUED:]
    if not constant_time_compare(signature, _signature(number, version=version, issued=issued)):
        return False
    return at < datetime.fromtimestamp(int(issued, 16), UTC) + LIFETIME


def _signature(number: str, *, version: int, issued: str) -> str:
    return salted_hmac("noirel.orders.link", f"{number} {version} {issued}", algorithm="sha256").hexdigest()


def _unversioned(number: str) -> str:
    return salted_hmac("noirel.orders.token", number, algorithm="sha256").hexdigest()
