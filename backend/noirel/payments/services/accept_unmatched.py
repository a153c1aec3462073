"""Accepting an unmatched payment for its order, by a decision of staff."""

from django.db import transaction
from django.utils import timezone

from noirel.core.domain.errors import Conflict
from noirel.core.domain.money import Money, format_money
from noirel.core.viewer import Viewer
from noirel.drops.services.claim import reclaim
from noirel.inventory import services as inventory
from noirel.ledger.services import post
from noirel.orders.lifecycle import Status
from noirel.orders.services.transition import lock_order, set_payments, transition
from noirel.payments import books
from noirel.payments.lifecycle import PaymentUpdate, State
from noirel.payments.models import Refund, UnmatchedPayment
from noirel.payments.selectors import attempts_of, payment_status_of, summary_of
from noirel.payments.services.refund import MIN_REFUND_AMOUNT, request_unmatched_refund

UNRESOLVED = {UnmatchedPayment.Disposition.WAITING, UnmatchedPayment.Disposition.REFUSED}


class NotAcceptable(Conflict):
    """The payment does not cover the order, or the order can't be paid any more."""

    code, title = "not_acceptable", "This money can't pay for the order"
    default_detail = "The payment doesn't cover the order, or the order can't take it any more."


def covers(unmatched: UnmatchedPayment) -> bool:
    """Whether this payment can be accepted for the order it was meant for.

    It must be captured and untouched, and be at least the order's total. An excess must be large enough for the gateway to
    refund; an underpayment is never accepted.
    """
    attempt = unmatched.payment
    if attempt is None or not unmatched.is_captured or unmatched.remaining_amount != unmatched.amount:
        return False
    excess = unmatched.amount - attempt.amount
    return (
        unmatched.fate in UNRESOLVED
        and unmatched.currency == attempt.currency
        and (excess == 0 or excess >= MIN_REFUND_AMOUNT)
        and attempt.gateway_payment_id in {None, unmatched.gateway_payment_id}
        and attempt.order.status in {Status.PENDING_PAYMENT, Status.EXPIRED}
    )


@transaction.atomic
def accept_unmatched(viewer: Viewer, unmatched: UnmatchedPayment, *, update: PaymentUpdate) -> Refund | None:
    """Pay an order with an unmatched payment. Returns the refund of the excess, or None if there is none.

    `update` is the payment's current state at the gateway and must agree with the stored row. The attempt becomes captured with
    its own amount. An expired order is revived only if all its units (and its share of a drop) can be reserved again. The
    refund is only requested: call send_refund outside this transaction. Raises NotAcceptable, OutOfStock, ShareUsed. Locks the
    order, then the unmatched payment, then stock.
    """
    if unmatched.payment is None:
        raise NotAcceptable
    order = lock_order(unmatched.payment.order_id)
    attempts = attempts_of(order)
    row = UnmatchedPayment.objects.select_for_update(of=("self",)).select_related("payment__order").get(pk=unmatched.pk)
    if not covers(row) or any(other.status == State.CAPTURED and other.pk != row.payment_id for other in attempts):
        raise NotAcceptable
    if update.status != "captured" or (update.amount, update.currency) != (row.amount, row.currency):
        raise NotAcceptable(
            f"The gateway reports it as {update.status}, {format_money(Money(update.amount, update.currency))}."
        )
    payment = next(attempt for attempt in attempts if attempt.pk == row.payment_id)
    payment.status, payment.gateway_payment_id, payment.check_at = State.CAPTURED, row.gateway_payment_id, None
    payment.captured_at = payment.captured_at or timezone.now()
    payment.method = update.method or payment.method
    payment.fee_amount, payment.fee_tax_amount = update.fee, update.tax
    payment.save()
    row.accepted_amount, row.fate = payment.amount, UnmatchedPayment.Disposition.ACCEPTED
    row.save(update_fields=["accepted_amount", "fate", "updated_at"])
    set_payments(order, payments=summary_of(attempts), payment_status=payment_status_of(attempts))
    if order.status == Status.EXPIRED:
        reclaim(order.number)
        inventory.rehold(order.number)
    transition(order, Status.PAID, actor=viewer.name, message="Payment received, after a review by our staff.")
    post(
        books.unmatched_accepted(order, payment_id=row.gateway_payment_id, amount=payment.amount),
        books.order_paid(order),
        *books.gateway_fee(order.number, update),
    )
    return (
        request_unmatched_refund(row, viewer=viewer, reason="more than was asked for") if row.amount > payment.amount else None
    )
