"""What the page about reconciliation shows."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Max, Q
from django.utils import timezone

from noirel.backoffice.models import AuditRun, Reached, Settlement, SettlementLine
from noirel.backoffice.reconcile.runs import webhooks_are_silent
from noirel.ledger.accounts import Account
from noirel.ledger.selectors import balances
from noirel.payments.models import GatewayEvent, Payment

DAYS = 14
SHOWN = 50


@dataclass(frozen=True)
class Day:
    """What the books say of one day of the shop, in minor units of its currency."""

    on: date
    captured: int
    fees: int
    refunded: int
    settled: int
    gateway: int


def last_run() -> AuditRun | None:
    """The proof's newest answer."""
    return AuditRun.objects.order_by("-at").first()


def balance_sheet() -> list[tuple[Account, str, int]]:
    """Every account with something in it, in the order of the accounts."""
    held = balances()
    order = list(Account)
    return sorted(
        ((account, currency, sum_) for (account, currency), sum_ in held.items() if sum_),
        key=lambda row: (row[1], order.index(row[0])),
    )


def days() -> list[Day]:
    """The last two weeks in the shop's currency, the newest first; `gateway` is what it held for us at the end of the day."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH moved AS (
                SELECT (at AT TIME ZONE %(zone)s)::date AS day, kind, (postings ->> 'gateway')::bigint AS amount
                FROM ledger_entry WHERE postings ? 'gateway' AND currency = %(currency)s
            ), a_day AS (
                SELECT day, sum(amount) AS amount,
                    coalesce(sum(amount) FILTER (WHERE kind IN ('capture', 'stray', 'adopt')), 0) AS captured,
                    coalesce(-sum(amount) FILTER (WHERE kind = 'fee'), 0) AS fees,
                    coalesce(-sum(amount) FILTER (WHERE kind = 'refund_done'), 0) AS refunded,
                    coalesce(-sum(amount) FILTER (WHERE kind = 'settlement'), 0) AS settled
                FROM moved GROUP BY day
            )
            SELECT day, captured, fees, refunded, settled, sum(amount) OVER (ORDER BY day)
            FROM a_day ORDER BY day DESC LIMIT %(n)s
            """,
            {"zone": settings.SHOP_TIME_ZONE, "currency": settings.SHOP_CURRENCY, "n": DAYS},
        )
        return [Day(row[0], *(int(value) for value in row[1:])) for row in cursor.fetchall()]


def unsettled() -> list[Payment]:
    """Attempts we still ask the gateway about, the oldest first."""
    waiting = Payment.objects.filter(check_at__isnull=False).select_related("order")
    return list(waiting.order_by("created_at")[:SHOWN])


def webhooks() -> dict[str, Any]:
    """How the gateway's news comes in."""
    waiting = GatewayEvent.objects.filter(applied_at=None)
    return {
        "last_at": GatewayEvent.objects.aggregate(last=Max("received_at"))["last"],
        "last_day": GatewayEvent.objects.filter(received_at__gte=timezone.now() - timedelta(days=1)).count(),
        "waiting": waiting.filter(retry_at__isnull=False).count(),
        "is_silent": webhooks_are_silent(),
    }


def settlements_in_short() -> dict[str, int]:
    """How many settlements there are, and how many lines of them match nothing we know."""
    return {
        "count": Settlement.objects.count(),
        "unmatched": SettlementLine.objects.exclude(problem="").count() + Settlement.objects.filter(~Q(problem="")).count(),
    }


def reached() -> dict[str, datetime]:
    """How far the walks along the gateway's calendar have come, by name."""
    return dict(Reached.objects.values_list("name", "until"))
