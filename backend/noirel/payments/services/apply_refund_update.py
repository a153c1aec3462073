"""Single entry point for refund updates from our own calls, webhooks and polling."""

import logging
from uuid import uuid4

from django.db import transaction
from django.db.models import F, Sum
from django.utils import timezone

from noirel.core.domain.money import Money, format_money
from noirel.core.events import publish
from noirel.ledger.accounts import Account
from noirel.ledger.models import Entry
from noirel.ledger.selectors import balances
from noirel.ledger.services import Booking, post
from noirel.orders.models import Order
from noirel.orders.services.transition import add_timeline_entry, lock_order, set_payments
from noirel.payments import books
from noirel.payments.lifecycle import RefundState, RefundUpdate, State, is_refund_progress
from noirel.payments.models import Payment, Refund, UnmatchedPayment
from noirel.payments.selectors import attempts_of, payment_status_of, refunds_summary, summary_of

log = logging.getLogger(__name__)


@transaction.atomic
def apply_refund_update(update: RefundUpdate, *, source: str) -> Refund | None:
    """Apply a refund update from the gateway. Returns the refund, or None if it can't be applied (yet).

    None means that no captured payment with this id is known, or that a pending refund still reserves the amount and only one
    of both can succeed. Repeated and reordered updates are safe, because states only move forward. A known refund is found by
    the gateway's id or by our receipt; one made on the gateway's dashboard is recorded. A refund that contradicts our data
    (more than was captured, or another amount than we requested) is quarantined. `source` is for the log. Locks the order, then
    the unmatched payment.
    """
    payment = Payment.objects.filter(gateway_payment_id=update.payment_id).first()
    unmatched = UnmatchedPayment.objects.select_related("payment").filter(gateway_payment_id=update.payment_id).first()
    owner = payment or (unmatched.payment if unmatched else None)
    if owner is None and unmatched is None:
        return None
    order = lock_order(owner.order_id) if owner else None
    if order is None and unmatched is not None:
        UnmatchedPayment.objects.select_for_update(of=("self",)).get(pk=unmatched.pk)
    refund = Refund.objects.filter(gateway_refund_id=update.refund_id).first()
    if refund is None and update.key:
        refund = Refund.objects.filter(key=update.key, gateway_payment_id=update.payment_id, gateway_refund_id=None).first()
    if refund is None and not _is_captured(payment, unmatched):
        return None  # the update that reports the capture has not arrived yet
    if refund is None:
        is_for_order = unmatched is not None and unmatched.accepted_amount and payment is not None
        refund = _record_external_refund(order, payment, None if is_for_order else unmatched, update)
        if refund is None:
            return None
    elif (refund.amount, refund.currency) != (update.amount, update.currency):
        log.error(
            "refund %s is %s %s at the gateway, we requested %s",
            update.refund_id,
            update.amount,
            update.currency,
            refund.amount,
        )
        return refund if refund.gateway_refund_id else _record_external_refund(order, payment, unmatched, update, is_ours=True)
    if refund.status == RefundState.QUARANTINED:
        if update.state is RefundState.FAILED:
            _retract_quarantined(order, refund)
        return refund
    before = refund.status
    if refund.gateway_refund_id is None:
        refund.gateway_refund_id = update.refund_id
        refund.save(update_fields=["gateway_refund_id"])
    if is_refund_progress(RefundState(refund.status), update.state):
        _advance(order, refund, update.state)
        log.info("refund %s: %s to %s, by %s", refund.key, before, refund.status, source)
    return refund


@transaction.atomic
def refund_refused(refund: Refund, why: str) -> None:
    """Record that the gateway refused a refund: its reservation is released, and staff decide.

    Locks the order, then the refund.
    """
    order = lock_order(refund.order_id) if refund.order_id else None
    row = Refund.objects.select_for_update(of=("self",)).get(pk=refund.pk)
    if row.status != RefundState.REQUESTED:
        return
    row.failure = why[:500]
    _advance(order, row, RefundState.FAILED)


