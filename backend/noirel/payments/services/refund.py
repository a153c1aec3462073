"""Refunds: the request is stored, reserved and booked first; then the gateway is called."""

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

MIN_REFUND_AMOUNT = 100  # the gateway's minimum, in minor units (razorpay.md, 3)


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
    """Request the refund of an amount, of some units, or (with neither given) of everything left, of a paid order.

    `amount` is in minor units. `lines` are {id, quantity}: units not packed yet are cancelled; shipped ones count as returned
    if `restock` is true. `key` is the receipt at the gateway, for callers that look their refund up by it. Nothing is sent yet:
    call send_refund outside this transaction. Raises NothingToRefund, RefundTooLarge, Invalid; DisputeOpen, unless `force`,
    while the payment is disputed; DisputeLost if the bank has taken everything left.

    Locks the order, then its payment, then the stock of restocked units.
    """
    locked = lock_order(order.pk)
    payment = _captured_payment(locked)
    if payment is None or payment.refunded_amount == payment.amount:
        raise NothingToRefund("Nothing of this order is left to refund.")
    _check_disputes(str(payment.gateway_payment_id), force=force)
    left = refundable_amount(locked, payment)
    if not left:
        taken = format_money(Money(_disputed_amount(locked, payment), locked.currency))
        raise DisputeLost(f"The buyer's bank has taken {taken} of this payment back. Nothing is left to refund.")
    rows = {row.pk: row for row in OrderLine.objects.filter(order=locked).order_by("position")}
    refunded = _refunded_quantities(locked)
    quantities = _requested_quantities(lines, rows, refunded, everything=amount is None)
    if amount is None:
        amount = (
            left
            if lines is None
            else sum(_price_of_units(rows[pk], refunded.get(pk, 0), units) for pk, units in quantities.items())
        )
    if amount < MIN_REFUND_AMOUNT:
        minimum = format_money(Money(MIN_REFUND_AMOUNT, locked.currency))
        raise Invalid(errors=[FieldError("amount", "min_value", f"The gateway refunds {minimum} or more.")])
    if amount > left:
        raise RefundTooLarge(f"{format_money(Money(left, locked.currency))} is left to refund.")
    cancelled_unrefunded = _cancelled_quantities(locked, rows)
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
        lines=_refund_lines(
            rows, quantities, refunded, cancelled_unrefunded, _restocked_quantities(locked) if restock else None
        ),
        key=key or f"refund-{uuid4().hex}",
        retry_at=timezone.now(),
    )
    _claim(refund)
    _apply_units(locked, rows, quantities, cancelled_unrefunded, refund, actor=viewer.name)
    so_far = refunded_so_far(locked, amount)
    post(books.refund_promised(locked, refund=str(refund.pk), amount=amount, **so_far))
    update_order_summary(locked)
    amount_text = format_money(Money(amount, locked.currency))
    add_timeline_entry(locked, "refund.requested", f"{amount_text} is going back to you.", actor=viewer.name)
    if quantities and origin != Refund.Origin.CANCEL:  # a cancellation changes the order's status itself
        complete(locked, actor=viewer.name)
    publish("refund.requested", key=locked.number, payload={"number": locked.number, "refund": str(refund.pk)})
    if viewer.is_staff:
        previous, added = Money(so_far["refunded_before"], locked.currency), Money(amount, locked.currency)
        after = {
            "refunded": (previous + added).json(),
            "amount": added.json(),
            "reason": reason,
            "restock": restock,
            "note": note,
        }
        before = {"refunded": previous.json()}
        audit_log.record(actor=viewer, action="orders.refund", target=f"order:{locked.number}", before=before, after=after)
    return refund


