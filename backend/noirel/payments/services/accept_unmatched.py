"""Money on the desk that staff let pay for its order after all."""

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
    """It does not cover the order, or the order can't take it any more."""

    code, title = "not_acceptable", "This money can't pay for the order"


def covers(stray: UnmatchedPayment) -> bool:
    """Whether this money could pay for the order it was meant for: taken, none of it gone, and at least the order's total.

    What is more than that has to be a sum the gateway sends back. Too little never pays for anything.
    """
    attempt = stray.payment
    if attempt is None or not stray.is_captured or stray.remaining_amount != stray.amount:
        return False
    over = stray.amount - attempt.amount
    return (
        stray.fate in UNRESOLVED
        and stray.currency == attempt.currency
        and (over == 0 or over >= MIN_REFUND_AMOUNT)
        and attempt.gateway_payment_id in {None, stray.gateway_payment_id}
        and attempt.order.status in {Status.PENDING_PAYMENT, Status.EXPIRED}
    )


@transaction.atomic
def accept_unmatched(viewer: Viewer, stray: UnmatchedPayment, *, seen: PaymentUpdate) -> Refund | None:
    """Pay an order with money from the desk, by a person's decision; the refund of what is too much, if anything is.

    seen is what the gateway says of the payment now: it must say the same as our row. The attempt becomes the captured one, of
    its own sum; an order that has ended is revived only if every unit (and share of a drop) can be held again. The refund is
    promised, and sent by send_refund outside this transaction. Raises NotAcceptable, OutOfStock, ShareUsed. Locks the order,
    then the stray row, then stock.
    """
    if stray.payment is None:
        raise NotAcceptable
    order = lock_order(stray.payment.order_id)
    attempts = attempts_of(order)
    row = UnmatchedPayment.objects.select_for_update(of=("self",)).select_related("payment__order").get(pk=stray.pk)
    if not covers(row) or any(other.status == State.CAPTURED and other.pk != row.payment_id for other in attempts):
        raise NotAcceptable
    if seen.status != "captured" or (seen.amount, seen.currency) != (row.amount, row.currency):
        raise NotAcceptable(
            f"The gateway says now that it is {seen.status}, {format_money(Money(seen.amount, seen.currency))}."
        )
    payment = next(attempt for attempt in attempts if attempt.pk == row.payment_id)
    payment.status, payment.gateway_payment_id, payment.check_at = State.CAPTURED, row.gateway_payment_id, None
    payment.captured_at = payment.captured_at or timezone.now()
    payment.method = seen.method or payment.method
    payment.fee_amount, payment.fee_tax_amount = seen.fee, seen.tax
    payment.save()
    row.accepted_amount, row.fate = payment.amount, UnmatchedPayment.Disposition.ACCEPTED
    row.save(update_fields=["accepted_amount", "fate", "updated_at"])
    set_payments(order, payments=summary_of(attempts), payment_status=payment_status_of(attempts))
    if order.status == Status.EXPIRED:
        reclaim(order.number)
        inventory.rehold(order.number)
    transition(order, Status.PAID, actor=viewer.name, message="Payment received. The house looked at it first.")
    post(
        books.unmatched_accepted(order, payment_id=row.gateway_payment_id, amount=payment.amount),
        books.order_paid(order),
        *books.gateway_fee(order.number, seen),
    )
    return (
        request_unmatched_refund(row, viewer=viewer, reason="more than was asked for") if row.amount > payment.amount else None
    )
