"""What the gateway paid to our bank, matched line by line with what we know."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from noirel.backoffice.models import Settlement, SettlementLine, SyncProgress
from noirel.core.domain.money import format_amount
from noirel.ledger.services import post
from noirel.payments import books
from noirel.payments.lifecycle import DisputeState, GatewaySettlement, GatewaySettlementLine, State
from noirel.payments.models import Dispute, Payment, Refund, UnmatchedPayment
from noirel.payments.razorpay import gateway

GATEWAY_TIME_ZONE = ZoneInfo("Asia/Kolkata")  # its reports are by the day of India
INITIAL_LOOKBACK = timedelta(days=30)
LINE_FIELDS = (
    "type", "amount", "credit", "debit", "fee", "tax", "currency", "payment_id", "order_receipt", "dispute_id",
)  # fmt: skip


def import_new_settlements() -> int:
    """Take in what was settled since the last time, two days over again; how many settlements were new."""
    mark, _ = SyncProgress.objects.get_or_create(name="settlements", defaults={"until": timezone.now() - INITIAL_LOOKBACK})
    now = timezone.now()
    made = import_settlements(mark.until - timedelta(days=2), now)
    mark.until = now
    mark.save(update_fields=["until"])
    return made


def import_settlements(start: datetime, end: datetime) -> int:
    """Take in the settlements of a window with their lines; how many were new. The same window again changes nothing.

    Lines that matched nothing so far are matched again, whenever they were settled. Raises GatewayUnavailable, GatewayRefused,
    and then nothing of a settlement that was begun is kept.
    """
    told = [settled for settled in gateway().settlements_between(start, end) if settled.status == "processed"]
    lines: dict[str, list[GatewaySettlementLine]] = {}
    for day in {_day_of(settled) for settled in told}:
        for line in gateway().settlement_lines_on(day):
            lines.setdefault(line.settlement_id, []).append(line)
    made = sum(_save_settlement(settled, lines.get(settled.settlement_id, [])) for settled in told)
    rematch()
    return made


@transaction.atomic
def _save_settlement(settled: GatewaySettlement, lines: list[GatewaySettlementLine]) -> bool:
    currency = lines[0].currency if lines else settings.SHOP_CURRENCY
    settlement, made = Settlement.objects.get_or_create(
        pk=settled.settlement_id,
        defaults={
            "amount": settled.amount, "fees": settled.fees, "tax": settled.tax, "currency": currency, "utr": settled.utr,
            "created_at": settled.created_at,
        },
    )  # fmt: skip
    for line in lines:
        row = SettlementLine(
            settlement=settlement, entity_id=line.entity_id, type=line.type, amount=line.amount, credit=line.credit,
            debit=line.debit, fee=line.fee, tax=line.tax, currency=line.currency, payment_id=line.payment_id,
            order_receipt=line.order_receipt, dispute_id=line.dispute_id,
        )  # fmt: skip
        told = {name: getattr(row, name) for name in LINE_FIELDS} | {"problem": line_problem(row)}
        SettlementLine.objects.update_or_create(settlement=settlement, entity_id=line.entity_id, defaults=told)
    sums = settlement.lines.aggregate(credit=Sum("credit", default=0), debit=Sum("debit", default=0))
    comes_to = sums["credit"] - sums["debit"]
    settlement.problem = ""
    if comes_to != settlement.amount:
        settlement.problem = f"Its lines come to {_text(comes_to, settlement)}, it says {_text(settlement.amount, settlement)}."
    if settled.amount != settlement.amount:
        settlement.problem = (
            f"It said {_text(settlement.amount, settlement)} at first, and says {_text(settled.amount, settlement)} now."
        )
    settlement.save(update_fields=["problem"])
    post(books.settled(settlement.pk, amount=settlement.amount, currency=settlement.currency))
    return made


def rematch() -> int:
    """Look once more at every line that matched nothing; how many do now."""
    found = 0
    for line in SettlementLine.objects.exclude(problem=""):
        problem = line_problem(line)
        found += not problem
        SettlementLine.objects.filter(pk=line.pk).exclude(problem=problem).update(problem=problem)
    return found


def line_problem(line: SettlementLine) -> str:
    """Why a line does not match what we know, in words; empty when it does."""
    before = SettlementLine.objects.filter(entity_id=line.entity_id).exclude(settlement=line.settlement).first()
    if before is not None:
        return f"It was settled in {before.settlement_id} as well."
    if line.type == "payment":
        return _payment_problem(line)
    if line.type == "refund":
        refund = Refund.objects.filter(gateway_refund_id=line.entity_id).first()
        if refund is None:
            return "We know of no such refund."
        same = (refund.amount, refund.currency) == (line.debit, line.currency)
        ours = format_amount(refund.amount, refund.currency)
        return "" if same else f"We refunded {ours}, {_text(line.debit, line)} was taken."
    dispute = Dispute.objects.filter(pk=line.dispute_id or line.entity_id).first()
    if dispute is None:
        return f"We know of no {line.type} like this."
    if dispute.status != DisputeState.LOST:
        return f"Dispute {dispute.pk} is {dispute.get_status_display().lower()}, and {_text(line.debit, line)} was taken."
    if dispute.amount_deducted == line.debit:
        return ""
    return f"The dispute took {format_amount(dispute.amount_deducted, dispute.currency)}, not {_text(line.debit, line)}."


def _payment_problem(line: SettlementLine) -> str:
    payment = Payment.objects.filter(gateway_payment_id=line.entity_id, status=State.CAPTURED).first()
    stray = UnmatchedPayment.objects.filter(gateway_payment_id=line.entity_id, is_captured=True).first()
    known = payment or stray
    if known is None:
        return "We know of no such payment."
    if (known.amount, known.currency) != (line.amount, line.currency):
        return f"We captured {format_amount(known.amount, known.currency)}, {_text(line.amount, line)} is settled."
    if line.credit != line.amount - line.fee:
        return f"{_text(line.amount, line)} less the fee {_text(line.fee, line)} is not {_text(line.credit, line)}."
    if payment is not None and payment.fee_amount is not None and payment.fee_amount != line.fee:
        return f"The fee was {_text(payment.fee_amount, line)}, {_text(line.fee, line)} is taken."
    return ""


def _text(amount: int, of: Settlement | SettlementLine) -> str:
    return format_amount(amount, of.currency)


def _day_of(settled: GatewaySettlement) -> date:
    return settled.created_at.astimezone(GATEWAY_TIME_ZONE).date()


def at_midnight(day: date) -> datetime:
    """The instant at which the gateway's day begins."""
    return datetime(day.year, day.month, day.day, tzinfo=GATEWAY_TIME_ZONE).astimezone(UTC)
