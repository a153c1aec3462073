"""Every word about a payment ends here: from the browser, from a webhook, from our own asking."""

import logging
from dataclasses import asdict
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from noirel.core import hot
from noirel.core.events import publish
from noirel.core.money import format_amount
from noirel.drops.errors import DropByLot, ShareUsed
from noirel.drops.services.claim import reclaim
from noirel.inventory import services as inventory
from noirel.inventory.errors import OutOfStock
from noirel.ledger.services import post, posting
from noirel.orders.lifecycle import Status
from noirel.orders.models import Order
from noirel.orders.services.move import move, say, write_payments
from noirel.payments import books
from noirel.payments.lifecycle import CAPTURE_WITHIN, Fact, State, is_forward
from noirel.payments.models import Dispute, Payment, StrayMoney
from noirel.payments.selectors import attempts_of, disputes_summary, is_taken_at_once, payment_status_of, summary_of

log = logging.getLogger(__name__)

LET_GO = "let_go"
HOLDS_MONEY = {State.AUTHORIZED, State.CAPTURED}

# With the id of the same money on the desk, if it was taken for nobody's before its order was known.
_LOCK = (
    f"SELECT {hot.columns(Order, 'o')}, s.id FROM orders_order o JOIN payments_payment p ON p.order_id = o.id"
    " LEFT JOIN payments_straymoney s ON s.gateway_payment_id = %s AND s.payment_id IS NULL"
    " WHERE p.gateway_order_id = %s FOR UPDATE OF o"
)
_SAVE = hot.updated(Payment)


@transaction.atomic
def record_capture(fact: Fact, *, source: str) -> Order | None:
    """Take a fact about a payment in, with all that follows from it; None when it is about no attempt of ours.

    Forward only, indifferent to order and repetition: the same fact twice does what it does once, a failure never beats a
    success, and only a payment of the attempt's own amount and currency marks anything paid. Money that pays for nothing (wrong
    sum, too late, second of two) is kept as StrayMoney. source is "verify", "webhook" or "reconcile", for the log. Locks the
    order first, as everybody does who changes its payments.
    """
    rows = hot.run(_LOCK, fact.payment_id, fact.order_id)
    if not rows:
        return None
    (order,), nobodys = hot.loaded(Order, rows), rows[0][-1]
    attempts = attempts_of(order)
    payment = next(row for row in attempts if row.gateway_order_id == fact.order_id)
    before = (payment.status, order.status)
    if nobodys is not None and fact.state in HOLDS_MONEY:
        _find_owner(order, attempts, payment, fact, StrayMoney.objects.select_for_update().get(pk=nobodys))
    elif fact.state in HOLDS_MONEY and (fact.amount, fact.currency) != (payment.amount, payment.currency):
        _quarantine(order, attempts, payment, fact)
    elif fact.state is State.CAPTURED and payment.status == State.CAPTURED and payment.gateway_payment_id != fact.payment_id:
        # One that is only authorised is no duplicate: the captured one pays, whichever came first.
        _keep_stray(order, payment, fact, StrayMoney.Kind.DUPLICATE)
    elif fact.is_let_go or (fact.state is State.AUTHORIZED and _was_let_go(payment, fact)):
        _let_go(order, attempts, payment, fact)
    elif is_forward(State(payment.status), fact.state):
        _advance(order, attempts, payment, fact)
    elif fact.state is State.CAPTURED and payment.status == State.QUARANTINED:
        _keep_stray(order, payment, fact, StrayMoney.Kind.MISMATCH)
    elif fact.state is State.FAILED and payment.status == State.FAILED:
        _fail_again(order, attempts, payment, fact)
    elif fact.state is State.CAPTURED and payment.fee_amount is None and fact.fee is not None:
        payment.fee_amount, payment.fee_tax_amount = fact.fee, fact.tax
        payment.save(update_fields=["fee_amount", "fee_tax_amount", "updated_at"])
        post(*books.fee_of(order.number, fact))
    if (payment.status, order.status) != before:
        log.info(
            "payment %s of order %s: %s to %s, order %s to %s, by %s",
            fact.payment_id, order.number, before[0], payment.status, before[1], order.status, source,
        )  # fmt: skip
    return order


