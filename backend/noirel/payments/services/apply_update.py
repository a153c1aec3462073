"""Every word about a payment ends here: from the browser, from a webhook, from our own asking."""

import logging
from dataclasses import asdict
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from noirel.core.db import prepared
from noirel.core.domain.money import format_amount
from noirel.core.events import publish
from noirel.drops.errors import DropByLot, ShareUsed
from noirel.drops.services.claim import reclaim
from noirel.inventory import services as inventory
from noirel.inventory.errors import OutOfStock
from noirel.ledger.services import post, posting
from noirel.orders.lifecycle import Status
from noirel.orders.models import Order
from noirel.orders.services.transition import add_timeline_entry, set_payments, transition
from noirel.payments import books
from noirel.payments.lifecycle import CAPTURE_WITHIN, PaymentUpdate, State, is_progress
from noirel.payments.models import Dispute, Payment, UnmatchedPayment
from noirel.payments.selectors import attempts_of, disputes_summary, is_captured_automatically, payment_status_of, summary_of

log = logging.getLogger(__name__)

RELEASED = "let_go"
HOLDS_MONEY = {State.AUTHORIZED, State.CAPTURED}

# With the id of the same money on the desk, if it was taken for nobody's before its order was known.
_LOCK = (
    f"SELECT {prepared.columns(Order, 'o')}, s.id FROM orders_order o JOIN payments_payment p ON p.order_id = o.id"
    " LEFT JOIN payments_straymoney s ON s.gateway_payment_id = %s AND s.payment_id IS NULL"
    " WHERE p.gateway_order_id = %s FOR UPDATE OF o"
)
_SAVE = prepared.update_sql(Payment)


@transaction.atomic
def apply_payment_update(fact: PaymentUpdate, *, source: str) -> Order | None:
    """Take a fact about a payment in, with all that follows from it; None when it is about no attempt of ours.

    Forward only, indifferent to order and repetition: the same fact twice does what it does once, a failure never beats a
    success, and only a payment of the attempt's own amount and currency marks anything paid. Money that pays for nothing (wrong
    sum, too late, second of two) is kept as StrayMoney. source is "verify", "webhook" or "reconcile", for the log. Locks the
    order first, as everybody does who changes its payments.
    """
    rows = prepared.execute(_LOCK, fact.payment_id, fact.order_id)
    if not rows:
        return None
    (order,), nobodys = prepared.hydrate(Order, rows), rows[0][-1]
    attempts = attempts_of(order)
    payment = next(row for row in attempts if row.gateway_order_id == fact.order_id)
    before = (payment.status, order.status)
    if nobodys is not None and fact.state in HOLDS_MONEY:
        _claim_unmatched(order, attempts, payment, fact, UnmatchedPayment.objects.select_for_update().get(pk=nobodys))
    elif fact.state in HOLDS_MONEY and (fact.amount, fact.currency) != (payment.amount, payment.currency):
        _quarantine(order, attempts, payment, fact)
    elif fact.state is State.CAPTURED and payment.status == State.CAPTURED and payment.gateway_payment_id != fact.payment_id:
        # One that is only authorised is no duplicate: the captured one pays, whichever came first.
        _record_unmatched(order, payment, fact, UnmatchedPayment.Kind.DUPLICATE)
    elif fact.is_released or (fact.state is State.AUTHORIZED and _was_released(payment, fact)):
        _release(order, attempts, payment, fact)
    elif is_progress(State(payment.status), fact.state):
        _advance(order, attempts, payment, fact)
    elif fact.state is State.CAPTURED and payment.status == State.QUARANTINED:
        _record_unmatched(order, payment, fact, UnmatchedPayment.Kind.MISMATCH)
    elif fact.state is State.FAILED and payment.status == State.FAILED:
        _record_repeated_failure(order, attempts, payment, fact)
    elif fact.state is State.CAPTURED and payment.fee_amount is None and fact.fee is not None:
        payment.fee_amount, payment.fee_tax_amount = fact.fee, fact.tax
        payment.save(update_fields=["fee_amount", "fee_tax_amount", "updated_at"])
        post(*books.gateway_fee(order.number, fact))
    if (payment.status, order.status) != before:
        log.info(
            "payment %s of order %s: %s to %s, order %s to %s, by %s",
            fact.payment_id, order.number, before[0], payment.status, before[1], order.status, source,
        )  # fmt: skip
    return order


