"""Booking: the only way into the ledger."""

from collections.abc import Mapping
from dataclasses import dataclass

import orjson
from django.db import connection
from django.utils import timezone

from noirel.core.ids import uuid7
from noirel.ledger.accounts import Account


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
    now = timezone.now()
    values = [
        value
        for booking in bookings
        for value in (
            uuid7(), booking.key, booking.kind, booking.reference, booking.currency, booking.memo, now,
            orjson.dumps({str(account): amount for account, amount in booking.postings.items() if amount}).decode(),
        )
    ]  # fmt: skip
    rows = ", ".join(["(%s, %s, %s, %s, %s, %s, %s, %s::jsonb, 0, '', '')"] * len(bookings))
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_entry (id, key, kind, chain, currency, memo, at, postings, position, prev_hash, hash)"
            f" VALUES {rows} ON CONFLICT (key) DO NOTHING RETURNING key",
            values,
        )
        return frozenset(key for (key,) in cursor.fetchall())