def update_order_summary(order: Order) -> None:
    """Update the refunds, payments and payment status stored on the order from their rows, and save it."""
    attempts = attempts_of(order)
    order.refunds = refunds_summary(order)
    set_payments(order, payments=summary_of(attempts), payment_status=payment_status_of(attempts))
    order.save()


def refunded_so_far(order: Order, claimed: int) -> dict[str, int]:
    """What of the order's money, without a refund that was just claimed, and of its tax is promised back already."""
    booked = balances(reference=order.number)
    before = sum(Payment.objects.filter(order=order).values_list("refunded_amount", flat=True)) - claimed
    return {"refunded_before": before, "tax_back": order.tax_amount + booked.get((Account.TAX, order.currency), 0)}


def _is_captured(payment: Payment | None, unmatched: UnmatchedPayment | None) -> bool:
    return (payment is not None and payment.status == State.CAPTURED) or (unmatched is not None and unmatched.is_captured)


def _advance(order: Order | None, refund: Refund, to: RefundState) -> None:
    previous = RefundState(refund.status)
    refund.status = to
    reference = order.number if order else refund.gateway_payment_id
    if to is RefundState.FAILED:
        refund.retry_at = None
        reserve_refund(refund, -refund.amount)
        post(books.refund_failed(_booked_promise(refund)))
    if to is RefundState.PROCESSED:
        refund.processed_at, refund.retry_at = timezone.now(), None
        processed = books.refund_processed(reference, refund=str(refund.pk), amount=refund.amount, currency=refund.currency)
        if previous is RefundState.FAILED:  # the gateway sent the refund after reporting it as failed
            if not reserve_refund(refund, refund.amount):
                _quarantine(order, refund)
                return
            post(books.refund_repromised(_booked_promise(refund)), processed)
        else:
            post(processed)
    refund.save()
    if refund.stray_id:
        _update_disposition(refund, to)
    if order is not None:
        _record_on_order(order, refund, to)


def _quarantine(order: Order | None, refund: Refund) -> None:
    """Store a refund that contradicts our data as reported, for the review queue. It reserves no money."""
    refund.status, refund.retry_at, refund.processed_at = RefundState.QUARANTINED, None, None
    refund.failure = "The gateway tells of more than was taken, or of another sum than ours."
    refund.save()
    log.error("refund %s of payment %s does not fit", refund.gateway_refund_id, refund.gateway_payment_id)
    if order is not None:
        update_order_summary(order)
        sum_ = format_money(Money(refund.amount, refund.currency))
        add_timeline_entry(
            order, "refund.quarantined", f"The gateway tells of {sum_} sent back, which can't be.", is_public=False
        )


def _retract_quarantined(order: Order | None, refund: Refund) -> None:
    """Close a quarantined refund that the gateway now reports as failed. It had reserved no money."""
    refund.status, refund.failure = RefundState.FAILED, "The gateway could not send it."
    refund.save()
    if order is not None:
        update_order_summary(order)
        add_timeline_entry(order, "refund.failed", "What could not be sent back has not left.", is_public=False)


def _update_disposition(refund: Refund, to: RefundState) -> None:
    """Mark an unmatched payment as returned once all of it is, or as refused if its refund failed."""
    unmatched = UnmatchedPayment.objects.filter(money_back=refund.pk)
    if to is RefundState.PROCESSED:
        returned = Refund.objects.filter(stray_id=refund.stray_id, status=RefundState.PROCESSED).aggregate(sum=Sum("amount"))[
            "sum"
        ]
        unmatched.filter(amount__lte=F("accepted_amount") + F("disputed_amount") + (returned or 0)).update(
            fate=UnmatchedPayment.Disposition.RETURNED
        )
    elif to is RefundState.FAILED and refund.origin != Refund.Origin.EXTERNAL:
        unmatched.update(fate=UnmatchedPayment.Disposition.REFUSED)