def _advance(order: Order, attempts: list[Payment], payment: Payment, fact: PaymentUpdate) -> None:
    payment.status = fact.state
    payment.method = fact.method or payment.method
    payment.error_code = fact.error.get("code", "")
    payment.error_description = fact.error.get("description", "")
    payment.error_reason = fact.error.get("reason", "")
    if fact.state in HOLDS_MONEY:
        payment.gateway_payment_id = fact.payment_id
    waits = fact.state is State.AUTHORIZED and not is_captured_automatically(order)
    if fact.state is State.AUTHORIZED:
        payment.capture_by = timezone.now() + CAPTURE_WITHIN
        payment.check_at = (payment.check_at if waits else None) or timezone.now()
    if fact.state is State.CAPTURED:
        payment.captured_at = timezone.now()
        payment.check_at = None
        payment.fee_amount, payment.fee_tax_amount = fact.fee, fact.tax
    saved = prepared.Statement(_SAVE, (prepared.row_json(payment),))
    set_payments(
        order,
        payments=summary_of(attempts),
        payment_status=payment_status_of(attempts),
    )
    if fact.state is State.CAPTURED and order.status == Status.PENDING_PAYMENT:
        _mark_paid(order, fact, alongside=saved)
        return
    prepared.execute(saved.text, *saved.values)
    if fact.state is State.CAPTURED:
        _apply_late_capture(order, payment, fact)
    elif fact.state is State.FAILED:
        order.save(update_fields=["payments", "payment_status", "updated_at"])
        public = order.status == Status.PENDING_PAYMENT
        add_timeline_entry(order, "payment.failed", "The payment did not go through. Nothing was charged.", is_public=public)
        publish("payment.failed", key=order.number, payload={"number": order.number, "payment": str(payment.pk)})
    elif waits and order.status == Status.PENDING_PAYMENT:
        order.held_until = timezone.now() + CAPTURE_WITHIN
        inventory.extend_hold(order.number, order.held_until)
        order.save(update_fields=["payments", "payment_status", "held_until", "updated_at"])
        add_timeline_entry(order, "payment.authorized", "Your bank has set the sum aside. It is taken when the order is sent.")
        publish("payment.authorized", key=order.number, payload={"number": order.number, "payment": str(payment.pk)})
    else:
        order.save(update_fields=["payments", "payment_status", "updated_at"])
        add_timeline_entry(order, "payment.authorized", "The bank has set the sum aside.", is_public=False)


def _was_released(payment: Payment, fact: PaymentUpdate) -> bool:
    return payment.error_reason == RELEASED and payment.gateway_payment_id == fact.payment_id


def _release(order: Order, attempts: list[Payment], payment: Payment, fact: PaymentUpdate) -> None:
    """Authorised and never captured: the gateway gave it back, for good. An order that waited for it ends now (the clock sees
    to that).
    """
    is_this_one = payment.gateway_payment_id in (None, fact.payment_id)
    UnmatchedPayment.objects.filter(gateway_payment_id=fact.payment_id, is_captured=False).update(
        fate=UnmatchedPayment.Disposition.RETURNED
    )
    if _was_released(payment, fact) or not is_this_one or payment.status in {State.CAPTURED, State.QUARANTINED}:
        return
    waited = payment.status == State.AUTHORIZED and order.status == Status.PENDING_PAYMENT
    payment.status, payment.check_at, payment.gateway_payment_id = State.FAILED, None, fact.payment_id
    payment.error_code, payment.error_reason = "", RELEASED
    payment.error_description = "Nothing was charged: what the bank had set aside is free again."
    payment.save()
    set_payments(order, payments=summary_of(attempts), payment_status=payment_status_of(attempts))
    if waited:
        order.held_until = timezone.now()
        inventory.extend_hold(order.number, order.held_until)
    order.save(update_fields=["payments", "payment_status", "held_until", "updated_at"])
    add_timeline_entry(order, "payment.let_go", payment.error_description)
    if order.paid_at is None:
        publish("payment.let_go", key=order.number, payload={"number": order.number, "payment": str(payment.pk)})


