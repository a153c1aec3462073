"""Money that goes back: the intent first, with its claim and its entry, then the gateway."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from noirel.core import audit_log
from noirel.core.domain.errors import FieldError, Invalid
from noirel.core.domain.money import Money, divide_half_up, format_money
from noirel.core.events import publish
from noirel.core.viewer import SYSTEM, Viewer
from noirel.inventory import services as inventory
from noirel.ledger.services import post
from noirel.orders.disputes import lost_amount
from noirel.orders.errors import DisputeLost, DisputeOpen
from noirel.orders.lifecycle import fulfilment_of
from noirel.orders.models import Order, OrderLine, ShipmentLine
from noirel.orders.selectors import parcels_of
from noirel.orders.services.fulfil import complete
from noirel.orders.services.transition import add_timeline_entry, lock_order
from noirel.payments import books
from noirel.payments.errors import GatewayRefused, GatewayUnavailable, NothingToRefund, RefundTooLarge
from noirel.payments.lifecycle import RESERVING_REFUND_STATES, UNDECIDED_DISPUTE_STATES, RefundState, State, next_refund_check
from noirel.payments.models import Payment, Refund, UnmatchedPayment
from noirel.payments.razorpay import gateway
from noirel.payments.selectors import attempts_of, disputes_over, summary_of
from noirel.payments.services.apply_refund_update import (
    apply_refund_update,
    refund_refused,
    refunded_so_far,
    reserve_refund,
    update_order_summary,
)

MIN_REFUND_AMOUNT = 100  # the gateway refunds no less, in minor units (razorpay.md, 3)


@transaction.atomic
def request_refund(
    viewer: Viewer,
    order: Order,
    *,
    reason: str,
    amount: int | None = None,
    lines: Iterable[Mapping[str, Any]] | None = None,
    restock: bool = False,
    note: str = "",
    origin: str = Refund.Origin.STAFF,
    force: bool = False,
    key: str = "",
) -> Refund:
    """Promise money of a paid order back: a sum, the price of some units, or (neither named) all that is left.

    lines are {id, quantity}; their units are taken off what is still to be sent, or count as returned when they come back on
    the shelf (restock). key is the refund's name at the gateway, if the caller has one by which it knows its refund again.
    Nothing is sent yet: send_refund does that, outside this transaction. Raises NothingToRefund,
    RefundTooLarge, Invalid; DisputeOpen, unless forced, while the buyer's bank reviews the payment; DisputeLost when the bank
    has taken all that was left.

    Locks the order, then its payment, then the stock of what comes back.
    """
    locked = lock_order(order.pk)
    payment = _captured_payments(locked)
    if payment is None or payment.refunded_amount == payment.amount:
        raise NothingToRefund("No money of this order is left to send back.")
    _check_disputes(str(payment.gateway_payment_id), force=force)
    left = refundable_amount(locked, payment)
    if not left:
        taken = format_money(Money(_disputed_amount(locked, payment), locked.currency))
        raise DisputeLost(f"The buyer's bank has taken {taken} of this payment back. Nothing is left to refund.")
    rows = {row.pk: row for row in OrderLine.objects.filter(order=locked).order_by("position")}
    gone = _refunded_quantities(locked)
    wanted = _requested_quantities(lines, rows, gone, everything=amount is None)
    if amount is None:
        amount = (
            left if lines is None else sum(_price_of_units(rows[pk], gone.get(pk, 0), units) for pk, units in wanted.items())
        )
    if amount < MIN_REFUND_AMOUNT:
        least = format_money(Money(MIN_REFUND_AMOUNT, locked.currency))
        raise Invalid(errors=[FieldError("amount", "min_value", f"The gateway sends back {least} or more.")])
    if amount > left:
        raise RefundTooLarge(f"{format_money(Money(left, locked.currency))} is left to refund.")
    off = _cancelled_quantities(locked, rows)
    refund = Refund(
        order=locked,
        payment=payment,
        gateway_payment_id=str(payment.gateway_payment_id),
        amount=amount,
        currency=locked.currency,
        origin=origin,
        reason=reason,
        note=note,
        actor=viewer.name,
        lines=_refund_lines(rows, wanted, gone, off, _restocked_quantities(locked) if restock else None),
        key=key or f"refund-{uuid4().hex}",
        retry_at=timezone.now(),
    )
    _claim(refund)
    _apply_units(locked, rows, wanted, off, refund, actor=viewer.name)
    so_far = refunded_so_far(locked, amount)
    post(books.refund_promised(locked, refund=str(refund.pk), amount=amount, **so_far))
    update_order_summary(locked)
    sum_ = format_money(Money(amount, locked.currency))
    add_timeline_entry(locked, "refund.requested", f"{sum_} is going back to you.", actor=viewer.name)
    if wanted and origin != Refund.Origin.CANCEL:  # whoever cancels moves the order
        complete(locked, actor=viewer.name)
    publish("refund.requested", key=locked.number, payload={"number": locked.number, "refund": str(refund.pk)})
    if viewer.is_staff:
        was, now = Money(so_far["refunded_before"], locked.currency), Money(amount, locked.currency)
        after = {"refunded": (was + now).json(), "amount": now.json(), "reason": reason, "restock": restock, "note": note}
        before = {"refunded": was.json()}
        audit_log.record(actor=viewer, action="orders.refund", target=f"order:{locked.number}", before=before, after=after)
    return refund


@transaction.atomic
def request_unmatched_refund(
    stray: UnmatchedPayment, *, viewer: Viewer = SYSTEM, reason: str = "", force: bool = False
) -> Refund | None:
    """Promise captured money that pays for nothing back, all that is left of it; None when nothing is.

    Nothing is sent yet. Raises DisputeOpen unless forced. Locks its order, if it has one, then the stray row.
    """
    attempt = stray.payment
    order = lock_order(attempt.order_id) if attempt else None
    row = UnmatchedPayment.objects.select_for_update(of=("self",)).get(pk=stray.pk)
    if not row.is_captured or not row.remaining_amount:
        return None
    _check_disputes(row.gateway_payment_id, force=force)  # a lost one has taken its part off what is left
    refund = Refund(
        order=order,
        payment=attempt if attempt and _is_wholly_unmatched(row, attempt) else None,
        stray=row,
        gateway_payment_id=row.gateway_payment_id,
        amount=row.remaining_amount,
        currency=row.currency,
        origin=Refund.Origin.STRAY,
        reason=reason or row.kind,
        actor=viewer.name,
        key=f"refund-{uuid4().hex}",
        retry_at=timezone.now(),
    )
    _claim(refund)
    reference = order.number if order else row.gateway_payment_id
    post(books.unmatched_refund_promised(reference, refund=str(refund.pk), amount=row.remaining_amount, currency=row.currency))
    UnmatchedPayment.objects.filter(pk=row.pk).update(fate=UnmatchedPayment.Disposition.TO_RETURN)
    if order:
        update_order_summary(order)
        add_timeline_entry(
            order, "refund.requested", "The money is on its way back to you, in 5 to 7 working days.", actor=viewer.name
        )
        publish("refund.requested", key=order.number, payload={"number": order.number, "refund": str(refund.pk)})
    return refund


def send_refund(refund: Refund) -> Refund:
    """Have the gateway take a promised refund, or hear what became of it; outside any transaction. The row as it is then.

    What was tried before is looked for first: a lost answer is found by our receipt, and the same idempotency key would give
    the first refund again in any case. No answer is tried again later; a refusal is final and a task for staff.
    """
    if refund.status not in {RefundState.REQUESTED, RefundState.PENDING}:
        return refund
    _next_retry_at(refund)
    try:
        fact = None
        if refund.tries:
            facts = gateway().refunds_for_payment(refund.gateway_payment_id)
            fact = next((f for f in facts if f.key == refund.key or f.refund_id == refund.gateway_refund_id), None)
        if fact is None and refund.status == RefundState.REQUESTED:
            fact = gateway().refund(
                refund.gateway_payment_id, amount=refund.amount, key=refund.key, notes={"why": refund.reason[:200]}
            )
    except GatewayUnavailable:
        return Refund.objects.get(pk=refund.pk)
    except GatewayRefused as error:
        # 409: the first call is still running over there.
        if error.http_status != 409 and refund.status == RefundState.REQUESTED:
            refund_refused(refund, error.detail)
        return Refund.objects.get(pk=refund.pk)
    if fact is not None:
        apply_refund_update(fact, source="refund")
    return Refund.objects.get(pk=refund.pk)


def refund_cancelled(payload: Mapping[str, Any]) -> None:
    """`order.cancelled`, in its transaction: what was paid for it is promised back, and what was to be sent is on the shelf."""
    if payload["was"] == "paid":
        _refund_unshipped(Order.objects.get(number=payload["number"]))


def refund_cancelled_remainder(payload: Mapping[str, Any]) -> None:
    """`order.rest_cancelled`, in its transaction: the same for an order of which a part was sent and a dispute lost."""
    _refund_unshipped(Order.objects.get(number=payload["number"]), is_partly_sent=True)


def _refund_unshipped(order: Order, *, is_partly_sent: bool = False) -> None:
    """Send back what the unsent units cost, as far as the bank or earlier refunds have left any of it, and restock them."""
    payment = _captured_payments(order)
    left = refundable_amount(order, payment) if payment else 0
    rows = {row.pk: row for row in OrderLine.objects.filter(order=order).order_by("position")}
    unsent = {pk: row.unsent_quantity for pk, row in rows.items() if row.unsent_quantity}
    if left < MIN_REFUND_AMOUNT or (is_partly_sent and not unsent):  # its money went back before, from here or by the bank
        _restock_unshipped(order)
        return
    if not is_partly_sent:
        request_refund(SYSTEM, order, reason="cancelled", restock=True, origin=Refund.Origin.CANCEL)
        return
    gone = _refunded_quantities(order)
    wanted = {pk: min(units, rows[pk].quantity - gone.get(pk, 0)) for pk, units in unsent.items()}
    worth = sum(_price_of_units(rows[pk], gone.get(pk, 0), units) for pk, units in wanted.items())
    lines = [{"id": pk, "quantity": units} for pk, units in wanted.items() if units]
    if lines and min(worth, left) >= MIN_REFUND_AMOUNT:
        request_refund(
            SYSTEM, order, reason="cancelled", restock=True, origin=Refund.Origin.CANCEL, lines=lines, amount=min(worth, left)
        )
    _restock_unshipped(Order.objects.get(pk=order.pk))


def refundable_amount(order: Order, payment: Payment) -> int:
    """What of a captured payment is neither back, nor promised back, nor taken by the buyer's bank, in minor units."""
    return max(0, payment.amount - payment.refunded_amount - _disputed_amount(order, payment))


