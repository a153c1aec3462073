"""What an order may become. Pure: the table, and the questions it answers."""

from django.db.models import TextChoices


class Status(TextChoices):
    PENDING_PAYMENT = "pending_payment"
    PAID = "paid"
    FULFILLED = "fulfilled"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class PaymentStatus(TextChoices):
    PENDING = "pending"
    AUTHORIZED = "authorized"
    PAID = "paid"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"
    FAILED = "failed"


class FulfilmentStatus(TextChoices):
    UNFULFILLED = "unfulfilled"
    PARTIAL = "partial"
    FULFILLED = "fulfilled"
    RETURNED = "returned"


class DisputeStatus(TextChoices):
    """Whether the buyer's bank wants the money of an order back, over all disputes of the payments that pay for it."""

    NONE = "none"
    OPEN = "open"
    WON = "won"
    LOST = "lost"


# Statuses of a single dispute (payments.lifecycle.DisputeState) in which the buyer's bank has not decided yet.
UNDECIDED_DISPUTES = frozenset({"open", "under_review"})

# Nothing of these orders is packed unless staff insist.
DISPATCH_BLOCKED = frozenset({DisputeStatus.OPEN, DisputeStatus.LOST})

MOVES: dict[Status, set[Status]] = {
    Status.PENDING_PAYMENT: {Status.PAID, Status.CANCELLED, Status.EXPIRED},
    Status.PAID: {Status.FULFILLED, Status.CANCELLED},
    Status.FULFILLED: {Status.DELIVERED},
    Status.DELIVERED: set(),
    Status.CANCELLED: set(),
    Status.EXPIRED: {Status.PAID},  # late money: only if every unit can be held again, else it is sent back
}

EVENTS: dict[Status, str] = {
    Status.PENDING_PAYMENT: "order.placed",
    Status.PAID: "order.paid",
    Status.FULFILLED: "order.fulfilled",
    Status.DELIVERED: "order.delivered",
    Status.CANCELLED: "order.cancelled",
    Status.EXPIRED: "order.expired",
}


def can_transition(current: Status, to: Status) -> bool:
    """Whether the table has this move. Staying where one is is not a move."""
    return to in MOVES[current]


def is_final(status: Status) -> bool:
    """Nothing comes after it."""
    return not MOVES[status]


def fulfilment_of(quantities: list[tuple[int, int, int]]) -> FulfilmentStatus:
    """What (ordered, fulfilled, returned) units of every line add up to."""
    ordered = sum(q[0] for q in quantities)
    fulfilled = sum(q[1] for q in quantities)
    returned = sum(q[2] for q in quantities)
    if ordered and returned == ordered:
        return FulfilmentStatus.RETURNED
    if ordered and fulfilled == ordered:
        return FulfilmentStatus.FULFILLED
    return FulfilmentStatus.PARTIAL if fulfilled else FulfilmentStatus.UNFULFILLED
