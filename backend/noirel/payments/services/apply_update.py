"""Single entry point for payment updates from the browser, webhooks and polling."""

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

# Also returns the id of the unmatched payment if this payment was recorded as one before its order was known.
_LOCK = (
    f"SELECT {prepared.columns(Order, 'o')}, s.id FROM orders_order o JOIN payments_payment p ON p.order_id = o.id"
    " LEFT JOIN payments_straymoney s ON s.gateway_payment_id = %s AND s.payment_id IS NULL"
    " WHERE p.gateway_order_id = %s FOR UPDATE OF o"
)
_SAVE = prepared.update_sql(Payment)


@transaction.atomic
def apply_payment_update(update: PaymentUpdate, *, source: str) -> Order | None:
    """Apply a payment update from the gateway. Returns its order, or None if no attempt has this gateway order.

    Repeated and reordered updates are safe: states only move forward, a failure never overrides a success, and only a payment
    of the attempt's exact amount and currency marks anything as paid. Money that pays for no order (wrong amount, too late,
    duplicate) is recorded as an UnmatchedPayment. `source` is "verify", "webhook", "reconcile" or "capture", for the log. Locks
    the order first, as does every change of its payments.
    """
    rows = prepared.execute(_LOCK, update.payment_id, update.order_id)
    if not rows:
        return None
    (order,), unmatched_id = prepared.hydrate(Order, rows), rows[0][-1]
    attempts = attempts_of(order)
    payment = next(row for row in attempts if row.gateway_order_id == update.order_id)
    before = (payment.status, order.status)
    if unmatched_id is not None and update.state in HOLDS_MONEY:
        _claim_unmatched(order, attempts, payment, update, UnmatchedPayment.objects.select_for_update().get(pk=unmatched_id))
    elif update.state in HOLDS_MONEY and (update.amount, update.currency) != (payment.amount, payment.currency):
        _quarantine(order, attempts, payment, update)
    elif (
        update.state is State.CAPTURED and payment.status == State.CAPTURED and payment.gateway_payment_id != update.payment_id
    ):
        # A payment that is only authorized is no duplicate: the captured one pays, whichever arrived first.
        _record_unmatched(order, payment, update, UnmatchedPayment.Kind.DUPLICATE)
    elif update.is_released or (update.state is State.AUTHORIZED and _was_released(payment, update)):
        _release(order, attempts, payment, update)
    elif is_progress(State(payment.status), update.state):
        _advance(order, attempts, payment, update)
    elif update.state is State.CAPTURED and payment.status == State.QUARANTINED:
        _record_unmatched(order, payment, update, UnmatchedPayment.Kind.MISMATCH)
    elif update.state is State.FAILED and payment.status == State.FAILED:
        _record_repeated_failure(order, attempts, payment, update)
    elif update.state is State.CAPTURED and payment.fee_amount is None and update.fee is not None:
        payment.fee_amount, payment.fee_tax_amount = update.fee, update.tax
        payment.save(update_fields=["fee_amount", "fee_tax_amount", "updated_at"])
        post(*books.gateway_fee(order.number, update))
    if (payment.status, order.status) != before:
        log.info(
            "payment %s of order %s: %s to %s, order %s to %s, by %s",
            update.payment_id, order.number, before[0], payment.status, before[1], order.status, source,
        )  # fmt: skip
    return order


