"""What the books say."""

from datetime import date
from typing import Any

from django.conf import settings
from django.db import connection

from noirel.ledger.accounts import Account
from noirel.ledger.models import Entry

Balances = dict[tuple[Account, str], int]


def balances(*, reference: str = "", on: date | None = None, until: date | None = None) -> Balances:
    """Each account's balance by currency in minor units, debits positive; of one chain, one day, or up to a day (inclusive).

    Days are the shop's own (SHOP_TIME_ZONE). Accounts without postings are left out.
    """
    where: list[str] = ["true"]
    values: list[Any] = []
    if reference:
        where.append("e.chain = %s")
        values.append(reference)
    for day, compare in ((on, "="), (until, "<=")):
        if day is not None:
            where.append(f"(e.at AT TIME ZONE %s)::date {compare} %s")
            values += [settings.SHOP_TIME_ZONE, day]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.key, e.currency, sum(p.value::bigint)::bigint FROM ledger_entry e, jsonb_each_text(e.postings) p"
            f" WHERE {' AND '.join(where)} GROUP BY 1, 2 ORDER BY 1, 2",
            values,
        )
        return {(Account(account), currency): amount for account, currency, amount in cursor.fetchall()}


def entries_of(reference: str) -> list[Entry]:
    """A chain's entries, the first one first."""
    return list(Entry.objects.filter(chain=reference).order_by("position"))