def _advance(order: Order, attempts: list[Payment], payment: Payment, fact: Fact) -> None:
    payment.status = fact.state
    payment.method = fact.method or payment.method
    payment.error_code = fact.error.get("code", "")
    payment.error_description = fact.error.get("description", "")
    payment.error_reason = fact.error.get("reason", "")
    if fact.state in HOLDS_MONEY:
        payment.gateway_payment_id = fact.payment_id
    waits = fact.state is State.AUTHORIZED and not is_taken_at_once(order)
    if fact.state is State.AUTHORIZED:
        payment.capture_by = timezone.now() + CAPTURE_WITHIN
        payment.check_at = (payment.check_at if waits else None) or timezone.now()
    if fact.state is State.CAPTURED:
        payment.captured_at = timezone.now()
        payment.check_at = None
        payment.fee_amount, payment.fee_tax_amount = fact.fee, fact.tax
    saved = hot.Write(_SAVE, (hot.record(payment),))
    write_payments(
        order,
        payments=summary_of(attempts),
        payment_status=payment_status_of(attempts),
    )
    if fact.state is State.CAPTURED and order.status == Status.PENDING_PAYMENT:
        _earn(order, fact, alongside=saved)
        return
    hot.run(saved.text, *saved.values)
    if fact.state is State.CAPTURED:
        _pay_late(order, payment, fact)
    elif fact.state is State.FAILED:
        order.save(update_fields=["payments", "payment_status", "updated_at"])
        public = order.status == Status.PENDING_PAYMENT
        say(order, "payment.failed", "The payment did not go through. Nothing was charged.", is_public=public)
        publish("payment.failed", key=order.number, payload={"number": order.number, "payment": str(payment.pk)})
    elif waits and order.status == Status.PENDING_PAYMENT:
        order.held_until = timezone.now() + CAPTURE_WITHIN
        inventory.extend(order.number, order.held_until)
        order.save(update_fields=["payments", "payment_status", "held_until", "updated_at"])
        say(order, "payment.authorized", "Your bank has set the sum aside. It is taken when the order is sent.")
        publish("payment.authorized", key=order.number, payload={"number": order.number, "payment": str(payment.pk)})
    else:
        order.save(update_fields=["payments", "payment_status", "updated_at"])
        say(order, "payment.authorized", "The bank has set the sum aside.", is_public=False)


def _was_let_go(payment: Payment, fact: Fact) -> bool:
    return payment.error_reason == LET_GO and payment.gateway_payment_id == fact.payment_id


def _let_go(order: Order, attempts: list[Payment], payment: Payment, fact: Fact) -> None:
    """Authorised and never captured: the gateway gave it back, for good. An order that waited for it ends now (the clock sees
    to that).
    """
    is_this_one = payment.gateway_payment_id in (None, fact.payment_id)
    StrayMoney.objects.filter(gateway_payment_id=fact.payment_id, is_captured=False).update(fate=StrayMoney.Fate.RETURNED)
    if _was_let_go(payment, fact) or not is_this_one or payment.status in {State.CAPTURED, State.QUARANTINED}:
        return
    waited = payment.status == State.AUTHORIZED and order.status == Status.PENDING_PAYMENT
    payment.status, payment.check_at, payment.gateway_payment_id = State.FAILED, None, fact.payment_id
    payment.error_code, payment.error_reason = "", LET_GO
    payment.error_description = "Nothing was charged: what the bank had set aside is free again."
    payment.save()
    write_payments(order, payments=summary_of(attempts), payment_status=payment_status_of(attempts))
    if waited:
        order.held_until = timezone.now()
        inventory.extend(order.number, order.held_until)
    order.save(update_fields=["payments", "payment_status", "held_until", "updated_at"])
    say(order, "payment.let_go", payment.error_description)
    if order.paid_at is None:
        publish("payment.let_go", key=order.number, payload={"number": order.number, "payment": str(payment.pk)})