def _advance(order: Order, attempts: list[Payment], payment: Payment, update: PaymentUpdate) -> None:
    payment.status = update.state
    payment.method = update.method or payment.method
    payment.error_code = update.error.get("code", "")
    payment.error_description = update.error.get("description", "")
    payment.error_reason = update.error.get("reason", "")
    if update.state in HOLDS_MONEY:
        payment.gateway_payment_id = update.payment_id
    awaits_capture = update.state is State.AUTHORIZED and not is_captured_automatically(order)
    if update.state is State.AUTHORIZED:
        payment.capture_by = timezone.now() + CAPTURE_WITHIN
        payment.check_at = (payment.check_at if awaits_capture else None) or timezone.now()
    if update.state is State.CAPTURED:
        payment.captured_at = timezone.now()
        payment.check_at = None
        payment.fee_amount, payment.fee_tax_amount = update.fee, update.tax
    save_payment = prepared.Statement(_SAVE, (prepared.row_json(payment),))
    set_payments(
        order,
        payments=summary_of(attempts),
        payment_status=payment_status_of(attempts),
    )
    if update.state is State.CAPTURED and order.status == Status.PENDING_PAYMENT:
        _mark_paid(order, update, alongside=save_payment)
        return
    prepared.execute(save_payment.text, *save_payment.values)
    if update.state is State.CAPTURED:
        _apply_late_capture(order, payment, update)
    elif update.state is State.FAILED:
        order.save(update_fields=["payments", "payment_status", "updated_at"])
        is_public = order.status == Status.PENDING_PAYMENT
        add_timeline_entry(order, "payment.failed", "The payment did not go through. Nothing was charged.", is_public=is_public)
        publish("payment.failed", key=order.number, payload={"number": order.number, "payment": str(payment.pk)})
    elif awaits_capture and order.status == Status.PENDING_PAYMENT:
        order.held_until = timezone.now() + CAPTURE_WITHIN
        inventory.extend_hold(order.number, order.held_until)
        order.save(update_fields=["payments", "payment_status", "held_until", "updated_at"])
        add_timeline_entry(
            order, "payment.authorized", "Your bank has authorised the payment. It is captured when the order is sent."
        )
        publish("payment.authorized", key=order.number, payload={"number": order.number, "payment": str(payment.pk)})
    else:
        order.save(update_fields=["payments", "payment_status", "updated_at"])
        add_timeline_entry(order, "payment.authorized", "The bank has authorised the payment.", is_public=False)


def _was_released(payment: Payment, update: PaymentUpdate) -> bool:
    return payment.error_reason == RELEASED and payment.gateway_payment_id == update.payment_id


def _release(order: Order, attempts: list[Payment], payment: Payment, update: PaymentUpdate) -> None:
    """Record that the gateway released an authorized payment without capture.

    The hold of an order that waited for the capture ends now, and a scheduled job expires the order.
    """
    is_this_one = payment.gateway_payment_id in (None, update.payment_id)
    UnmatchedPayment.objects.filter(gateway_payment_id=update.payment_id, is_captured=False).update(
        fate=UnmatchedPayment.Disposition.RETURNED
    )
    if _was_released(payment, update) or not is_this_one or payment.status in {State.CAPTURED, State.QUARANTINED}:
        return
    was_awaiting_capture = payment.status == State.AUTHORIZED and order.status == Status.PENDING_PAYMENT
    payment.status, payment.check_at, payment.gateway_payment_id = State.FAILED, None, update.payment_id
    payment.error_code, payment.error_reason = "", RELEASED
    payment.error_description = "Nothing was charged: what the bank had set aside is free again."
    payment.save()
    set_payments(order, payments=summary_of(attempts), payment_status=payment_status_of(attempts))
    if was_awaiting_capture:
        order.held_until = timezone.now()
        inventory.extend_hold(order.number, order.held_until)
    order.save(update_fields=["payments", "payment_status", "held_until", "updated_at"])
    add_timeline_entry(order, "payment.let_go", payment.error_description)
    if order.paid_at is None:
        publish("payment.let_go", key=order.number, payload={"number": order.number, "payment": str(payment.pk)})


def _record_repeated_failure(order: Order, attempts: list[Payment], payment: Payment, update: PaymentUpdate) -> None:
    """Record the reason of a further failed try on the same gateway order, so that the page shows the latest one."""
    reason = update.error.get("reason", "")
    if reason == payment.error_reason:
        return
    payment.error_code, payment.error_reason = update.error.get("code", ""), reason
    payment.error_description = update.error.get("description", "")
    payment.save(update_fields=["error_code", "error_reason", "error_description", "updated_at"])
    order.payments = summary_of(attempts)
    order.save(update_fields=["payments", "updated_at"])