@transaction.atomic
def request_unmatched_refund(
    unmatched: UnmatchedPayment, *, viewer: Viewer = SYSTEM, reason: str = "", force: bool = False
) -> Refund | None:
    """Request the refund of everything left of a captured unmatched payment; None if nothing is.

    Nothing is sent yet: call send_refund. Raises DisputeOpen unless `force`. Locks the order, if there is one, then the
    unmatched payment.
    """
    attempt = unmatched.payment
    order = lock_order(attempt.order_id) if attempt else None
    row = UnmatchedPayment.objects.select_for_update(of=("self",)).get(pk=unmatched.pk)
    if not row.is_captured or not row.remaining_amount:
        return None
    _check_disputes(row.gateway_payment_id, force=force)  # a lost dispute has reduced remaining_amount already
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
    """Send a requested refund to the gateway, or poll a pending one, and return the current row. Call outside any transaction.

    On a retry, the refund is looked up by our receipt first; the idempotency key would return the first refund in any case. If
    the gateway does not answer, a scheduled job tries again; a refusal is final and left to staff.
    """
    if refund.status not in {RefundState.REQUESTED, RefundState.PENDING}:
        return refund
    _next_retry_at(refund)
    try:
        update = None
        if refund.tries:
            updates = gateway().refunds_for_payment(refund.gateway_payment_id)
            update = next((u for u in updates if u.key == refund.key or u.refund_id == refund.gateway_refund_id), None)
        if update is None and refund.status == RefundState.REQUESTED:
            update = gateway().refund(
                refund.gateway_payment_id, amount=refund.amount, key=refund.key, notes={"why": refund.reason[:200]}
            )
    except GatewayUnavailable:
        return Refund.objects.get(pk=refund.pk)
    except GatewayRefused as error:
        # 409: the gateway is still processing the first call.
        if error.http_status != 409 and refund.status == RefundState.REQUESTED:
            refund_refused(refund, error.detail)
        return Refund.objects.get(pk=refund.pk)
    if update is not None:
        apply_refund_update(update, source="refund")
    return Refund.objects.get(pk=refund.pk)


def refund_cancelled(payload: Mapping[str, Any]) -> None:
    """Handle `order.cancelled` in its transaction: refund the payment and restock the units that were not sent."""
    if payload["was"] == "paid":
        _refund_unshipped(Order.objects.get(number=payload["number"]))


def refund_cancelled_remainder(payload: Mapping[str, Any]) -> None:
    """Handle `order.rest_cancelled` in its transaction: the same for a partly sent order with a lost dispute."""
    _refund_unshipped(Order.objects.get(number=payload["number"]), is_partly_sent=True)


def _refund_unshipped(order: Order, *, is_partly_sent: bool = False) -> None:
    """Refund the price of the unsent units, up to what is still refundable, and restock them."""
    payment = _captured_payment(order)
    left = refundable_amount(order, payment) if payment else 0
    rows = {row.pk: row for row in OrderLine.objects.filter(order=order).order_by("position")}
    unsent = {pk: row.unsent_quantity for pk, row in rows.items() if row.unsent_quantity}
    if left < MIN_REFUND_AMOUNT or (is_partly_sent and not unsent):  # refunded before, or taken by the bank
        _restock_unshipped(order)
        return
    if not is_partly_sent:
        request_refund(SYSTEM, order, reason="cancelled", restock=True, origin=Refund.Origin.CANCEL)
        return
    refunded = _refunded_quantities(order)
    quantities = {pk: min(units, rows[pk].quantity - refunded.get(pk, 0)) for pk, units in unsent.items()}
    worth = sum(_price_of_units(rows[pk], refunded.get(pk, 0), units) for pk, units in quantities.items())
    lines = [{"id": pk, "quantity": units} for pk, units in quantities.items() if units]
    if lines and min(worth, left) >= MIN_REFUND_AMOUNT:
        request_refund(
            SYSTEM, order, reason="cancelled", restock=True, origin=Refund.Origin.CANCEL, lines=lines, amount=min(worth, left)
        )
    _restock_unshipped(Order.objects.get(pk=order.pk))


def refundable_amount(order: Order, payment: Payment) -> int:
    """Return what of a captured payment was not refunded, promised back or lost in a dispute, in minor units."""
    return max(0, payment.amount - payment.refunded_amount - _disputed_amount(order, payment))


def _disputed_amount(order: Order, payment: Payment) -> int:
    return lost_amount(summary_of([payment]), order.disputes)


def _captured_payment(order: Order) -> Payment | None:
    return next((row for row in attempts_of(order) if row.status == State.CAPTURED and _pays_for_order(row)), None)


def _restock_unshipped(order: Order) -> None:
    rows = {row.pk: row for row in OrderLine.objects.filter(order=order).order_by("position")}
    quantities = {pk: units for pk, row in rows.items() if (units := row.unsent_quantity)}
    _update_lines(order, rows, quantities, {}, {})
    order.save()
    rest = _quantities_by_variant(rows, quantities)
    inventory.lock_stock(rest)
    for variant_id, count in inventory.release_committed(order.number, rest).items():
        rest[variant_id] -= count
    inventory.restock(_positive(rest), reference=f"cancel-{order.number}", note=f"order {order.number}")


def _pays_for_order(payment: Payment) -> bool:
    return not UnmatchedPayment.objects.filter(gateway_payment_id=payment.gateway_payment_id, accepted_amount=0).exists()


def _is_wholly_unmatched(unmatched: UnmatchedPayment, attempt: Payment) -> bool:
    """Whether the attempt was captured by this payment and none of it pays for the order."""
    return attempt.gateway_payment_id == unmatched.gateway_payment_id and not unmatched.accepted_amount


