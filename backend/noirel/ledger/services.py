"""Booking of entries: the only code that writes to the ledger."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils import timezone

from noirel.core.db import prepared
from noirel.ledger.accounts import Account
from noirel.ledger.models import Entry


@dataclass(frozen=True)
class Booking:
    """An entry to be posted. `postings` are minor units of `currency`, debits positive; zeros are left out.

    `key` identifies the booked fact, which is booked only once. `reference` is the entry's hash chain: the order number or the
    gateway's id.
    """

    key: str
    kind: str
    reference: str
    currency: str
    postings: Mapping[Account, int]
    memo: str = ""


def post(*bookings: Booking) -> frozenset[str]:
    """Post bookings in the caller's transaction, in one statement. Returns the keys that were not booked before.

    A booking whose key exists is skipped, so that repeating a fact books it once. PostgreSQL raises IntegrityError for an entry
    that does not balance. Locks the chains until the transaction ends.
    """
    if not bookings:
        return frozenset()
    statement = posting(*bookings)
    return frozenset(key for (key,) in prepared.execute(statement.text, *statement.values))


def posting(*bookings: Booking) -> prepared.Statement:
    """Return the statement that `post` executes, to be combined with other writes."""
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