def _disputed_amount(order: Order, payment: Payment) -> int:
    return lost_amount(summary_of([payment]), order.disputes)


def _captured_payments(order: Order) -> Payment | None:
    return next((row for row in attempts_of(order) if row.status == State.CAPTURED and _pays_for_order(row)), None)


def _restock_unshipped(order: Order) -> None:
    rows = {row.pk: row for row in OrderLine.objects.filter(order=order).order_by("position")}
    wanted = {pk: units for pk, row in rows.items() if (units := row.unsent_quantity)}
    _update_lines(order, rows, wanted, {}, {})
    order.save()
    rest = _quantities_by_variant(rows, wanted)
    inventory.lock_stock(rest)
    for variant_id, count in inventory.release_committed(order.number, rest).items():
        rest[variant_id] -= count
    inventory.restock(_positive(rest), reference=f"cancel-{order.number}", note=f"order {order.number}")


def _pays_for_order(payment: Payment) -> bool:
    return not UnmatchedPayment.objects.filter(gateway_payment_id=payment.gateway_payment_id, accepted_amount=0).exists()


def _is_wholly_unmatched(stray: UnmatchedPayment, attempt: Payment) -> bool:
    """Whether the attempt was captured by this very money and none of it pays for the order."""
    return attempt.gateway_payment_id == stray.gateway_payment_id and not stray.accepted_amount


