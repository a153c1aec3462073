"""Captured or authorised money that pays for nothing."""

from typing import ClassVar

from django.db.models import Count, QuerySet

from noirel.backoffice.review_queue.items import (
    AUTHORIZATION_LIFETIME,
    REFUND_WINDOW,
    Action,
    AfterCommit,
    AlreadyDecided,
    Choice,
    Evidence,
    Item,
    Kind,
    Source,
    first_non_empty,
    format_amount,
    parse_uuid,
)
from noirel.backoffice.review_queue.refunds import raise_unless_sent
from noirel.core.domain.money import Money
from noirel.core.viewer import Viewer
from noirel.orders.lifecycle import Status
from noirel.payments.lifecycle import UNDECIDED_DISPUTE_STATES, PaymentUpdate
from noirel.payments.models import Refund, UnmatchedPayment
from noirel.payments.razorpay import gateway
from noirel.payments.selectors import disputes_over
from noirel.payments.services.accept_unmatched import accept_unmatched, covers
from noirel.payments.services.refund import request_unmatched_refund, send_refund

OPEN_DISPOSITIONS = [UnmatchedPayment.Disposition.WAITING, UnmatchedPayment.Disposition.REFUSED]
DESCRIPTIONS = {
    "mismatch": "{told} came in for order {order}, which asked for {asked}. It didn't mark the order paid.",
    "late": "{told} for order {order} came in after the order had ended.",
    "duplicate": "{told} came in for order {order}, which was paid already.",
    "unmatched": "The gateway holds {told} that belongs to no order of ours.",
}


class UnmatchedPayments(Source):
    prefix: ClassVar[str] = "stray"

    def counts(self) -> dict[str, int]:
        return dict(self._rows().values_list("kind").annotate(n=Count("pk")))

    def open_items(self, limit: int) -> list[Item]:
        rows = list(self._rows().order_by("created_at")[:limit])
        failures = _failures(rows)
        return [_item(row, failures.get(row.pk, "")) for row in rows]

    def find(self, key: str) -> Item | None:
        row = self._rows().filter(pk=parse_uuid(key)).first()
        return _item(row, _failures([row]).get(row.pk, "")) if row else None

    def check_gateway(self, key: str, act: Action) -> PaymentUpdate | None:
        return gateway().payment(UnmatchedPayment.objects.get(pk=key).gateway_payment_id) if act is Action.ACCEPT else None

    def decide(self, viewer: Viewer, key: str, act: Action, note: str, *, seen: PaymentUpdate | None) -> AfterCommit | None:
        stray = UnmatchedPayment.objects.select_related("payment__order").get(pk=key)
        if act is Action.ACCEPT and seen is not None:
            over = accept_unmatched(viewer, stray, update=seen)
            return (lambda: send_refund(over)) if over else None  # one that fails is an item of its own
        if not stray.is_captured:
            moved = UnmatchedPayment.objects.filter(pk=key, fate__in=OPEN_DISPOSITIONS, is_captured=False)
            if not moved.update(fate=UnmatchedPayment.Disposition.TO_RETURN):
                raise AlreadyDecided
            return None
        refund = request_unmatched_refund(stray, viewer=viewer, reason=note or stray.kind)
        if refund is None:
            raise AlreadyDecided
        return lambda: raise_unless_sent(send_refund(refund))

    def _rows(self) -> QuerySet[UnmatchedPayment]:
        return UnmatchedPayment.objects.select_related("payment__order").filter(fate__in=OPEN_DISPOSITIONS)


def _failures(rows: list[UnmatchedPayment]) -> dict[object, str]:
    refused = [row.pk for row in rows if row.fate == UnmatchedPayment.Disposition.REFUSED]
    return dict(
        Refund.objects.filter(stray__in=refused, status="failed").order_by("created_at").values_list("stray", "failure")
    )


def _item(stray: UnmatchedPayment, failure: str) -> Item:
    attempt = stray.payment
    told = format_amount(stray.remaining_amount, stray.currency)
    asked = format_amount(attempt.amount, attempt.currency) if attempt else ""
    order = attempt.order.number if attempt else None
    happened = DESCRIPTIONS[stray.kind].format(told=format_amount(stray.amount, stray.currency), asked=asked, order=order)
    if stray.accepted_amount:
        happened = f"{told} more than order {order} asked for was paid for it."
    refused = stray.fate == UnmatchedPayment.Disposition.REFUSED
    is_disputed = stray.is_captured and bool(disputes_over(stray.gateway_payment_id, UNDECIDED_DISPUTE_STATES))
    label = says = ""
    if refused:
        happened += f" It was sent back, but the gateway refused: {first_non_empty(failure, 'it gave no reason')}."
    if not stray.is_captured:
        why = "The buyer's bank has authorised it; it was not captured. Without a decision, the bank releases it."
        label = f"Release {told}"
        says = f"{told} is not captured. The buyer's bank releases it; if it is captured after all, it is refunded at once."
    elif refused and not is_disputed:
        label = f"Send {told} back again"
        why = "It is still the buyer's money."
        says = f"The gateway is asked once more to send {told} back, as a new refund."
    elif is_disputed:
        why = "The buyer's bank is reviewing this payment. If anything is left to decide after that, it is decided here."
    else:
        label = f"Send {told} back"
        why = "No order asked for it like this, so it is the buyer's money until somebody decides."
        says = f"{told} is refunded to the payer, once, in 5 to 7 working days."
    return Item(
        id=f"{UnmatchedPayments.prefix}-{stray.pk}",
        kind=Kind(stray.kind),
        subject=stray.gateway_payment_id,
        description=happened,
        reason=why,
        choices=_ordered_choices(stray, Choice(Action.REFUND, label, says)) if label else [],
        created_at=stray.created_at,
        deadline=stray.created_at + (REFUND_WINDOW if stray.is_captured else AUTHORIZATION_LIFETIME),
        order=order,
        amount=Money(stray.remaining_amount, stray.currency),
        evidence=_evidence(stray),
    )


def _ordered_choices(stray: UnmatchedPayment, refund: Choice) -> list[Choice]:
    """What is proposed first. Exactly what a waiting order asked for is proposed to it; anything else is the buyer's first."""
    attempt = stray.payment
    if attempt is None or not covers(stray):
        return [refund]
    order, over = attempt.order, stray.amount - attempt.amount
    says = f"Order {order.number} is paid with {format_amount(attempt.amount, attempt.currency)} and goes on to be packed."
    if order.status == Status.EXPIRED:
        says = f"If every unit is still in stock, they are reserved again. {says}"
    if over:
        says += f" {format_amount(over, stray.currency)} is too much and is refunded at once."
    accept = Choice(Action.ACCEPT, f"Accept it for {order.number}", says)
    return [refund, accept] if over or order.status == Status.EXPIRED else [accept, refund]


def _evidence(stray: UnmatchedPayment) -> list[Evidence]:
    attempt, fact = stray.payment, stray.evidence.get("fact", {})
    return [
        Evidence(
            "Amount",
            format_amount(attempt.amount, attempt.currency) if attempt else "",
            format_amount(stray.amount, stray.currency),
        ),
        Evidence("State", "captured", "captured" if stray.is_captured else str(fact.get("status") or "authorised")),
        Evidence("Gateway order", (attempt.gateway_order_id or "") if attempt else "", str(fact.get("order_id") or "")),
        Evidence("Payment", (attempt.gateway_payment_id or "") if attempt else "", stray.gateway_payment_id),
        Evidence("Receipt", attempt.receipt if attempt else "", ""),
        Evidence("Method", "", str(fact.get("method") or "")),
    ]