def _record_repeated_failure(order: Order, attempts: list[Payment], payment: Payment, fact: PaymentUpdate) -> None:
    """Another try on the same gateway order failed as well: the page tells the last reason."""
    reason = fact.error.get("reason", "")
    if reason == payment.error_reason:
        return
    payment.error_code, payment.error_reason = fact.error.get("code", ""), reason
    payment.error_description = fact.error.get("description", "")
    payment.save(update_fields=["error_code", "error_reason", "error_description", "updated_at"])
    order.payments = summary_of(attempts)
    order.save(update_fields=["payments", "updated_at"])


def _apply_late_capture(order: Order, payment: Payment, fact: PaymentUpdate) -> None:
    """The money is there, and the order had ended, or was paid. It takes it if it still can; else the money goes back."""
    order.save(update_fields=["payments", "payment_status", "updated_at"])
    if order.status == Status.EXPIRED:
        try:
            with transaction.atomic():
                reclaim(order.number)
                inventory.rehold(order.number)
                _mark_paid(order, fact, message="Payment received late; your bottles were still here.")
            return
        except (OutOfStock, ShareUsed, DropByLot):
            order.refresh_from_db()
    kind = UnmatchedPayment.Kind.LATE if order.status in {Status.EXPIRED, Status.CANCELLED} else UnmatchedPayment.Kind.DUPLICATE
    post(books.captured(order.number, fact), *books.gateway_fee(order.number, fact))
    _record_unmatched(order, payment, fact, kind, was_booked=True)
    add_timeline_entry(order, "payment.late", "Your payment arrived after the order had ended. The money is going back to you.")


def _mark_paid(order: Order, fact: PaymentUpdate, *, message: str = "", alongside: prepared.Statement | None = None) -> None:
    # One statement for all of it, then the stock, for whose rows others wait.
    booked = posting(books.captured(order.number, fact), *books.gateway_fee(order.number, fact), books.order_paid(order))
    transition(order, Status.PAID, message=message, alongside=[booked, alongside] if alongside else [booked])


def _claim_unmatched(
    order: Order, attempts: list[Payment], payment: Payment, fact: PaymentUpdate, stray: UnmatchedPayment
) -> None:
    """Money that lies on the desk as nobody's is this order's: it pays for it, if it still can and none of it has gone.

    Else it stays where it is, for the person who decides about it.
    """
    is_whole = (
        stray.fate in {UnmatchedPayment.Disposition.WAITING, UnmatchedPayment.Disposition.REFUSED}
        and stray.remaining_amount == stray.amount
    )
    fits = (fact.amount, fact.currency) == (payment.amount, payment.currency) == (stray.amount, stray.currency)
    may_pay = order.status in {Status.PENDING_PAYMENT, Status.EXPIRED} and is_progress(State(payment.status), State.CAPTURED)
    if fact.state is State.CAPTURED and is_whole and fits and may_pay:
        try:
            with transaction.atomic():
                _move_from_unmatched(order, attempts, payment, fact, stray)
            return
        except (OutOfStock, ShareUsed, DropByLot):
            log.info("order %s can't be revived, payment %s stays on the desk", order.number, fact.payment_id)
    if payment.status in {State.CREATED, State.FAILED}:
        _save_quarantined(order, attempts, payment, f"Payment {fact.payment_id} of this order is on the desk.")


def _move_from_unmatched(
    order: Order, attempts: list[Payment], payment: Payment, fact: PaymentUpdate, stray: UnmatchedPayment
) -> None:
    if order.status == Status.EXPIRED:
        reclaim(order.number)
        inventory.rehold(order.number)
    stray.payment, stray.accepted_amount, stray.fate = payment, stray.amount, UnmatchedPayment.Disposition.ACCEPTED
    stray.save(update_fields=["payment", "accepted_amount", "fate", "updated_at"])
    post(books.unmatched_claimed(payment_id=fact.payment_id, amount=stray.amount, currency=stray.currency))
    payment.status, payment.gateway_payment_id, payment.check_at = State.CAPTURED, fact.payment_id, None
    payment.captured_at, payment.method = timezone.now(), fact.method or payment.method
    payment.fee_amount, payment.fee_tax_amount = fact.fee, fact.tax
    payment.save()
    if Dispute.objects.filter(gateway_payment_id=fact.payment_id, order=None).update(order=order, payment=payment):
        order.disputes = disputes_summary(order)
    set_payments(order, payments=summary_of(attempts), payment_status=payment_status_of(attempts))
    _mark_paid(order, fact)