def _check_disputes(gateway_payment_id: str, *, force: bool) -> None:
    if not force and (ids := disputes_over(gateway_payment_id, UNDECIDED_DISPUTE_STATES)):
        raise DisputeOpen(
            "The buyer's bank is reviewing a dispute over this payment: a refund now could send the money twice.", disputes=ids
        )


def _claim(refund: Refund) -> None:
    """Take the sum from what is left of the money, and write the refund beside it. Raises RefundTooLarge."""
    if not reserve_refund(refund, refund.amount):
        raise RefundTooLarge("That is more than is left of what was paid.")
    refund.save(force_insert=True)


def _refunded_quantities(order: Order) -> dict[UUID, int]:
    """How many units of each line earlier refunds have paid back."""
    gone: dict[UUID, int] = {}
    for lines in Refund.objects.filter(order=order, status__in=RESERVING_REFUND_STATES).values_list("lines", flat=True):
        for line in lines:
            gone[UUID(line["id"])] = gone.get(UUID(line["id"]), 0) + line["quantity"]
    return gone


def _requested_quantities(
    lines: Iterable[Mapping[str, Any]] | None, rows: Mapping[UUID, OrderLine], gone: Mapping[UUID, int], *, everything: bool
) -> dict[UUID, int]:
    if lines is None:
        return {pk: left for pk, row in rows.items() if (left := row.quantity - gone.get(pk, 0))} if everything else {}
    wanted: dict[UUID, int] = {}
    for line in lines:
        wanted[line["id"]] = wanted.get(line["id"], 0) + line["quantity"]
    for at, (pk, units) in enumerate(wanted.items()):
        left = rows[pk].quantity - gone.get(pk, 0) if pk in rows else 0
        if units > left:
            raise Invalid(errors=[FieldError(f"lines.{at}.quantity", "max_value", f"{left} of this line can be refunded.")])
    return wanted


