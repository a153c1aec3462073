"""The gateway's own word beside ours."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import CharField, Exists, OuterRef, QuerySet, Sum, Value
from django.db.models.functions import Cast, Concat

from noirel.backoffice.audit.runner import MAX_ROWS, Finding
from noirel.backoffice.models import Decision
from noirel.core.domain.money import format_amount
from noirel.payments.errors import GatewayRefused
from noirel.payments.lifecycle import PaymentUpdate, RefundState, RefundUpdate, State
from noirel.payments.models import Payment, Refund, UnmatchedPayment
from noirel.payments.razorpay import gateway

CAPTURED = frozenset({"captured", "refunded"})  # the gateway's words; one that let go of an authorised payment says it too


@dataclass(frozen=True)
class _Recorded:
    """What we say of a captured payment. promised: of what is spoken for, the gateway may not have heard that much yet."""

    amount: int
    currency: str
    fee: int | None
    refunded: int
    promised: int


def compare_with_gateway(start: datetime, end: datetime) -> list[Finding]:
    """Where gateway and books disagree about what happened in a closed window.

    Every payment and every refund of it must be known on both sides, at the same sums. What seems to differ is asked for a
    second time, by its own name: a fact that was under way between both readings is no difference. Raises GatewayUnavailable,
    GatewayRefused.
    """
    told = {fact.payment_id: fact for fact in gateway().payments_between(start, end)}
    suspects = [f.subject for f in _compare_payments(told, told.keys() | _captured_between(start, end))]
    again = {name: fact for name in suspects[:MAX_ROWS] if (fact := _payment(name)) is not None}
    sent = {fact.refund_id: fact for fact in gateway().refunds_between(start, end)}
    doubtful = {f.subject: sent.get(f.subject) for f in _compare_refunds(sent, sent.keys() | _sent_between(start, end))}
    return [
        *_compare_payments(again, suspects[:MAX_ROWS]),
        *_compare_refunds(_refunds(doubtful), list(doubtful)[:MAX_ROWS]),
    ]


def _compare_payments(told: dict[str, PaymentUpdate], names: Iterable[str]) -> list[Finding]:
    names = sorted(names)
    ours = _recorded_payments(names)
    return [finding for name in names if (finding := _payment_differs(name, told.get(name), ours.get(name)))]


def _payment_differs(name: str, fact: PaymentUpdate | None, ours: _Recorded | None) -> Finding | None:
    if fact is None or fact.status not in CAPTURED:
        if ours is None:
            return None
        if fact is None:
            return Finding("gateway.missing", name, "we have it as captured, the gateway does not know it")
        return Finding("gateway.captured", name, f"we have it as captured, the gateway says {fact.status}")
    held = format_amount(fact.amount, fact.currency)
    if ours is None:
        if fact.refunded >= fact.amount:
            return None
        return Finding("gateway.unknown", name, f"the gateway holds {held} we know nothing of")
    if (fact.amount, fact.currency) != (ours.amount, ours.currency):
        return Finding("gateway.amount", name, f"the gateway says {held}, we say {format_amount(ours.amount, ours.currency)}")
    if not ours.refunded - ours.promised <= fact.refunded <= ours.refunded:
        sent, told = format_amount(fact.refunded, fact.currency), format_amount(ours.refunded, ours.currency)
        return Finding("gateway.refunded", name, f"the gateway sent {sent} back, we say {told}")
    if ours.fee is not None and fact.fee is not None and ours.fee != fact.fee:
        theirs, told = format_amount(fact.fee, fact.currency), format_amount(ours.fee, ours.currency)
        return Finding("gateway.fee", name, f"the gateway keeps {theirs}, we say {told}")
    return None


def _compare_refunds(told: dict[str, RefundUpdate], names: Iterable[str]) -> list[Finding]:
    names = sorted(set(names) - _explained_refunds(names))
    ours = {
        str(refund.gateway_refund_id): refund
        for refund in Refund.objects.filter(gateway_refund_id__in=names).exclude(status=RefundState.QUARANTINED)
    }
    return [finding for name in names if (finding := _refund_differs(name, told.get(name), ours.get(name)))]


def _refund_differs(name: str, fact: RefundUpdate | None, ours: Refund | None) -> Finding | None:
    we_have = f"we have {format_amount(ours.amount, ours.currency)} as {ours.status}" if ours else "we know nothing of it"
    if fact is None:
        return Finding("gateway.refund", name, f"{we_have}, the gateway does not know it") if ours else None
    if ours is None:
        # Money that was never captured is let go of as well, and pays for nothing.
        differs = fact.state is not RefundState.FAILED and bool(_recorded_payments([fact.payment_id]))
    else:
        # One we call pending is asked about until it is final: the gateway may be ahead of us.
        is_final = ours.status in {RefundState.FAILED, RefundState.PROCESSED}
        differs = (fact.amount, fact.currency) != (ours.amount, ours.currency) or (is_final and fact.state != ours.status)
    says = f"the gateway sends {format_amount(fact.amount, fact.currency)} of {fact.payment_id} back ({fact.status})"
    return Finding("gateway.refund", name, f"{says}, {we_have}") if differs else None


def _explained_refunds(names: Iterable[str]) -> set[str]:
    """Refunds of the gateway that can't be, and that staff have explained."""
    return {str(refund.gateway_refund_id) for refund in _quarantined().filter(gateway_refund_id__in=list(names))}