def _holds(payment: Payment) -> bool:
    return payment.status in HOLDS_MONEY


def _quarantine(order: Order, attempts: list[Payment], payment: Payment, fact: PaymentUpdate) -> None:
    _record_unmatched(order, payment, fact, UnmatchedPayment.Kind.MISMATCH)
    if _holds(payment) or payment.status == State.QUARANTINED:
        if payment.gateway_payment_id == fact.payment_id and payment.fee_amount is None and fact.fee is not None:
            payment.fee_amount, payment.fee_tax_amount = fact.fee, fact.tax  # staff took it for the order before
            payment.save(update_fields=["fee_amount", "fee_tax_amount", "updated_at"])
        return
    told, asked = format_amount(fact.amount, fact.currency), format_amount(payment.amount, payment.currency)
    _save_quarantined(order, attempts, payment, f"Payment {fact.payment_id} is {told}, asked for was {asked}.")
    log.error("payment %s does not match order %s", fact.payment_id, order.number)


def _save_quarantined(order: Order, attempts: list[Payment], payment: Payment, why: str) -> None:
    payment.status = State.QUARANTINED
    payment.check_at = None
    payment.save(update_fields=["status", "check_at", "updated_at"])
    set_payments(order, payments=summary_of(attempts), payment_status=payment_status_of(attempts))
    order.save(update_fields=["payments", "payment_status", "updated_at"])
    add_timeline_entry(order, "payment.quarantined", why, is_public=False)


def _record_unmatched(
    order: Order, payment: Payment, fact: PaymentUpdate, kind: UnmatchedPayment.Kind, *, was_booked: bool = False
) -> None:
    """Once per gateway payment. What is plainly somebody's own money twice or too late goes back by itself; the rest waits.

    was_booked: the capture stands in the books as its order's.
    """
    goes_back = kind in {UnmatchedPayment.Kind.LATE, UnmatchedPayment.Kind.DUPLICATE}
    evidence: dict[str, Any] = {
        "fact": asdict(fact),
        "asked": {"receipt": payment.receipt, "amount": payment.amount, "currency": payment.currency},
    }
    stray, made = UnmatchedPayment.objects.get_or_create(
        gateway_payment_id=fact.payment_id,
        defaults={
            "payment": payment,
            "kind": kind,
            "fate": UnmatchedPayment.Disposition.TO_RETURN if goes_back else UnmatchedPayment.Disposition.WAITING,
            "amount": fact.amount,
            "currency": fact.currency,
            "is_captured": fact.state is State.CAPTURED,
            "evidence": evidence,
        },
    )
    if not made and fact.state is State.CAPTURED and not stray.is_captured:
        stray.is_captured = True
        stray.save(update_fields=["is_captured", "updated_at"])
    if fact.state is State.CAPTURED:
        reference = order.number
        booked = books.unmatched_captured(
            reference, payment_id=fact.payment_id, amount=fact.amount, currency=fact.currency, was_booked=was_booked
        )
        post(booked, *books.gateway_fee(reference, fact))


@transaction.atomic
def record_unmatched_capture(fact: PaymentUpdate) -> bool:
    """Put captured money that no order of ours asked for on the desk; False when one asked for it after all.

    It may be somebody's payment made by hand at the gateway, or another shop's on the same account: a person decides. Locks
    all attempts against writing for a moment: one that learns just now that this was its gateway order learns it before us,
    or finds the money on the desk.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {Payment._meta.db_table} IN SHARE MODE")
    if Payment.objects.filter(gateway_order_id=fact.order_id).exists():
        return False
    UnmatchedPayment.objects.get_or_create(
        gateway_payment_id=fact.payment_id,
        defaults={
            "kind": UnmatchedPayment.Kind.UNMATCHED,
            "fate": UnmatchedPayment.Disposition.WAITING,
            "amount": fact.amount,
            "currency": fact.currency,
            "is_captured": True,
            "evidence": {"fact": asdict(fact)},
        },
    )
    booked = books.unmatched_captured(
        fact.payment_id, payment_id=fact.payment_id, amount=fact.amount, currency=fact.currency, was_booked=False
    )
    post(booked, *books.gateway_fee(fact.payment_id, fact))
    return True
