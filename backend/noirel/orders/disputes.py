"""Consequences of payment disputes for an order. Pure functions of the summaries that the payments app stores on the order."""

from collections.abc import Iterable, Mapping
from typing import Any

from noirel.core.domain.money import Money, format_money
from noirel.orders.errors import DisputeLost, DisputeOpen
from noirel.orders.lifecycle import UNDECIDED_DISPUTES, DisputeStatus
from noirel.orders.models import Order

Entries = Iterable[Mapping[str, Any]]


def dispute_status_of(payments: Entries, disputes: Entries) -> DisputeStatus:
    """Return the status over all disputes of the captured payments. An open dispute outranks any that has ended."""
    captured = _captured(payments)
    statuses = {entry["status"] for entry in disputes if entry["gateway_payment_id"] in captured}
    if statuses & UNDECIDED_DISPUTES:
        return DisputeStatus.OPEN
    if "lost" in statuses:
        return DisputeStatus.LOST
    return DisputeStatus.WON if statuses else DisputeStatus.NONE


def lost_amount(payments: Entries, disputes: Entries) -> int:
    """Return what the buyer's bank has taken back of the captured payments, in minor units."""
    captured = _captured(payments)
    return sum(
        entry["amount_deducted"]["amount"]
        for entry in disputes
        if entry["status"] == "lost" and entry["gateway_payment_id"] in captured
    )


def refundable_amount(payments: Entries, disputes: Entries) -> int:
    """Return what is left of the captured payments after refunds and lost disputes, in minor units."""
    disputes = list(disputes)
    left = 0
    for entry in payments:
        if entry["status"] == "captured":
            lost = lost_amount([entry], disputes)
            left += max(0, entry["amount"]["amount"] - entry["refunded_amount"] - lost)
    return left


def check_dispatch(order: Order, *, force: bool = False, is_packed: bool = False) -> None:
    """Raise DisputeOpen or DisputeLost if an order must not be sent because its payment is disputed.

    `force` allows it while a dispute is open, or after a dispute over part of the money was lost; nothing overrides the loss of
    the whole total. `is_packed` is true for an order in a parcel that waits for the carrier and only affects the message.
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
            f"The buyer's bank has taken {_format(order, lost)} back, so nothing pays for this order any more."
            + (" Unpack it, then cancel it to release its stock." if is_packed else " Cancel it to release its stock."),
            disputes=ids,
        )
    if not force:
        raise DisputeLost(
            f"The buyer's bank has taken {_format(order, lost)} of {_format(order, order.total_amount)} back.", disputes=ids
        )


def _captured(payments: Entries) -> set[str]:
    return {entry["gateway_payment_id"] for entry in payments if entry["status"] == "captured"}


def _format(order: Order, amount: int) -> str:
    return format_money(Money(amount, order.currency))