def _fail_again(order: Order, attempts: list[Payment], payment: Payment, fact: Fact) -> None:
    """Another try on the same gateway order failed as well: the page tells the last reason."""
    reason = fact.error.get("reason", "")
    if reason == payment.error_reason:
        return
    payment.error_code, payment.error_reason = fact.error.get("code", ""), reason
    payment.error_description = fact.error.get("description", "")
    payment.save(update_fields=["error_code", "error_reason", "error_description", "updated_at"])
    order.payments = summary_of(attempts)
    order.save(update_fields=["payments", "updated_at"])


def _pay_late(order: Order, payment: Payment, fact: Fact) -> None:
    """The money is there, and the order had ended, or was paid. It takes it if it still can; else the money goes back."""
    order.save(update_fields=["payments", "payment_status", "updated_at"])
    if order.status == Status.EXPIRED:
        try:
            with transaction.atomic():
                reclaim(order.number)
                inventory.rehold(order.number)
                _earn(order, fact, message="Payment received late; your bottles were still here.")
            return
        except (OutOfStock, ShareUsed, DropByLot):
            order.refresh_from_db()
    kind = StrayMoney.Kind.LATE if order.status in {Status.EXPIRED, Status.CANCELLED} else StrayMoney.Kind.DUPLICATE
    post(books.captured(order.number, fact), *books.fee_of(order.number, fact))
    _keep_stray(order, payment, fact, kind, was_booked=True)
    say(order, "payment.late", "Your payment arrived after the order had ended. The money is going back to you.")


def _earn(order: Order, fact: Fact, *, message: str = "", alongside: hot.Write | None = None) -> None:
    # One statement for all of it, then the stock, for whose rows others wait.
    booked = posting(books.captured(order.number, fact), *books.fee_of(order.number, fact), books.sold(order))
    move(order, Status.PAID, message=message, alongside=[booked, alongside] if alongside else [booked])


def _find_owner(order: Order, attempts: list[Payment], payment: Payment, fact: Fact, stray: StrayMoney) -> None:
    """Money that lies on the desk as nobody's is this order's: it pays for it, if it still can and none of it has gone.

    Else it stays where it is, for the person who decides about it.
    """
    is_whole = stray.fate in {StrayMoney.Fate.WAITING, StrayMoney.Fate.REFUSED} and stray.left == stray.amount
    fits = (fact.amount, fact.currency) == (payment.amount, payment.currency) == (stray.amount, stray.currency)
    may_pay = order.status in {Status.PENDING_PAYMENT, Status.EXPIRED} and is_forward(State(payment.status), State.CAPTURED)
    if fact.state is State.CAPTURED and is_whole and fits and may_pay:
        try:
            with transaction.atomic():
                _take_from_desk(order, attempts, payment, fact, stray)
            return
        except (OutOfStock, ShareUsed, DropByLot):
            log.info("order %s can't be revived, payment %s stays on the desk", order.number, fact.payment_id)
    if payment.status in {State.CREATED, State.FAILED}:
        _set_apart(order, attempts, payment, f"Payment {fact.payment_id} of this order is on the desk.")


def _take_from_desk(order: Order, attempts: list[Payment], payment: Payment, fact: Fact, stray: StrayMoney) -> None:
    if order.status == Status.EXPIRED:
        reclaim(order.number)
        inventory.rehold(order.number)
    stray.payment, stray.accepted_amount, stray.fate = payment, stray.amount, StrayMoney.Fate.ACCEPTED
    stray.save(update_fields=["payment", "accepted_amount", "fate", "updated_at"])
    post(books.owner_found(payment_id=fact.payment_id, amount=stray.amount, currency=stray.currency))
    payment.status, payment.gateway_payment_id, payment.check_at = State.CAPTURED, fact.payment_id, None
    payment.captured_at, payment.method = timezone.now(), fact.method or payment.method
    payment.fee_amount, payment.fee_tax_amount = fact.fee, fact.tax
    payment.save()
    if Dispute.objects.filter(gateway_payment_id=fact.payment_id, order=None).update(order=order, payment=payment):
        order.disputes = disputes_summary(order)
    write_payments(order, payments=summary_of(attempts), payment_status=payment_status_of(attempts))
    _earn(order, fact)