def _quarantined() -> QuerySet[Refund]:
    """Quarantined refunds with a decision of staff: the gateway says that they were sent, and nothing is booked for them."""
    name = Concat(Value("refund-"), Cast(OuterRef("pk"), CharField()))
    return Refund.objects.filter(Exists(Decision.objects.filter(item=name)), status=RefundState.QUARANTINED)


def _recorded_payments(names: list[str]) -> dict[str, _Recorded]:
    """What of these payments we say is captured, on an order or on the desk."""
    waiting = Refund.objects.filter(gateway_payment_id__in=names, status=RefundState.REQUESTED)
    promised = dict(waiting.values_list("gateway_payment_id").annotate(sum=Sum("amount")))
    explained = dict(
        _quarantined().filter(gateway_payment_id__in=names).values_list("gateway_payment_id").annotate(sum=Sum("amount"))
    )
    for name, sum_ in explained.items():  # the gateway may or may not count them
        promised[name] = promised.get(name, 0) + sum_
    known: dict[str, _Recorded] = {}
    for stray in UnmatchedPayment.objects.filter(is_captured=True, gateway_payment_id__in=names):
        name = stray.gateway_payment_id
        known[name] = _Recorded(
            stray.amount, stray.currency, None, stray.refunded_amount + explained.get(name, 0), promised.get(name, 0)
        )
    for payment in Payment.objects.filter(status=State.CAPTURED, gateway_payment_id__in=names):
        name = str(payment.gateway_payment_id)
        known[name] = _Recorded(
            payment.amount,
            payment.currency,
            payment.fee_amount,
            payment.refunded_amount + explained.get(name, 0),
            promised.get(name, 0),
        )
    return known


def _captured_between(start: datetime, end: datetime) -> set[str]:
    """Payments that must have been made in the window: the attempt is older than its payment, our word of it younger."""
    payments = Payment.objects.filter(status=State.CAPTURED, created_at__gte=start, captured_at__lte=end)
    strays = UnmatchedPayment.objects.filter(is_captured=True, payment__created_at__gte=start, created_at__lte=end)
    return {
        str(name)
        for rows in (payments, strays)
        for name in rows.values_list("gateway_payment_id", flat=True)
    }  # fmt: skip


def _sent_between(start: datetime, end: datetime) -> set[str]:
    """Refunds that must have been made at the gateway in the window; one we adopted may be older than our row."""
    sent = Refund.objects.filter(status=RefundState.PROCESSED, created_at__gte=start, processed_at__lte=end)
    return {str(name) for name in sent.exclude(origin=Refund.Origin.EXTERNAL).values_list("gateway_refund_id", flat=True)}


def _payment(name: str) -> PaymentUpdate | None:
    try:
        return gateway().payment(name)
    except GatewayRefused:
        return None


def _refunds(names: dict[str, RefundUpdate | None]) -> dict[str, RefundUpdate]:
    """These refunds once more, by the payments they are of: the one named, or the one we wrote down."""
    payments = dict(Refund.objects.filter(gateway_refund_id__in=names).values_list("gateway_refund_id", "gateway_payment_id"))
    found: dict[str, RefundUpdate] = {}
    for name, fact in list(names.items())[:MAX_ROWS]:
        of = fact.payment_id if fact else payments.get(name, "")
        try:
            found |= {again.refund_id: again for again in gateway().refunds_for_payment(of)}
        except GatewayRefused:
            continue
    return found
