"""What the gateway paid to our bank, matched line by line with what we know."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from noirel.backoffice.models import Reached, Settlement, SettlementLine
from noirel.ledger.services import post
from noirel.payments import books
from noirel.payments.lifecycle import Settled, SettledLine
from noirel.payments.models import Dispute, Payment, Refund, StrayMoney
from noirel.payments.razorpay import gateway

GATEWAYS_DAY = ZoneInfo("Asia/Kolkata")  # its reports are by the day of India
BEGINS = timedelta(days=30)


def import_new_settlements() -> int:
    """Take in what was settled since the last time, two days over again; how many settlements were new."""
    mark, _ = Reached.objects.get_or_create(name="settlements", defaults={"until": timezone.now() - BEGINS})
    now = timezone.now()
    made = import_settlements(mark.until - timedelta(days=2), now)
    mark.until = now
    mark.save(update_fields=["until"])
    return made


def import_settlements(start: datetime, end: datetime) -> int:
    """Take in the settlements of a window with their lines; how many were new. The same window again changes nothing.

    Raises GatewayUnavailable, GatewayRefused, and then nothing of a settlement that was begun is kept.
    """
    told = [settled for settled in gateway().settlements_between(start, end) if settled.status == "processed"]
    lines: dict[str, list[SettledLine]] = {}
    for day in {_day_of(settled) for settled in told}:
        for line in gateway().settled_on(day):
            lines.setdefault(line.settlement_id, []).append(line)
    return sum(_take_in(settled, lines.get(settled.settlement_id, [])) for settled in told)


@transaction.atomic
def _take_in(settled: Settled, lines: list[SettledLine]) -> bool:
    currency = lines[0].currency if lines else settings.SHOP_CURRENCY
    settlement, made = Settlement.objects.get_or_create(
        pk=settled.settlement_id,
        defaults={
            "amount": settled.amount, "fees": settled.fees, "tax": settled.tax, "currency": currency, "utr": settled.utr,
            "created_at": settled.created_at,
        },
    )  # fmt: skip
    for line in lines:
        SettlementLine.objects.update_or_create(
            entity_id=line.entity_id,
            defaults={
                "settlement": settlement, "type": line.type, "amount": line.amount, "credit": line.credit, "debit": line.debit,
                "fee": line.fee, "tax": line.tax, "currency": line.currency, "payment_id": line.payment_id,
                "order_receipt": line.order_receipt, "problem": problem_of(line),
            },
        )  # fmt: skip
    sums = settlement.lines.aggregate(credit=Sum("credit", default=0), debit=Sum("debit", default=0))
    comes_to = sums["credit"] - sums["debit"]
    settlement.problem = "" if comes_to == settled.amount else f"Its lines come to {comes_to}, it says {settled.amount}."
    settlement.save(update_fields=["problem"])
    post(books.settled(settlement.pk, amount=settled.amount, currency=currency))
    return made


def problem_of(line: SettledLine) -> str:
    """Why a line does not match what we know, in words; empty when it does."""
    if line.type == "payment":
        return _payment_problem(line)
    if line.type == "refund":
        refund = Refund.objects.filter(gateway_refund_id=line.entity_id).first()
        if refund is None:
            return "We know of no such refund."
        return "" if refund.amount == line.debit else f"We refunded {refund.amount}, {line.debit} was taken."
    if Dispute.objects.filter(pk=line.entity_id).exists():
        return ""
    return f"We know of no {line.type} like this."


def _payment_problem(line: SettledLine) -> str:
    payment = Payment.objects.filter(gateway_payment_id=line.entity_id, status="captured").first()
    stray = StrayMoney.objects.filter(gateway_payment_id=line.entity_id, is_captured=True).first()
    known = payment or stray
    if known is None:
        return "We know of no such payment."
    if known.amount != line.amount:
        return f"We captured {known.amount}, {line.amount} is settled."
    if line.credit != line.amount - line.fee:
        return f"{line.amount} less the fee {line.fee} is not {line.credit}."
    if payment is not None and payment.fee_amount is not None and payment.fee_amount != line.fee:
        return f"The fee was {payment.fee_amount}, {line.fee} is taken."
    return ""


def _day_of(settled: Settled) -> date:
    return settled.created_at.astimezone(GATEWAYS_DAY).date()


def at_midnight(day: date) -> datetime:
    """The instant at which the gateway's day begins."""
    return datetime(day.year, day.month, day.day, tzinfo=GATEWAYS_DAY).astimezone(UTC)