def _apply_late_capture(order: Order, payment: Payment, update: PaymentUpdate) -> None:
    """Apply a capture to an order that has ended or is already paid.

    An expired order is revived if it still can be; otherwise the money is refunded.
    """
    order.save(update_fields=["payments", "payment_status", "updated_at"])
    if order.status == Status.EXPIRED:
        try:
            with transaction.atomic():
                reclaim(order.number)
                inventory.rehold(order.number)
                _mark_paid(order, update, message="Payment received late; your items were still available.")
            return
        except (OutOfStock, ShareUsed, DropByLot):
            order.refresh_from_db()
    kind = UnmatchedPayment.Kind.LATE if order.status in {Status.EXPIRED, Status.CANCELLED} else UnmatchedPayment.Kind.DUPLICATE
    post(books.captured(order.number, update), *books.gateway_fee(order.number, update))
    _record_unmatched(order, payment, update, kind, was_booked=True)
    add_timeline_entry(order, "payment.late", "Your payment arrived after the order had ended. The money is going back to you.")


def _mark_paid(order: Order, update: PaymentUpdate, *, message: str = "", alongside: prepared.Statement | None = None) -> None:
    # One statement writes everything but the stock, whose rows are contended and therefore locked last.
    booking = posting(books.captured(order.number, update), *books.gateway_fee(order.number, update), books.order_paid(order))
    transition(order, Status.PAID, message=message, alongside=[booking, alongside] if alongside else [booking])


def _claim_unmatched(
    order: Order, attempts: list[Payment], payment: Payment, update: PaymentUpdate, unmatched: UnmatchedPayment
) -> None:
    """Match an unmatched payment with its order, whose attempt was unknown when the payment was recorded.

    It pays for the order if the order can still be paid and the payment is untouched; otherwise it stays on the review queue.
    """
    is_whole = (
        unmatched.fate in {UnmatchedPayment.Disposition.WAITING, UnmatchedPayment.Disposition.REFUSED}
        and unmatched.remaining_amount == unmatched.amount
    )
    fits = (update.amount, update.currency) == (payment.amount, payment.currency) == (unmatched.amount, unmatched.currency)
    may_pay = order.status in {Status.PENDING_PAYMENT, Status.EXPIRED} and is_progress(State(payment.status), State.CAPTURED)
    if update.state is State.CAPTURED and is_whole and fits and may_pay:
        try:
            with transaction.atomic():
                _move_from_unmatched(order, attempts, payment, update, unmatched)
            return
        except (OutOfStock, ShareUsed, DropByLot):
            log.info("order %s can't be revived, payment %s stays unmatched", order.number, update.payment_id)
    if payment.status in {State.CREATED, State.FAILED}:
        _save_quarantined(order, attempts, payment, f"Payment {update.payment_id} of this order is on the review queue.")


def _move_from_unmatched(
    order: Order, attempts: list[Payment], payment: Payment, update: PaymentUpdate, unmatched: UnmatchedPayment
) -> None:
    if order.status == Status.EXPIRED:
        reclaim(order.number)
        inventory.rehold(order.number)
    unmatched.payment, unmatched.accepted_amount, unmatched.fate = (
        payment,
        unmatched.amount,
        UnmatchedPayment.Disposition.ACCEPTED,
    )
    unmatched.save(update_fields=["payment", "accepted_amount", "fate", "updated_at"])
    post(books.unmatched_claimed(payment_id=update.payment_id, amount=unmatched.amount, currency=unmatched.currency))
    payment.status, payment.gateway_payment_id, payment.check_at = State.CAPTURED, update.payment_id, None
    payment.captured_at, payment.method = timezone.now(), update.method or payment.method
    payment.fee_amount, payment.fee_tax_amount = update.fee, update.tax
    payment.save()
    if Dispute.objects.filter(gateway_payment_id=update.payment_id, order=None).update(order=order, payment=payment):
        order.disputes = disputes_summary(order)
    set_payments(order, payments=summary_of(attempts), payment_status=payment_status_of(attempts))
    _mark_paid(order, update)


def _holds(payment: Payment) -> bool:
    return payment.status in HOLDS_MONEY


