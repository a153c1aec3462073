"""Booking: the only way into the ledger."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils import timezone

from noirel.core.db import prepared
from noirel.ledger.accounts import Account
from noirel.ledger.models import Entry


@dataclass(frozen=True)
class Booking:
    """An entry to be. postings in minor units of `currency`, debits positive; what is 0 is left out.

    key books it once for good; reference is the chain it is hashed into: the order's number, or the gateway's own id.
    """

    key: str
    kind: str
    reference: str
    currency: str
    postings: Mapping[Account, int]
    memo: str = ""


def post(*bookings: Booking) -> frozenset[str]:
    """Book, in the caller's transaction and one statement; the keys that were not booked before.

    A key that is booked already is left as it is, so that the same fact twice books once. PostgreSQL refuses (IntegrityError)
    an entry that does not add up to 0. Locks the chains until the commit.
    """
    if not bookings:
        return frozenset()
    write = posting(*bookings)
    return frozenset(key for (key,) in prepared.execute(write.text, *write.values))


def posting(*bookings: Booking) -> prepared.Statement:
    """What `post` does, to go with other writes in one statement."""
    now = timezone.now()
    entries = [
        Entry(
            key=booking.key, kind=booking.kind, chain=booking.reference, currency=booking.currency, memo=booking.memo, at=now,
            postings={str(account): amount for account, amount in booking.postings.items() if amount},
        )
        for booking in bookings
    ]  # fmt: skip
    return prepared.Statement(_POST, (prepared.rows_json(*entries),))


_POST = f"{prepared.insert_sql(Entry)} ON CONFLICT (key) DO NOTHING RETURNING key"