def _restocked_quantities(order: Order) -> dict[UUID, int]:
    """How many units of each line came back on the shelf; with a refund that failed, too."""
    back: dict[UUID, int] = {}
    for lines in Refund.objects.filter(order=order).values_list("lines", flat=True):
        for line in lines:
            if line["restock"]:
                back[UUID(line["id"])] = back.get(UUID(line["id"]), 0) + line["quantity"]
    return back


def _cancelled_quantities(order: Order, rows: Mapping[UUID, OrderLine]) -> dict[UUID, int]:
    """How many units of each line were taken off before they were sent, and are not paid back: their refund failed."""
    off = {pk: row.cancelled_quantity for pk, row in rows.items()}
    for lines in Refund.objects.filter(order=order, status__in=RESERVING_REFUND_STATES).values_list("lines", flat=True):
        for line in lines:
            off[UUID(line["id"])] -= line.get("cancelled", 0)
    return off


def _refund_lines(
    rows: Mapping[UUID, OrderLine],
    wanted: Mapping[UUID, int],
    gone: Mapping[UUID, int],
    off: Mapping[UUID, int],
    back: Mapping[UUID, int] | None,
) -> list[dict[str, Any]]:
    """The refund's lines. Units that came back with a refund that failed don't come a second time, when refunded again.

    gone: units that are paid back; off: units that were taken off and are not paid back; back: units that are on the shelf
    again, None: nothing comes back.
    """
    lines: list[dict[str, Any]] = []
    for pk, units in wanted.items():
        again = min(units, off.get(pk, 0))
        cancelled = again + min(units - again, rows[pk].unsent_quantity)
        fits = 0 if back is None else max(0, min(units, gone.get(pk, 0) + units - back.get(pk, 0)))
        for count, restock in ((fits, True), (units - fits, False)):
            if count:
                taken = min(count, cancelled)
                cancelled -= taken
                lines.append({"id": str(pk), "quantity": count, "restock": restock, "cancelled": taken})
    return lines


def _quantities_by_variant(rows: Mapping[UUID, OrderLine], units: Mapping[UUID, int]) -> dict[int, int]:
    """Units of lines, added up by variant id."""
    found: dict[int, int] = {}
    for pk, count in units.items():
        if count:
            found[rows[pk].variant_id] = found.get(rows[pk].variant_id, 0) + count
    return found


def _positive(units: Mapping[int, int]) -> dict[int, int]:
    return {variant_id: count for variant_id, count in units.items() if count}


def _price_of_units(row: OrderLine, gone: int, units: int) -> int:
    """What units cost, as a difference of running sums: all units of a line cost exactly what the line did."""

    def cost(count: int) -> int:
        return divide_half_up(row.total_amount * count, row.quantity)

    return cost(gone + units) - cost(gone)