def _quarantine(order: Order, attempts: list[Payment], payment: Payment, update: PaymentUpdate) -> None:
    _record_unmatched(order, payment, update, UnmatchedPayment.Kind.MISMATCH)
    if _holds(payment) or payment.status == State.QUARANTINED:
        if payment.gateway_payment_id == update.payment_id and payment.fee_amount is None and update.fee is not None:
            payment.fee_amount, payment.fee_tax_amount = update.fee, update.tax  # staff had accepted it for the order
            payment.save(update_fields=["fee_amount", "fee_tax_amount", "updated_at"])
        return
    paid, requested = format_amount(update.amount, update.currency), format_amount(payment.amount, payment.currency)
    _save_quarantined(order, attempts, payment, f"Payment {update.payment_id} is {paid}, {requested} was requested.")
    log.error("payment %s does not match order %s", update.payment_id, order.number)


def _save_quarantined(order: Order, attempts: list[Payment], payment: Payment, why: str) -> None:
    payment.status = State.QUARANTINED
    payment.check_at = None
    payment.save(update_fields=["status", "check_at", "updated_at"])
    set_payments(order, payments=summary_of(attempts), payment_status=payment_status_of(attempts))
    order.save(update_fields=["payments", "payment_status", "updated_at"])
    add_timeline_entry(order, "payment.quarantined", why, is_public=False)


def _record_unmatched(
    order: Order, payment: Payment, update: PaymentUpdate, kind: UnmatchedPayment.Kind, *, was_booked: bool = False
) -> None:
    """Record an unmatched payment, once per gateway payment.

    Late and duplicate payments are refunded automatically; anything else waits for a decision. `was_booked` is true if the
    capture was already booked under the order.
    """
    is_refundable = kind in {UnmatchedPayment.Kind.LATE, UnmatchedPayment.Kind.DUPLICATE}
    evidence: dict[str, Any] = {
        "fact": asdict(update),
        "asked": {"receipt": payment.receipt, "amount": payment.amount, "currency": payment.currency},
    }
    unmatched, created = UnmatchedPayment.objects.get_or_create(
        gateway_payment_id=update.payment_id,
        defaults={
            "payment": payment,
            "kind": kind,
            "fate": UnmatchedPayment.Disposition.TO_RETURN if is_refundable else UnmatchedPayment.Disposition.WAITING,
            "amount": update.amount,
            "currency": update.currency,
            "is_captured": update.state is State.CAPTURED,
            "evidence": evidence,
        },
    )
    if not created and update.state is State.CAPTURED and not unmatched.is_captured:
        unmatched.is_captured = True
        unmatched.save(update_fields=["is_captured", "updated_at"])
    if update.state is State.CAPTURED:
        reference = order.number
        booking = books.unmatched_captured(
            reference, payment_id=update.payment_id, amount=update.amount, currency=update.currency, was_booked=was_booked
        )
        post(booking, *books.gateway_fee(reference, update))


@transaction.atomic
def record_unmatched_capture(update: PaymentUpdate) -> bool:
    """Record a captured payment that belongs to no attempt as unmatched. Returns False if an attempt has its gateway order.

    It may have been made by hand on the gateway's dashboard or by another shop on the same account, so staff decide. Locks the
    table of attempts against writes for a moment: an attempt that learns its gateway order concurrently either commits before
    the check or finds the unmatched payment.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {Payment._meta.db_table} IN SHARE MODE")
    if Payment.objects.filter(gateway_order_id=update.order_id).exists():
        return False
    UnmatchedPayment.objects.get_or_create(
        gateway_payment_id=update.payment_id,
        defaults={
            "kind": UnmatchedPayment.Kind.UNMATCHED,
            "fate": UnmatchedPayment.Disposition.WAITING,
            "amount": update.amount,
            "currency": update.currency,
            "is_captured": True,
            "evidence": {"fact": asdict(update)},
        },
    )
    booking = books.unmatched_captured(
        update.payment_id, payment_id=update.payment_id, amount=update.amount, currency=update.currency, was_booked=False
    )
    post(booking, *books.gateway_fee(update.payment_id, update))
    return True
