"""The key to one entry, for who has no account. Pure.

Derived from its id by the shop's secret, so nothing to steal lies in the database.
"""

from uuid import UUID

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac


def token_for(entry_id: UUID) -> str:
    """The token that opens this entry: 256 bits, hex."""
    return salted_hmac("noirel.drops.entry", str(entry_id), algorithm="sha256").hexdigest()


def opens(token: str, entry_id: UUID) -> bool:
    """Whether the token is this entry's; takes as long for a wrong one."""
    return constant_time_compare(token, token_for(entry_id))


def link_to(slug: str, entry_id: UUID) -> str:
    """The page of the drop with this entry open."""
    return f"{settings.PUBLIC_URL}/drops/{slug}?entry={entry_id}&token={token_for(entry_id)}"
