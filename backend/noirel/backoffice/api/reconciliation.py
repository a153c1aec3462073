"""GET admin/reconciliation, POST admin/reconciliation/run, GET admin/reconciliation/settlements."""

from typing import Any

from django.db.models import Count, Prefetch, Q
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from noirel.backoffice.api.review_queue import QueueCountsOut, counts_json
from noirel.backoffice.audit.checks import CHECKS
from noirel.backoffice.models import AuditRun, Settlement
from noirel.backoffice.reconciliation import selectors
from noirel.backoffice.reconciliation.runs import run_audit
from noirel.core import audit_log
from noirel.core.domain.money import Money
from noirel.core.http import APIView, MoneyField, Out, Request, bool_param, page_of, paginate, without_body
from noirel.ledger.accounts import Account
from noirel.orders.shapes import format_instant


class FindingOut(Out):
    check = serializers.CharField()
    says = serializers.CharField(help_text="The rule that is broken, in words.")
    subject = serializers.CharField()
    detail = serializers.CharField()


class AuditRunOut(Out):
    at = serializers.DateTimeField()
    milliseconds = serializers.IntegerField()
    with_gateway = serializers.BooleanField()
    actor = serializers.CharField()
    checks = serializers.IntegerField(help_text="How many rules were asked.")
    findings = FindingOut(many=True)
    elsewhere = serializers.IntegerField(
        help_text="Findings left out of these: items of another kind in the review queue, or explained since."
    )


class BalanceOut(Out):
    account = serializers.ChoiceField([str(account) for account in Account])
    name = serializers.CharField()
    balance = MoneyField(help_text="Debits positive: what we have and spend; what we owe and earn is negative.")


class DayAccountOut(Out):
    account = serializers.ChoiceField([str(account) for account in Account])
    name = serializers.CharField()
    opening = MoneyField(help_text="Debits positive, as in `balances`.")
    change = MoneyField(help_text="The changes of one day and currency add up to 0.")
    closing = MoneyField()


class ReconciledDayOut(Out):
    """One day of the shop in one currency: `gateway` = `opening` + `captured` - `fees` - `refunded` - `disputes_lost` -
    `settled` + `adjustments`."""

    on = serializers.DateField()
    currency = serializers.CharField()
    opening = MoneyField(help_text="What the gateway held for us at the beginning of the day.")
    captured = MoneyField()
    fees = MoneyField(help_text="Tax included.")
    refunded = MoneyField(help_text="What the gateway has sent back; what is only promised is in the account `refunds_due`.")
    disputes_lost = MoneyField(help_text="What buyers' banks have taken back.")
    settled = MoneyField()
    adjustments = MoneyField(help_text="What entries of any other kind added to, or took from, the gateway's account.")
    gateway = MoneyField(help_text="What the gateway held for us at the end of the day.")
    accounts = DayAccountOut(many=True, help_text="Every account that the day's entries touch.")


class UnsettledOut(Out):
    receipt = serializers.CharField()
    order = serializers.CharField()
    status = serializers.CharField()
    amount = MoneyField()
    checks = serializers.IntegerField(help_text="How often the gateway was asked.")
    check_at = serializers.DateTimeField(allow_null=True)
    unanswered_since = serializers.DateTimeField(
        allow_null=True,
        help_text="Since when the gateway has not answered; null: it has, and holds an authorised payment.",
    )
    created_at = serializers.DateTimeField()


class WebhooksOut(Out):
    last_at = serializers.DateTimeField(allow_null=True)
    last_day = serializers.IntegerField(help_text="Events of the last 24 hours.")
    waiting = serializers.IntegerField(help_text="Kept, and not applied yet.")
    is_silent = serializers.BooleanField(
        help_text="Money came and no webhook told of it: the gateway may have switched it off."
    )


class SettlementsInShortOut(Out):
    count = serializers.IntegerField()
    unmatched = serializers.IntegerField()


class ReconciliationOut(Out):
    last_run = AuditRunOut(allow_null=True)
    balances = BalanceOut(many=True)
    days = ReconciledDayOut(many=True)
    unsettled = UnsettledOut(
        many=True,
        help_text="Attempts without an answer: the gateway was asked and has not said whether money moved, or an authorised "
        "payment is still to be captured. An abandoned attempt that nobody paid is not one.",
    )
    webhooks = WebhooksOut()
    settlements = SettlementsInShortOut()
    review_queue = QueueCountsOut()
    swept_until = serializers.DateTimeField(allow_null=True)


class SettlementLineOut(Out):
    entity_id = serializers.CharField()
    type = serializers.CharField()
    credit = MoneyField()
    debit = MoneyField()
    fee = MoneyField()
    order_receipt = serializers.CharField()
    problem = serializers.CharField()


