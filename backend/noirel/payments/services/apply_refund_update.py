"""Every word about a refund ends here: from our own call, from a webhook, from asking."""

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
def apply_refund_update(fact: RefundUpdate, *, source: str) -> Refund | None:
    """Take a fact about a refund in, with what follows from it; None when it is of no captured payment that we know, or while
    another refund is under way that only one of both can be.

    Forward only, indifferent to order and repetition. A refund we know is found by the gateway's id, else by our receipt; one
    that somebody made at the gateway is adopted. What can't be (more than was taken, another sum than ours) is quarantined.
    Locks the order first.
    """
    payment = Payment.objects.filter(gateway_payment_id=fact.payment_id).first()
    stray = UnmatchedPayment.objects.select_related("payment").filter(gateway_payment_id=fact.payment_id).first()
    owner = payment or (stray.payment if stray else None)
    if owner is None and stray is None:
        return None
    order = lock_order(owner.order_id) if owner else None
    if order is None and stray is not None:
        UnmatchedPayment.objects.select_for_update(of=("self",)).get(pk=stray.pk)
    refund = Refund.objects.filter(gateway_refund_id=fact.refund_id).first()
    if refund is None and fact.key:
        refund = Refund.objects.filter(key=fact.key, gateway_payment_id=fact.payment_id, gateway_refund_id=None).first()
    if refund is None and not _is_captured(payment, stray):
        return None  # the news of the capture is still under way
    if refund is None:
        pays = stray is not None and stray.accepted_amount and payment is not None
        refund = _record_external_refund(order, payment, None if pays else stray, fact)
        if refund is None:
            return None
    elif (refund.amount, refund.currency) != (fact.amount, fact.currency):
        log.error(
            "refund %s is %s %s at the gateway, we asked for %s", fact.refund_id, fact.amount, fact.currency, refund.amount
        )
        return refund if refund.gateway_refund_id else _record_external_refund(order, payment, stray, fact, is_ours=True)
    if refund.status == RefundState.QUARANTINED:
        if fact.state is RefundState.FAILED:
            _retract_quarantined(order, refund)
        return refund
    before = refund.status
    if refund.gateway_refund_id is None:
        refund.gateway_refund_id = fact.refund_id
        refund.save(update_fields=["gateway_refund_id"])
    if is_refund_progress(RefundState(refund.status), fact.state):
        _advance(order, refund, fact.state)
        log.info("refund %s: %s to %s, by %s", refund.key, before, refund.status, source)
    return refund


@transaction.atomic
def refund_refused(refund: Refund, why: str) -> None:
    """The gateway would not take it: the claim is given back, and staff decide."""
    order = lock_order(refund.order_id) if refund.order_id else None
    row = Refund.objects.select_for_update(of=("self",)).get(pk=refund.pk)
    if row.status != RefundState.REQUESTED:
        return
    row.failure = why[:500]
    _advance(order, row, RefundState.FAILED)


def update_order_summary(order: Order) -> None:
    """Keep on the order what refunds and attempts say, and save it."""
    attempts = attempts_of(order)
    order.refunds = refunds_summary(order)
    set_payments(order, payments=summary_of(attempts), payment_status=payment_status_of(attempts))
    order.save()


def refunded_so_far(order: Order, claimed: int) -> dict[str, int]:
    """What of the order's money, without a refund that was just claimed, and of its tax is promised back already."""
    booked = balances(reference=order.number)
    before = sum(Payment.objects.filter(order=order).values_list("refunded_amount", flat=True)) - claimed
    return {"refunded_before": before, "tax_back": order.tax_amount + booked.get((Account.TAX, order.currency), 0)}


def _is_captured(payment: Payment | None, stray: UnmatchedPayment | None) -> bool:
    return (payment is not None and payment.status == State.CAPTURED) or (stray is not None and stray.is_captured)


def _advance(order: Order | None, refund: Refund, to: RefundState) -> None:
    was = RefundState(refund.status)
    refund.status = to
    reference = order.number if order else refund.gateway_payment_id
    if to is RefundState.FAILED:
        refund.retry_at = None
        reserve_refund(refund, -refund.amount)
        post(books.refund_failed(_booked_promise(refund)))
    if to is RefundState.PROCESSED:
        refund.processed_at, refund.retry_at = timezone.now(), None
        done = books.refund_processed(reference, refund=str(refund.pk), amount=refund.amount, currency=refund.currency)
        if was is RefundState.FAILED:  # the gateway changed its mind: it has left after all
            if not reserve_refund(refund, refund.amount):
                _quarantine(order, refund)
                return
            post(books.refund_repromised(_booked_promise(refund)), done)
        else:
            post(done)
    refund.save()
    if refund.stray_id:
        _update_disposition(refund, to)
    if order is not None:
        _record_on_order(order, refund, to)


