"""Refunds that the gateway would not send, or tells of and can't be."""

from datetime import datetime
from typing import ClassVar

from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Cast, Coalesce, Concat
from django.utils import timezone

from noirel.backoffice.models import Decision
from noirel.backoffice.review_queue.items import (
    REFUND_WINDOW,
    Action,
    AfterCommit,
    Choice,
    Evidence,
    Item,
    Kind,
    NothingChanged,
    Source,
    first_non_empty,
    format_amount,
    parse_uuid,
    record_decision,
)
from noirel.core.domain.money import Money
from noirel.core.viewer import Viewer
from noirel.orders.lifecycle import Status
from noirel.payments.lifecycle import UNDECIDED_DISPUTE_STATES, DisputeState, PaymentUpdate, RefundState
from noirel.payments.models import Dispute, Refund
from noirel.payments.selectors import disputes_over
from noirel.payments.services.refund import MIN_REFUND_AMOUNT, refundable_amount, request_refund, send_refund


class Refunds(Source):
    prefix: ClassVar[str] = "refund"

    def counts(self) -> dict[str, int]:
        return {Kind.REFUND_FAILED: self._rows().count()}

    def open_items(self, limit: int) -> list[Item]:
        return [_item(row) for row in self._rows().order_by("created_at")[:limit]]

    def find(self, key: str) -> Item | None:
        row = self._rows().filter(pk=parse_uuid(key)).first()
        return _item(row) if row else None

    def decide(self, viewer: Viewer, key: str, act: Action, note: str, *, seen: PaymentUpdate | None) -> AfterCommit | None:
        record_decision(viewer, f"{self.prefix}-{key}", act, note)
        if act is Action.DISMISS:
            return None
        failed = Refund.objects.select_related("order", "payment").get(pk=key)
        if failed.order is None or failed.payment is None:
            raise TypeError("only a refund of an order's payment is asked for again")
        again = request_refund(
            viewer,
            failed.order,
            amount=_sendable_amount(failed),
            reason=failed.reason,
            note=note or failed.note,
            origin=failed.origin,
        )
        return lambda: raise_unless_sent(send_refund(again))

    def _rows(self) -> QuerySet[Refund]:
        """Of money that has gone back all the same nothing is left to decide. What was stray lies here as stray money."""
        name = Concat(Value(f"{self.prefix}-"), Cast(OuterRef("pk"), CharField()))
        lost = Dispute.objects.filter(payment=OuterRef("payment"), status=DisputeState.LOST).values("payment")
        failed = Q(status=RefundState.FAILED, stray=None, payment__amount__gt=F("payment__refunded_amount") + F("lost"))
        rows = Refund.objects.select_related("order", "payment").annotate(
            lost=Coalesce(Subquery(lost.annotate(sum=Sum("amount_deducted")).values("sum")), 0)
        )
        return rows.filter(failed | Q(status=RefundState.QUARANTINED), ~Exists(Decision.objects.filter(item=name)))


def raise_unless_sent(refund: Refund) -> None:
    """Raise NothingChanged when the gateway would not send a refund that was asked for again."""
    if refund.status == RefundState.FAILED:
        why = first_non_empty(refund.failure, "it gave no reason")
        raise NothingChanged(f"The gateway refused again: {why}. The refund stays in the queue.")


def _sendable_amount(refund: Refund) -> int:
    """What of it can still be sent."""
    return min(refund.amount, refundable_amount(refund.order, refund.payment)) if refund.order and refund.payment else 0


def _refundable_until(refund: Refund) -> datetime:
    captured_at = refund.payment.captured_at if refund.payment else None
    return (captured_at or refund.created_at) + REFUND_WINDOW


def _item(refund: Refund) -> Item:
    told = format_amount(refund.amount, refund.currency)
    order, payment = refund.order, refund.payment
    number = order.number if order else None
    choices: list[Choice] = []
    if refund.status == RefundState.QUARANTINED:
        happened = f"The gateway tells of a refund of {told} that was not made here and is more than was left to give back."
        why = "Nothing is booked for it. Ask the gateway what it is before anything else is refunded."
        says = f"Nothing is booked for the {told}. Audits do not report it again."
        choices.append(Choice(Action.DISMISS, "Mark as explained", says, needs_note=True))
    else:
        happened = (
            f"{told} of order {number} could not be sent back: {first_non_empty(refund.failure, 'the gateway gave no reason')}."
        )
        why = "The buyer was told that it is coming."
        again = format_amount(_sendable_amount(refund), refund.currency)
        is_over = order is not None and order.status in {Status.CANCELLED, Status.EXPIRED}
        is_disputed = bool(disputes_over(refund.gateway_payment_id, UNDECIDED_DISPUTE_STATES))
        can_send = (
            _sendable_amount(refund) >= MIN_REFUND_AMOUNT and not is_disputed and timezone.now() < _refundable_until(refund)
        )
        if can_send:
            says = f"{again} is asked of the gateway again, as a new refund of order {number}."
            choices.append(Choice(Action.REFUND, f"Send {again} again", says))
        elif is_disputed:
            why = "The buyer's bank is reviewing this payment: it can be sent again, if need be, once the bank has decided."
        else:
            least = format_amount(MIN_REFUND_AMOUNT, refund.currency)
            why = f"The gateway can't send it any more: it sends back {least} or more, for 180 days."
        if not is_over:
            says = f"{told} stays with the order as paid. Nothing is sent."
            choices.append(Choice(Action.DISMISS, "Leave it", says, needs_note=True))
        elif not can_send and not is_disputed:
            says = "Say how the buyer had it. Nothing is sent, and nothing is booked."
            choices.append(Choice(Action.DISMISS, "Paid back another way", says, needs_note=True))
    return Item(
        id=f"{Refunds.prefix}-{refund.pk}",
        kind=Kind.REFUND_FAILED,
        subject=refund.gateway_refund_id or refund.key,
        description=happened,
        reason=why,
        choices=choices,
        created_at=refund.created_at,
        deadline=_refundable_until(refund) if payment else None,
        order=number,
        amount=Money(refund.amount, refund.currency),
        evidence=[
            Evidence("Refund", told, "" if refund.status == RefundState.FAILED else told),
            Evidence("State", "processed" if refund.status == RefundState.FAILED else "none", refund.status),
            Evidence("Paid", format_amount(payment.amount, payment.currency) if payment else "", ""),
            Evidence("Given back so far", format_amount(payment.refunded_amount, payment.currency) if payment else "", ""),
            Evidence("Payment", refund.gateway_payment_id, refund.gateway_payment_id),
            Evidence("Gateway refund", refund.gateway_refund_id or "", refund.gateway_refund_id or ""),
            Evidence("Asked by", refund.actor, ""),
            Evidence("Tries", str(refund.tries), ""),
        ],
    )