class SettlementOut(Out):
    id = serializers.CharField()
    amount = MoneyField()
    fees = MoneyField()
    utr = serializers.CharField()
    created_at = serializers.DateTimeField()
    problem = serializers.CharField(help_text="Empty: its lines come to its sum.")
    line_count = serializers.IntegerField()
    unmatched = SettlementLineOut(many=True)


def run_json(run: AuditRun) -> dict[str, Any]:
    """The contract's AuditRun."""
    says = {check.name: check.description for check in CHECKS}
    findings = selectors.open_findings(run)
    return {
        "at": format_instant(run.at),
        "milliseconds": run.milliseconds,
        "with_gateway": run.with_gateway,
        "actor": run.actor,
        "checks": len(CHECKS),
        "findings": [finding | {"says": says.get(finding["check"], "")} for finding in findings],
        "elsewhere": len(run.findings) - len(findings),
    }


def _settlement_json(settlement: Settlement) -> dict[str, Any]:
    def money(amount: int) -> dict[str, Any]:
        return Money(amount, settlement.currency).json()

    return {
        "id": settlement.pk,
        "amount": money(settlement.amount),
        "fees": money(settlement.fees),
        "utr": settlement.utr,
        "created_at": format_instant(settlement.created_at),
        "problem": settlement.problem,
        "line_count": getattr(settlement, "line_count"),  # noqa: B009
        "unmatched": [
            {
                "entity_id": line.entity_id,
                "type": line.type,
                "credit": money(line.credit),
                "debit": money(line.debit),
                "fee": money(line.fee),
                "order_receipt": line.order_receipt,
                "problem": line.problem,
            }
            for line in getattr(settlement, "unexplained")  # noqa: B009
        ],
    }


def _day_json(day: selectors.Day) -> dict[str, Any]:
    def money(amount: int) -> dict[str, Any]:
        return Money(amount, day.currency).json()

    sums = ("opening", "captured", "fees", "refunded", "disputes_lost", "settled", "adjustments", "gateway")
    touched = {account for account, _ in day.books.moved}
    return {
        "on": day.on,
        "currency": day.currency,
        **{name: money(getattr(day, name)) for name in sums},
        "accounts": [
            {
                "account": account,
                "name": account.label,
                "opening": money(day.books.opening.get(account, 0)),
                "change": money(day.books.change(account)),
                "closing": money(day.books.closing(account)),
            }
            for account in Account
            if account in touched
        ],
    }


class ReconciliationView(APIView):
    """The books beside the gateway's and the bank's, and what the proof last found."""

    permission = "orders.refund"

    @extend_schema(responses=ReconciliationOut)
    def get(self, request: Request) -> Response:
        run = selectors.last_run()
        webhooks = selectors.webhooks()
        body = {
            "last_run": run_json(run) if run else None,
            "balances": [
                {"account": account, "name": account.label, "balance": Money(sum_, currency_).json()}
                for account, currency_, sum_ in selectors.balance_sheet()
            ],
            "days": [_day_json(day) for day in selectors.days()],
            "unsettled": [
                {
                    "receipt": payment.receipt,
                    "order": payment.order.number,
                    "status": payment.status,
                    "amount": Money(payment.amount, payment.currency).json(),
                    "checks": payment.checks,
                    "check_at": format_instant(payment.check_at),
                    "unanswered_since": format_instant(payment.unanswered_since),
                    "created_at": format_instant(payment.created_at),
                }
                for payment in selectors.unsettled()
            ],
            "webhooks": webhooks | {"last_at": format_instant(webhooks["last_at"])},
            "settlements": selectors.settlements_summary(),
            "review_queue": counts_json(),
            "swept_until": format_instant(selectors.sync_progress().get("payments")),
        }
        return Response(body)


class AuditRunView(APIView):
    """Ask the proof now."""

    permission = "orders.refund"

    @without_body(responses={201: AuditRunOut})
    def post(self, request: Request) -> Response:
        run = run_audit(actor=request.viewer.name)
        audit_log.record(
            actor=request.viewer, action="reconciliation.run", target="books", after={"findings": len(run.findings)}
        )
        return Response(run_json(run), status=201)


class SettlementsView(APIView):
    """What the gateway paid to our bank, with the lines that match nothing we know."""

    permission = "orders.refund"

    @extend_schema(
        parameters=[OpenApiParameter("unmatched", bool), OpenApiParameter("limit", int), OpenApiParameter("cursor", str)],
        responses=page_of(SettlementOut),
    )
    def get(self, request: Request) -> Response:
        rows = Settlement.objects.prefetch_related(
            Prefetch("lines", selectors.unexplained_lines().order_by("pk"), to_attr="unexplained")
        ).annotate(line_count=Count("lines"))
        if bool_param(request, "unmatched"):
            rows = rows.filter(
                Q(pk__in=selectors.unexplained_lines().values("settlement_id"))
                | Q(pk__in=selectors.unexplained_settlements().values("pk"))
            )
        return Response(paginate(rows, request, order=["-created_at", "-id"], out=_settlement_json))