def _check_disputes(gateway_payment_id: str, *, force: bool) -> None:
    if not force and (ids := disputes_over(gateway_payment_id, UNDECIDED_DISPUTE_STATES)):
        raise DisputeOpen(
            "The buyer's bank is reviewing a dispute over this payment: a refund now could send the money twice.", disputes=ids
        )


def _claim(refund: Refund) -> None:
    """Reserve the refund's amount on its payment and insert the refund. Raises RefundTooLarge."""
    if not reserve_refund(refund, refund.amount):
        raise RefundTooLarge("That is more than is left of what was paid.")
    refund.save(force_insert=True)


def _refunded_quantities(order: Order) -> dict[UUID, int]:
    """Return the number of units of each line that earlier refunds cover."""
    refunded: dict[UUID, int] = {}
    for lines in Refund.objects.filter(order=order, status__in=RESERVING_REFUND_STATES).values_list("lines", flat=True):
        for line in lines:
            refunded[UUID(line["id"])] = refunded.get(UUID(line["id"]), 0) + line["quantity"]
    return refunded


def _requested_quantities(
    lines: Iterable[Mapping[str, Any]] | None, rows: Mapping[UUID, OrderLine], refunded: Mapping[UUID, int], *, everything: bool
) -> dict[UUID, int]:
    if lines is None:
        return {pk: left for pk, row in rows.items() if (left := row.quantity - refunded.get(pk, 0))} if everything else {}
    quantities: dict[UUID, int] = {}
    for line in lines:
        quantities[line["id"]] = quantities.get(line["id"], 0) + line["quantity"]
    for at, (pk, units) in enumerate(quantities.items()):
        left = rows[pk].quantity - refunded.get(pk, 0) if pk in rows else 0
        if units > left:
            raise Invalid(errors=[FieldError(f"lines.{at}.quantity", "max_value", f"{left} of this line can be refunded.")])
    return quantities


def _restocked_quantities(order: Order) -> dict[UUID, int]:
    """Return the number of restocked units of each line, including those of failed refunds."""
    restocked_units: dict[UUID, int] = {}
    for lines in Refund.objects.filter(order=order).values_list("lines", flat=True):
        for line in lines:
            if line["restock"]:
                restocked_units[UUID(line["id"])] = restocked_units.get(UUID(line["id"]), 0) + line["quantity"]
    return restocked_units


def _cancelled_quantities(order: Order, rows: Mapping[UUID, OrderLine]) -> dict[UUID, int]:
    """Return the units of each line that were cancelled before dispatch and not refunded, because their refund failed."""
    cancelled_unrefunded = {pk: row.cancelled_quantity for pk, row in rows.items()}
    for lines in Refund.objects.filter(order=order, status__in=RESERVING_REFUND_STATES).values_list("lines", flat=True):
        for line in lines:
            cancelled_unrefunded[UUID(line["id"])] -= line.get("cancelled", 0)
    return cancelled_unrefunded


def _refund_lines(
    rows: Mapping[UUID, OrderLine],
    quantities: Mapping[UUID, int],
    refunded: Mapping[UUID, int],
    cancelled_unrefunded: Mapping[UUID, int],
    restocked_units: Mapping[UUID, int] | None,
) -> list[dict[str, Any]]:
    """Return the lines to store on the refund. Units that a failed refund restocked are not restocked again.

    `refunded` are units already refunded, `cancelled_unrefunded` those cancelled but not refunded, and `restocked_units` those
    already restocked (None: this refund restocks nothing).
    """
    lines: list[dict[str, Any]] = []
    for pk, units in quantities.items():
        again = min(units, cancelled_unrefunded.get(pk, 0))
        cancelled = again + min(units - again, rows[pk].unsent_quantity)
        fits = 0 if restocked_units is None else max(0, min(units, refunded.get(pk, 0) + units - restocked_units.get(pk, 0)))
        for count, restock in ((fits, True), (units - fits, False)):
            if count:
                taken = min(count, cancelled)
                cancelled -= taken
                lines.append({"id": str(pk), "quantity": count, "restock": restock, "cancelled": taken})
    return lines


def _quantities_by_variant(rows: Mapping[UUID, OrderLine], units: Mapping[UUID, int]) -> dict[int, int]:
    """Add up units of lines by variant id."""
    found: dict[int, int] = {}
    for pk, count in units.items():
        if count:
            found[rows[pk].variant_id] = found.get(rows[pk].variant_id, 0) + count
    return found


