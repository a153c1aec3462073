"""The key to one order, for who has no account. Pure.

Derived from the number by the shop's secret, so nothing to steal lies in the database, and a fresh link needs no write.
"""

from django.utils.crypto import constant_time_compare, salted_hmac


def token_for(number: str) -> str:
    """The token that opens this order: 256 bits, hex."""
    return salted_hmac("noirel.orders.token", number, algorithm="sha256").hexdigest()


def opens(token: str, number: str) -> bool:
    """Whether the token is this order's; takes as long for a wrong one."""
    return constant_time_compare(token, token_for(number))
