"""What the disputes over an order's payments mean for the order. Pure functions of what the payments app wrote on it."""

from collections.abc import Iterable, Mapping
from typing import Any

from noirel.core.domain.money import Money, format_money
from noirel.orders.errors import DisputeLost, DisputeOpen
from noirel.orders.lifecycle import UNDECIDED_DISPUTES, DisputeStatus
from noirel.orders.models import Order

Entries = Iterable[Mapping[str, Any]]


def dispute_status_of(payments: Entries, disputes: Entries) -> DisputeStatus:
    """The status over all disputes of the payments that were captured for an order; an open one outranks any that ended."""
    captured = _captured(payments)
    statuses = {entry["status"] for entry in disputes if entry["gateway_payment_id"] in captured}
    if statuses & UNDECIDED_DISPUTES:
        return DisputeStatus.OPEN
    if "lost" in statuses:
        return DisputeStatus.LOST
    return DisputeStatus.WON if statuses else DisputeStatus.NONE


def lost_amount(payments: Entries, disputes: Entries) -> int:
    """What the buyer's bank has taken back of the captured payments, in minor units."""
    captured = _captured(payments)
    return sum(
        entry["amount_deducted"]["amount"]
        for entry in disputes
        if entry["status"] == "lost" and entry["gateway_payment_id"] in captured
    )


def refundable_amount(payments: Entries, disputes: Entries) -> int:
    """What is left of the captured payments after refunds and lost disputes, in minor units."""
    disputes = list(disputes)
    left = 0
    for entry in payments:
        if entry["status"] == "captured":
            lost = lost_amount([entry], disputes)
            left += max(0, entry["amount"]["amount"] - entry["refunded_amount"] - lost)
    return left


def check_dispatch(order: Order, *, force: bool = False, is_packed: bool = False) -> None:
    """Refuse to send an order whose money the buyer's bank wants back or has taken.

    force sends it while a dispute is open, or after one over a part of the money was lost. Nothing overrides the loss of all
    of it. is_packed: it is in a parcel that waits for the carrier. Raises DisputeOpen, DisputeLost.
    """
    ids = [entry["id"] for entry in order.disputes]
    if order.dispute_status == DisputeStatus.OPEN and not force:
        raise DisputeOpen(
            "The buyer's bank is reviewing a dispute over this payment. Wait for its decision before sending anything.",
            disputes=ids,
        )
    if order.dispute_status != DisputeStatus.LOST:
        return
    lost = lost_amount(order.payments, order.disputes)
    if lost >= order.total_amount:
        raise DisputeLost(
            f"The buyer's bank has taken {_text(order, lost)} back, so nothing pays for this order any more."
            + (" Unpack it, then cancel it to release its stock." if is_packed else " Cancel it to release its stock."),
            disputes=ids,
        )
    if not force:
        raise DisputeLost(
            f"The buyer's bank has taken {_text(order, lost)} of {_text(order, order.total_amount)} back.", disputes=ids
        )


def _captured(payments: Entries) -> set[str]:
    return {entry["gateway_payment_id"] for entry in payments if entry["status"] == "captured"}


def _text(order: Order, amount: int) -> str:
    return format_money(Money(amount, order.currency))
