"""Asking every check, of one moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.db import connection, transaction

from noirel.backoffice.audit.checks import CHECKS
from noirel.backoffice.audit.sums import with_sums
from noirel.core.db import prepared
from noirel.core.history import broken_links, broken_seals
from noirel.ledger.models import HISTORY as LEDGER
from noirel.orders.models import HISTORY as TIMELINES

MAX_ROWS = 100  # of one check: a thousand rows say no more than a hundred


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it must be. check names the rule, subject the row, detail what it says and should say."""

    check: str
    subject: str
    detail: str


def run_checks(*, at_rest: bool = True) -> list[Finding]:
    """All that breaks an invariant, in the raw rows of one moment; nothing, when all is well.

    at_rest=False leaves out what only holds once the clock's jobs have caught up. Reads everything: minutes on a big shop, a
    few milliseconds on a small one. Changes nothing and locks nothing.
    """
    with _snapshot():
        return [*_run_statement(at_rest), *_histories()]


@contextmanager
def _snapshot() -> Iterator[None]:
    if connection.in_atomic_block:  # the caller's transaction is the moment
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _run_statement(at_rest: bool) -> list[Finding]:
    # Prepared: to plan sixty checks takes ten times as long as to ask them of a small shop, as tests do ten thousand times.
    rows = prepared.execute(_statement(at_rest, settings.SHOP_TIME_ZONE))
    return [Finding(check, subject, with_sums(detail)) for check, subject, detail in rows]


@cache
def _statement(at_rest: bool, zone: str) -> str:
    return " UNION ALL ".join(
        f"(SELECT '{check.name}', subject::text, detail::text "
        f"FROM ({with_time_zone(check.sql, zone)}) AS found(subject, detail)"
        f" ORDER BY 2 LIMIT {MAX_ROWS})"
        for check in CHECKS
        if at_rest or not check.at_rest
    )


def with_time_zone(sql: str, zone: str) -> str:
    """A check's statement with the shop's time zone in it: the name is one of the IANA database's, settings see to that."""
    return sql.replace(":shop_zone", f"'{zone}'")


def _histories() -> list[Finding]:
    found: list[Finding] = []
    for history in (LEDGER, TIMELINES):
        found += [
            Finding("history.links", f"{history.table} {broken.row}", f"{broken.what}, in {broken.chain}")
            for broken in broken_links(history)[:MAX_ROWS]
        ]
        found += [
            Finding("history.seals", f"{history.table} {broken.row}", "the rows under this seal are not what they were")
            for broken in broken_seals(history)[:MAX_ROWS]
        ]
    return found