def _quarantine(order: Order | None, refund: Refund) -> None:
    """A refund that can't be: it is kept as it was told, for the desk, and takes nothing."""
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
    """What could not be, did not happen: the gateway says now that it has failed. It had taken nothing."""
    refund.status, refund.failure = RefundState.FAILED, "The gateway could not send it."
    refund.save()
    if order is not None:
        update_order_summary(order)
        add_timeline_entry(order, "refund.failed", "What could not be sent back has not left.", is_public=False)


def _update_disposition(refund: Refund, to: RefundState) -> None:
    """Stray money has gone back once all of it has that pays for nothing; what we could not send is for a person."""
    stray = UnmatchedPayment.objects.filter(money_back=refund.pk)
    if to is RefundState.PROCESSED:
        gone = Refund.objects.filter(stray_id=refund.stray_id, status=RefundState.PROCESSED).aggregate(sum=Sum("amount"))["sum"]
        stray.filter(amount__lte=F("accepted_amount") + F("disputed_amount") + (gone or 0)).update(
            fate=UnmatchedPayment.Disposition.RETURNED
        )
    elif to is RefundState.FAILED and refund.origin != Refund.Origin.EXTERNAL:
        stray.update(fate=UnmatchedPayment.Disposition.REFUSED)


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
    order: Order | None, payment: Payment | None, stray: UnmatchedPayment | None, fact: RefundUpdate, *, is_ours: bool = False
) -> Refund | None:
    """A refund made at the gateway's dashboard: it is a fact, so it is booked, unless it can't be.

    None while a refund that is not final claims what it needs: the gateway will refuse that one, or has let it fail. is_ours:
    it names a refund of ours, of another sum, and can't be.
    """
    refund = Refund(
        order=order,
        payment=payment,
        stray=stray,
        gateway_payment_id=fact.payment_id,
        amount=fact.amount,
        currency=fact.currency,
        status=RefundState.REQUESTED,
        origin=Refund.Origin.EXTERNAL,
        reason="made at the gateway",
        key=f"external-{uuid4().hex[:31]}",
        gateway_refund_id=fact.refund_id,
        retry_at=timezone.now(),
    )
    fits = not is_ours and fact.currency == (payment or stray).currency and reserve_refund(refund, fact.amount)  # type: ignore[union-attr]
    under_way = Refund.objects.filter(
        gateway_payment_id=fact.payment_id, status__in=[RefundState.REQUESTED, RefundState.PENDING]
    )
    if not fits and not is_ours and under_way.exists():
        return None
    if not fits:
        _quarantine(order, refund)
        return refund
    refund.save(force_insert=True)
    if stray is not None or order is None:
        reference = order.number if order else fact.payment_id
        post(books.unmatched_refund_promised(reference, refund=str(refund.pk), amount=fact.amount, currency=fact.currency))
    else:
        post(books.refund_promised(order, refund=str(refund.pk), amount=fact.amount, **refunded_so_far(order, fact.amount)))
    if order is not None:
        update_order_summary(order)
        sum_ = format_money(Money(fact.amount, fact.currency))
        add_timeline_entry(order, "refund.external", f"{sum_} was sent back from the gateway's own pages.", is_public=False)
    return refund


def reserve_refund(refund: Refund, amount: int) -> bool:
    """Add to what refunds hold of the money, on its own row, or (negative) give back; False: that is more than was taken.

    Call inside a transaction.
    """
    fits = True
    if refund.payment_id:
        rows = Payment.objects.filter(pk=refund.payment_id, status=State.CAPTURED, refunded_amount__lte=F("amount") - amount)
        fits = bool(rows.update(refunded_amount=F("refunded_amount") + amount, updated_at=timezone.now()))
    if fits and refund.stray_id:
        strays = UnmatchedPayment.objects.filter(
            pk=refund.stray_id,
            is_captured=True,
            refunded_amount__lte=F("amount") - F("accepted_amount") - F("disputed_amount") - amount,
        )
        fits = bool(strays.update(refunded_amount=F("refunded_amount") + amount, updated_at=timezone.now()))
    return fits


def _booked_promise(refund: Refund) -> Booking:
    """What was booked when it was promised."""
    entry = Entry.objects.get(key=f"refund:{refund.pk}")
    return Booking(
        entry.key, entry.kind, entry.chain, entry.currency, {Account(name): sum_ for name, sum_ in entry.postings.items()}
    )
