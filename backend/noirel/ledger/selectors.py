"""Queries of the ledger: balances, entries and daily movements."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet

from noirel.core.shop_time import day_end, day_start
from noirel.ledger.accounts import Account
from noirel.ledger.models import Entry

Balances = dict[tuple[Account, str], int]


@dataclass(frozen=True)
class DayBook:
    """Movements of one day, in the shop's time zone, in one currency. Minor units, debits positive.

    `opening` is the balance of each account before the day; `moved` is the change of each account by kind of entry.
    """

    on: date
    currency: str
    opening: Mapping[Account, int]
    moved: Mapping[tuple[Account, str], int]

    def change(self, account: Account) -> int:
        return sum(amount for (moved, _), amount in self.moved.items() if moved == account)

    def closing(self, account: Account) -> int:
        return self.opening.get(account, 0) + self.change(account)


def balances(*, reference: str = "", on: date | None = None, until: date | None = None) -> Balances:
    """Return the balance of each account by currency, in minor units, debits positive.

    Restricted to one chain (`reference`), one day (`on`) or all days until one (`until`, inclusive). Days are in
    SHOP_TIME_ZONE. Accounts without postings are left out.
    """
    where: list[str] = ["true"]
    values: list[Any] = []
    if reference:
        where.append("e.chain = %s")
        values.append(reference)
    for day, operator in ((on, "="), (until, "<=")):
        if day is not None:
            where.append(f"(e.at AT TIME ZONE %s)::date {operator} %s")
            values += [settings.SHOP_TIME_ZONE, day]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.key, e.currency, sum(p.value::bigint)::bigint FROM ledger_entry e, jsonb_each_text(e.postings) p"
            f" WHERE {' AND '.join(where)} GROUP BY 1, 2 ORDER BY 1, 2",
            values,
        )
        return {(Account(account), currency): amount for account, currency, amount in cursor.fetchall()}


_BY_DAY = """
WITH moved AS (
    SELECT (e.at AT TIME ZONE %s)::date AS day, e.currency, p.key AS account, e.kind, sum(p.value::bigint)::bigint AS amount
    FROM ledger_entry e, jsonb_each_text(e.postings) p GROUP BY 1, 2, 3, 4
), shown AS (
    SELECT DISTINCT day FROM moved ORDER BY day DESC LIMIT %s
)
SELECT day, currency, account, kind, amount FROM moved WHERE day IN (SELECT day FROM shown)
UNION ALL SELECT NULL, currency, account, '', sum(amount)::bigint FROM moved
    WHERE day NOT IN (SELECT day FROM shown) GROUP BY currency, account
ORDER BY 1 NULLS FIRST, 2
"""


def day_books(*, days: int) -> list[DayBook]:
    """Return the last `days` days that have entries, oldest first: one row per day and currency."""
    with connection.cursor() as cursor:
        cursor.execute(_BY_DAY, [settings.SHOP_TIME_ZONE, days])
        rows = cursor.fetchall()
    opening: dict[str, dict[Account, int]] = defaultdict(dict)
    moved: dict[tuple[date, str], dict[tuple[Account, str], int]] = defaultdict(dict)
    for day, currency, account, kind, amount in rows:
        if day is None:
            opening[currency][Account(account)] = amount
        else:
            moved[day, currency][Account(account), kind] = amount
    books: list[DayBook] = []
    for (day, currency), changes in moved.items():
        book = DayBook(on=day, currency=currency, opening=dict(opening[currency]), moved=changes)
        opening[currency] |= {account: book.closing(account) for account, _ in changes}
        books.append(book)
    return books


def entries_of(reference: str) -> list[Entry]:
    """Return the entries of a chain, oldest first."""
    return list(Entry.objects.filter(chain=reference).order_by("position"))


def entries(
    *,
    account: Account | None = None,
    reference: str = "",
    currency: str = "",
    first: date | None = None,
    last: date | None = None,
) -> QuerySet[Entry]:
    """Return entries across all chains. `first` and `last` are days in the shop's time zone, both inclusive.

    `account` selects the entries that have a posting in it.
    """
    rows = Entry.objects.all()
    if account is not None:
        rows = rows.filter(postings__has_key=str(account))
    if reference:
        rows = rows.filter(chain=reference)
    if currency:
        rows = rows.filter(currency=currency)
    if first is not None:
        rows = rows.filter(at__gte=day_start(first))
    if last is not None:
        rows = rows.filter(at__lt=day_end(last))
    return rows


def sums_of(rows: QuerySet[Entry]) -> Balances:
    """Return the sum of the postings of `rows` by account and currency, in minor units, debits positive. Zeros are left out."""
    sql, values = rows.order_by().values("currency", "postings").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.key, e.currency, sum(p.value::bigint)::bigint"
            f" FROM ({sql}) e(currency, postings), jsonb_each_text(e.postings) p GROUP BY 1, 2",
            values,
        )
        return {(Account(account), currency): amount for account, currency, amount in cursor.fetchall() if amount}
