"""The key to one order, for who has no account. Pure.

Signed by the shop's secret over the order's number, its link version and the moment of issue, so nothing to steal lies in the
database and a fresh link needs no write. A token ends LIFETIME after its issue, or when staff raise the order's link version.
"""

from datetime import UTC, datetime, timedelta

from django.utils.crypto import constant_time_compare, salted_hmac

LIFETIME = timedelta(days=90)
_ISSUED = 8  # hex digits of seconds since 1970, before the signature
_SIGNATURE = 64


def token_for(number: str, *, version: int, at: datetime) -> str:
    """A token that opens this order from `at` on: 8 hex digits of its issue time, and 256 bits of signature."""
    issued = f"{int(at.timestamp()):0{_ISSUED}x}"
    return issued + _signature(number, version=version, issued=issued)


def is_valid_token(token: str, number: str, *, version: int, placed_at: datetime, at: datetime) -> bool:
    """Whether the token is this order's, of its link version, and has not ended."""
    if len(token) == _SIGNATURE:  # of an earlier release, without its moment of issue
        return version == 0 and at < placed_at + LIFETIME and constant_time_compare(token, _unversioned(number))
    issued, signature = token[:_ISSUED], token[_ISSUED:]
    if not constant_time_compare(signature, _signature(number, version=version, issued=issued)):
        return False
    return at < datetime.fromtimestamp(int(issued, 16), UTC) + LIFETIME


def _signature(number: str, *, version: int, issued: str) -> str:
    return salted_hmac("noirel.orders.link", f"{number} {version} {issued}", algorithm="sha256").hexdigest()


def _unversioned(number: str) -> str:
    return salted_hmac("noirel.orders.token", number, algorithm="sha256").hexdigest()