def _holds(payment: Payment) -> bool:
    return payment.status in HOLDS_MONEY


def _quarantine(order: Order, attempts: list[Payment], payment: Payment, fact: Fact) -> None:
    _keep_stray(order, payment, fact, StrayMoney.Kind.MISMATCH)
    if _holds(payment) or payment.status == State.QUARANTINED:
        if payment.gateway_payment_id == fact.payment_id and payment.fee_amount is None and fact.fee is not None:
            payment.fee_amount, payment.fee_tax_amount = fact.fee, fact.tax  # staff took it for the order before
            payment.save(update_fields=["fee_amount", "fee_tax_amount", "updated_at"])
        return
    told, asked = format_amount(fact.amount, fact.currency), format_amount(payment.amount, payment.currency)
    _set_apart(order, attempts, payment, f"Payment {fact.payment_id} is {told}, asked for was {asked}.")
    log.error("payment %s does not match order %s", fact.payment_id, order.number)


def _set_apart(order: Order, attempts: list[Payment], payment: Payment, why: str) -> None:
    payment.status = State.QUARANTINED
    payment.check_at = None
    payment.save(update_fields=["status", "check_at", "updated_at"])
    write_payments(order, payments=summary_of(attempts), payment_status=payment_status_of(attempts))
    order.save(update_fields=["payments", "payment_status", "updated_at"])
    say(order, "payment.quarantined", why, is_public=False)


def _keep_stray(order: Order, payment: Payment, fact: Fact, kind: StrayMoney.Kind, *, was_booked: bool = False) -> None:
    """Once per gateway payment. What is plainly somebody's own money twice or too late goes back by itself; the rest waits.

    was_booked: the capture stands in the books as its order's.
    """
    goes_back = kind in {StrayMoney.Kind.LATE, StrayMoney.Kind.DUPLICATE}
    evidence: dict[str, Any] = {
        "fact": asdict(fact),
        "asked": {"receipt": payment.receipt, "amount": payment.amount, "currency": payment.currency},
    }
    stray, made = StrayMoney.objects.get_or_create(
        gateway_payment_id=fact.payment_id,
        defaults={
            "payment": payment,
            "kind": kind,
            "fate": StrayMoney.Fate.TO_RETURN if goes_back else StrayMoney.Fate.WAITING,
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
        booked = books.strayed(
            reference, payment_id=fact.payment_id, amount=fact.amount, currency=fact.currency, was_booked=was_booked
        )
        post(booked, *books.fee_of(reference, fact))


@transaction.atomic
def keep_unmatched(fact: Fact) -> bool:
    """Put captured money that no order of ours asked for on the desk; False when one asked for it after all.

    It may be somebody's payment made by hand at the gateway, or another shop's on the same account: a person decides. Locks
    all attempts against writing for a moment: one that learns just now that this was its gateway order learns it before us,
    or finds the money on the desk.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {Payment._meta.db_table} IN SHARE MODE")
    if Payment.objects.filter(gateway_order_id=fact.order_id).exists():
        return False
    StrayMoney.objects.get_or_create(
        gateway_payment_id=fact.payment_id,
        defaults={
            "kind": StrayMoney.Kind.UNMATCHED,
            "fate": StrayMoney.Fate.WAITING,
            "amount": fact.amount,
            "currency": fact.currency,
            "is_captured": True,
            "evidence": {"fact": asdict(fact)},
        },
    )
    booked = books.strayed(
        fact.payment_id, payment_id=fact.payment_id, amount=fact.amount, currency=fact.currency, was_booked=False
    )
    post(booked, *books.fee_of(fact.payment_id, fact))
    return True