def _apply_units(
    order: Order,
    rows: dict[UUID, OrderLine],
    wanted: Mapping[UUID, int],
    off: Mapping[UUID, int],
    refund: Refund,
    *,
    actor: str,
) -> None:
    """What becomes of a refund's units, and of their stock.

    Units that have not shipped are on hand and committed to the order. Restocked, they are available again without a movement;
    else they are written off. Units that had shipped come back with a movement `returned` when they are restocked. The refund's
    lines say how many were released, so that the audit can tell the two apart.
    """
    if not wanted:
        return
    restocked = {UUID(line["id"]): line["quantity"] for line in refund.lines if line["restock"]}
    is_restock = bool(restocked)
    here = _update_lines(order, rows, wanted, off, restocked)
    if not is_restock:
        note = f"refund of order {order.number}, not restocked"
        inventory.write_off_committed(order.number, _quantities_by_variant(rows, here), actor=actor, note=note)
    else:
        inventory.lock_stock({rows[pk].variant_id for pk in wanted})
        free = inventory.release_committed(order.number, _quantities_by_variant(rows, here))
        back: dict[UUID, int] = {}
        for line in refund.lines:
            if line["restock"]:
                pk = UUID(line["id"])
                released = min(here.get(pk, 0), line["quantity"], free.get(rows[pk].variant_id, 0))
                free[rows[pk].variant_id] = free.get(rows[pk].variant_id, 0) - released
                line["released"] = released
                back[pk] = line["quantity"] - released
        refund.save(update_fields=["lines"])
        inventory.restock(_quantities_by_variant(rows, back), reference=refund.key, actor=actor, note=f"order {order.number}")
    if not any(row.unsent_quantity for row in rows.values()) and not parcels_of(order):
        publish("order.emptied", key=order.number, payload={"number": order.number})


def _update_lines(
    order: Order,
    rows: dict[UUID, OrderLine],
    wanted: Mapping[UUID, int],
    off: Mapping[UUID, int],
    restocked: Mapping[UUID, int],
) -> dict[UUID, int]:
    """Units that were not packed count as cancelled, once; of those that were, what is restocked counts as returned.

    Restocked units are taken out of parcels that have not shipped before any of them can be one that came back. Returns the
    units of each line that are in the building and will not be shipped: not packed, or taken out of a parcel.
    """
    waiting: dict[UUID, list[ShipmentLine]] = {}
    parts = ShipmentLine.objects.filter(shipment__order=order, shipment__shipped_at=None, quantity__gt=F("withdrawn_quantity"))
    for part in parts.order_by("-shipment__created_at", "id"):
        waiting.setdefault(part.line_id, []).append(part)
    here: dict[UUID, int] = {}
    for pk, units in wanted.items():
        row = rows[pk]
        rest = units - min(units, off.get(pk, 0))
        unsent = min(rest, row.unsent_quantity)
        row.cancelled_quantity += unsent
        here[pk] = unsent
        sent_back = min(rest - unsent, restocked.get(pk, 0) - unsent, row.fulfilled_quantity - row.returned_quantity)
        row.returned_quantity += max(0, sent_back)
        for part in waiting.get(pk, []):
            taken = min(max(0, sent_back), part.left)
            part.withdrawn_quantity += taken
            sent_back -= taken
            here[pk] += taken
    OrderLine.objects.bulk_update([rows[pk] for pk in wanted], ["cancelled_quantity", "returned_quantity"])
    ShipmentLine.objects.bulk_update([part for some in waiting.values() for part in some], ["withdrawn_quantity"])
    order.fulfilment_status = fulfilment_of(
        [(row.quantity - row.cancelled_quantity, row.fulfilled_quantity, row.returned_quantity) for row in rows.values()]
    )
    return here


def _next_retry_at(refund: Refund) -> None:
    """The next look, written before this one: who dies in between is followed up."""
    Refund.objects.filter(pk=refund.pk, retry_at__isnull=False).update(
        tries=F("tries") + 1, retry_at=timezone.now() + next_refund_check(refund.tries)
    )