def _positive(units: Mapping[int, int]) -> dict[int, int]:
    return {variant_id: count for variant_id, count in units.items() if count}


def _price_of_units(row: OrderLine, refunded: int, units: int) -> int:
    """Return the price of further units in minor units, as a difference of running totals.

    The prices of all units thereby add up to the total of the line.
    """

    def cost(count: int) -> int:
        return divide_half_up(row.total_amount * count, row.quantity)

    return cost(refunded + units) - cost(refunded)


def _apply_units(
    order: Order,
    rows: dict[UUID, OrderLine],
    quantities: Mapping[UUID, int],
    cancelled_unrefunded: Mapping[UUID, int],
    refund: Refund,
    *,
    actor: str,
) -> None:
    """Apply a refund's units to the order lines and to stock.

    Units that have not shipped are on hand and committed to the order. If they are restocked, they become available again
    without a movement; otherwise they are written off. Units that had shipped come back with a `returned` movement if they are
    restocked. The refund's lines record how many were released, so that the audit can tell the two apart.
    """
    if not quantities:
        return
    restocked = {UUID(line["id"]): line["quantity"] for line in refund.lines if line["restock"]}
    is_restock = bool(restocked)
    in_house = _update_lines(order, rows, quantities, cancelled_unrefunded, restocked)
    if not is_restock:
        note = f"refund of order {order.number}, not restocked"
        inventory.write_off_committed(order.number, _quantities_by_variant(rows, in_house), actor=actor, note=note)
    else:
        inventory.lock_stock({rows[pk].variant_id for pk in quantities})
        free = inventory.release_committed(order.number, _quantities_by_variant(rows, in_house))
        restocked_units: dict[UUID, int] = {}
        for line in refund.lines:
            if line["restock"]:
                pk = UUID(line["id"])
                released = min(in_house.get(pk, 0), line["quantity"], free.get(rows[pk].variant_id, 0))
                free[rows[pk].variant_id] = free.get(rows[pk].variant_id, 0) - released
                line["released"] = released
                restocked_units[pk] = line["quantity"] - released
        refund.save(update_fields=["lines"])
        inventory.restock(
            _quantities_by_variant(rows, restocked_units), reference=refund.key, actor=actor, note=f"order {order.number}"
        )
    if not any(row.unsent_quantity for row in rows.values()) and not parcels_of(order):
        publish("order.emptied", key=order.number, payload={"number": order.number})


def _update_lines(
    order: Order,
    rows: dict[UUID, OrderLine],
    quantities: Mapping[UUID, int],
    cancelled_unrefunded: Mapping[UUID, int],
    restocked: Mapping[UUID, int],
) -> dict[UUID, int]:
    """Count units that were not packed as cancelled, once, and restocked units that were packed as returned.

    Restocked units are first taken out of parcels that have not shipped. Returns the units of each line that are in the
    building and will not be shipped: not packed, or taken out of a parcel.
    """
    waiting: dict[UUID, list[ShipmentLine]] = {}
    parts = ShipmentLine.objects.filter(shipment__order=order, shipment__shipped_at=None, quantity__gt=F("withdrawn_quantity"))
    for part in parts.order_by("-shipment__created_at", "id"):
        waiting.setdefault(part.line_id, []).append(part)
    in_house: dict[UUID, int] = {}
    for pk, units in quantities.items():
        row = rows[pk]
        rest = units - min(units, cancelled_unrefunded.get(pk, 0))
        unsent = min(rest, row.unsent_quantity)
        row.cancelled_quantity += unsent
        in_house[pk] = unsent
        sent_back = min(rest - unsent, restocked.get(pk, 0) - unsent, row.fulfilled_quantity - row.returned_quantity)
        row.returned_quantity += max(0, sent_back)
        for part in waiting.get(pk, []):
            taken = min(max(0, sent_back), part.left)
            part.withdrawn_quantity += taken
            sent_back -= taken
            in_house[pk] += taken
    OrderLine.objects.bulk_update([rows[pk] for pk in quantities], ["cancelled_quantity", "returned_quantity"])
    ShipmentLine.objects.bulk_update([part for group in waiting.values() for part in group], ["withdrawn_quantity"])
    order.fulfilment_status = fulfilment_of(
        [(row.quantity - row.cancelled_quantity, row.fulfilled_quantity, row.returned_quantity) for row in rows.values()]
    )
    return in_house


def _next_retry_at(refund: Refund) -> None:
    """Schedule the next try before this one, so that a refund is followed up if the process dies."""
    Refund.objects.filter(pk=refund.pk, retry_at__isnull=False).update(
        tries=F("tries") + 1, retry_at=timezone.now() + next_refund_check(refund.tries)
    )
