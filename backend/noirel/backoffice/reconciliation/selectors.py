"""What the page about reconciliation shows."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import CharField, Exists, F, Max, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Cast, Coalesce, Concat
from django.utils import timezone

from noirel.backoffice.models import AuditRun, Decision, Settlement, SettlementLine, SyncProgress
from noirel.backoffice.reconciliation.runs import are_webhooks_silent
from noirel.ledger.accounts import Account
from noirel.ledger.selectors import DayBook, balances, day_books
from noirel.payments.lifecycle import RefundState
from noirel.payments.models import GatewayEvent, Payment, Refund
from noirel.payments.selectors import unanswered_attempts

# Each of these findings is an item of another kind in the review queue.
OTHER_KINDS = frozenset({"webhooks.parked", "events.parked"})
ELSEWHERE = ("settlements.matched", "settlements.lines", "gateway.refund")
DAYS = 14
MAX_SHOWN = 50


# The column of the table by day that each kind of entry at the gateway belongs to, with the sign it has there.
COLUMNS = {
    "capture": "captured", "stray": "captured", "adopt": "captured", "fee": "fees", "refund_done": "refunded",
    "dispute_lost": "disputes_lost", "settlement": "settled",
}  # fmt: skip
OUTFLOWS = frozenset({"fees", "refunded", "disputes_lost", "settled"})


@dataclass(frozen=True)
class Day:
    """What the gateway held for us on one day of the shop in one currency, in minor units, and why it changed.

    gateway = opening + captured - fees - refunded - disputes_lost - settled + adjustments. adjustments is what entries of any
    other kind moved. books is the day's change of every account.
    """

    on: date
    currency: str
    opening: int
    captured: int
    fees: int
    refunded: int
    disputes_lost: int
    settled: int
    adjustments: int
    gateway: int
    books: DayBook


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
    """The last two weeks in which anything was booked, the newest first, one row for each currency of a day."""
    return [_day_of(book) for book in reversed(day_books(days=DAYS))]


def _day_of(book: DayBook) -> Day:
    sums = dict.fromkeys(("captured", "fees", "refunded", "disputes_lost", "settled", "adjustments"), 0)
    for (account, kind), amount in book.moved.items():
        if account is Account.GATEWAY:
            column = COLUMNS.get(kind, "adjustments")
            sums[column] += -amount if column in OUTFLOWS else amount
    return Day(
        on=book.on,
        currency=book.currency,
        opening=book.opening.get(Account.GATEWAY, 0),
        gateway=book.closing(Account.GATEWAY),
        books=book,
        **sums,
    )


def unsettled() -> list[Payment]:
    """Attempts without an answer, the oldest first, as many as the page shows."""
    return list(unanswered_attempts()[:MAX_SHOWN])


def webhooks() -> dict[str, Any]:
    """How the gateway's news comes in."""
    waiting = GatewayEvent.objects.filter(applied_at=None)
    return {
        "last_at": GatewayEvent.objects.aggregate(last=Max("received_at"))["last"],
        "last_day": GatewayEvent.objects.filter(received_at__gte=timezone.now() - timedelta(days=1)).count(),
        "waiting": waiting.filter(retry_at__isnull=False).count(),
        "is_silent": are_webhooks_silent(),
    }


def unexplained_lines() -> QuerySet[SettlementLine]:
    """Lines of settlements that match nothing we know, and that nobody has explained as they are."""
    name = Concat(*_joined("settled-", "pk", "credit", "debit", "fee"))
    return SettlementLine.objects.exclude(problem="").filter(~Exists(Decision.objects.filter(item=name)))


def unexplained_settlements() -> QuerySet[Settlement]:
    """Settlements whose sum is not the sum of their lines, and that nobody has explained as they are."""
    lines = SettlementLine.objects.filter(settlement=OuterRef("pk")).values("settlement")
    rows = Settlement.objects.exclude(problem="").annotate(
        lines_amount=Coalesce(Subquery(lines.annotate(sum=Sum(F("credit") - F("debit"))).values("sum")), 0)
    )
    name = Concat(*_joined("settlement-", "pk", "amount", "lines_amount"))
    return rows.filter(~Exists(Decision.objects.filter(item=name)))


def explained_line_key(line: SettlementLine) -> str:
    """The name under which a line is explained: another sum of it is another question. checks.py spells it in SQL."""
    return f"settled-{line.pk}:{line.credit}:{line.debit}:{line.fee}"


def explained_settlement_key(settlement: Settlement, lines_amount: int) -> str:
    """The same for a settlement whose lines come to another sum."""
    return f"settlement-{settlement.pk}:{settlement.amount}:{lines_amount}"


def _joined(prefix: str, *columns: str) -> list[Value | Cast]:
    parts: list[Value | Cast] = [Value(prefix)]
    for column in columns:
        parts += [Cast(OuterRef(column), CharField()), Value(":")]
    return parts[:-1]


def open_findings(run: AuditRun | None) -> list[dict[str, Any]]:
    """What an audit found, without what is in the review queue under a kind of its own or was explained since."""
    if run is None:
        return []
    found = [finding for finding in run.findings if finding["check"] not in OTHER_KINDS]
    of = {check: [f["subject"] for f in found if f["check"] == check] for check in ELSEWHERE}
    elsewhere: set[tuple[str, str]] = set()
    if names := of["settlements.matched"]:
        known = SettlementLine.objects.filter(entity_id__in=names).exclude(problem="").values_list("entity_id", flat=True)
        elsewhere |= {("settlements.matched", name) for name in known}
    if names := of["settlements.lines"]:
        told = Settlement.objects.filter(pk__in=names).exclude(problem="").values_list("pk", flat=True)
        elsewhere |= {("settlements.lines", name) for name in told}
    if names := of["gateway.refund"]:
        apart = Refund.objects.filter(gateway_refund_id__in=names, status=RefundState.QUARANTINED)
        elsewhere |= {("gateway.refund", str(name)) for name in apart.values_list("gateway_refund_id", flat=True)}
    return [finding for finding in found if (finding["check"], finding["subject"]) not in elsewhere]


def settlements_summary() -> dict[str, int]:
    """How many settlements there are, and how many questions about them are open: those in the review queue."""
    return {
        "count": Settlement.objects.count(),
        "unmatched": unexplained_lines().count() + unexplained_settlements().count(),
    }


def sync_progress() -> dict[str, datetime]:
    """How far the walks along the gateway's calendar have come, by name."""
    return dict(SyncProgress.objects.values_list("name", "until"))