def _record_on_order(order: Order, refund: Refund, to: RefundState) -> None:
    update_order_summary(order)
    sum_ = format_money(Money(refund.amount, refund.currency))
    if to is RefundState.PROCESSED:
        add_timeline_entry(order, "refund.processed", f"{sum_} was sent back. Your bank shows it in 5 to 7 working days.")
        publish("refund.processed", key=order.number, payload={"number": order.number, "refund": str(refund.pk)})
    elif to is RefundState.FAILED:
        add_timeline_entry(
            order, "refund.failed", f"{sum_} could not be sent back: {refund.failure or 'no reason given'}.", is_public=False
        )
        publish("refund.failed", key=order.number, payload={"number": order.number, "refund": str(refund.pk)})


def _record_external_refund(
    order: Order | None,
    payment: Payment | None,
    unmatched: UnmatchedPayment | None,
    update: RefundUpdate,
    *,
    is_ours: bool = False,
) -> Refund | None:
    """Record and book a refund made on the gateway's dashboard, or quarantine it if it contradicts our data.

    Returns None while a pending refund reserves the amount: the gateway will refuse that one, or has let it fail. `is_ours` is
    true if the update names one of our refunds with another amount, which is always quarantined.
    """
    refund = Refund(
        order=order,
        payment=payment,
        stray=unmatched,
        gateway_payment_id=update.payment_id,
        amount=update.amount,
        currency=update.currency,
        status=RefundState.REQUESTED,
        origin=Refund.Origin.EXTERNAL,
        reason="made at the gateway",
        key=f"external-{uuid4().hex[:31]}",
        gateway_refund_id=update.refund_id,
        retry_at=timezone.now(),
    )
    is_valid = not is_ours and update.currency == (payment or unmatched).currency and reserve_refund(refund, update.amount)  # type: ignore[union-attr]
    pending = Refund.objects.filter(
        gateway_payment_id=update.payment_id, status__in=[RefundState.REQUESTED, RefundState.PENDING]
    )
    if not is_valid and not is_ours and pending.exists():
        return None
    if not is_valid:
        _quarantine(order, refund)
        return refund
    refund.save(force_insert=True)
    if unmatched is not None or order is None:
        reference = order.number if order else update.payment_id
        post(books.unmatched_refund_promised(reference, refund=str(refund.pk), amount=update.amount, currency=update.currency))
    else:
        post(books.refund_promised(order, refund=str(refund.pk), amount=update.amount, **refunded_so_far(order, update.amount)))
    if order is not None:
        update_order_summary(order)
        sum_ = format_money(Money(update.amount, update.currency))
        add_timeline_entry(order, "refund.external", f"{sum_} was sent back from the gateway's own pages.", is_public=False)
    return refund


def reserve_refund(refund: Refund, amount: int) -> bool:
    """Reserve part of a payment for a refund, or release it (negative amount). Returns False if too little is left.

    Amounts are in minor units. Call inside a transaction.
    """
    is_valid = True
    if refund.payment_id:
        rows = Payment.objects.filter(pk=refund.payment_id, status=State.CAPTURED, refunded_amount__lte=F("amount") - amount)
        is_valid = bool(rows.update(refunded_amount=F("refunded_amount") + amount, updated_at=timezone.now()))
    if is_valid and refund.stray_id:
        unmatched_rows = UnmatchedPayment.objects.filter(
            pk=refund.stray_id,
            is_captured=True,
            refunded_amount__lte=F("amount") - F("accepted_amount") - F("disputed_amount") - amount,
        )
        is_valid = bool(unmatched_rows.update(refunded_amount=F("refunded_amount") + amount, updated_at=timezone.now()))
    return is_valid


def _booked_promise(refund: Refund) -> Booking:
    """Return the booking made when the refund was requested."""
    entry = Entry.objects.get(key=f"refund:{refund.pk}")
    return Booking(
        entry.key, entry.kind, entry.chain, entry.currency, {Account(name): sum_ for name, sum_ in entry.postings.items()}
    )
