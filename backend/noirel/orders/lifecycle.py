"""Order statuses and the transition table between them. Pure."""

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
    """Status over all disputes of the payments that pay for an order."""

    NONE = "none"
    OPEN = "open"
    WON = "won"
    LOST = "lost"


# Statuses of a single dispute (payments.lifecycle.DisputeState) in which the buyer's bank has not decided yet.
UNDECIDED_DISPUTES = frozenset({"open", "under_review"})

# Orders in these states are not packed unless staff override it.
DISPATCH_BLOCKED = frozenset({DisputeStatus.OPEN, DisputeStatus.LOST})

TRANSITIONS: dict[Status, set[Status]] = {
    Status.PENDING_PAYMENT: {Status.PAID, Status.CANCELLED, Status.EXPIRED},
    Status.PAID: {Status.FULFILLED, Status.CANCELLED},
    Status.FULFILLED: {Status.DELIVERED},
    Status.DELIVERED: set(),
    Status.CANCELLED: set(),
    Status.EXPIRED: {Status.PAID},  # a late payment, if all units can be reserved again; otherwise it is refunded
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
    """Whether the transition is allowed. Staying in the same status is not a transition."""
    return to in TRANSITIONS[current]


def is_final(status: Status) -> bool:
    """Whether no transition leaves this status."""
    return not TRANSITIONS[status]


def fulfilment_of(quantities: list[tuple[int, int, int]]) -> FulfilmentStatus:
    """Return the fulfilment status of an order from the (ordered, fulfilled, returned) units of its lines."""
    ordered = sum(line[0] for line in quantities)
    fulfilled = sum(line[1] for line in quantities)
    returned = sum(line[2] for line in quantities)
    if ordered and returned == ordered:
        return FulfilmentStatus.RETURNED
    if ordered and fulfilled == ordered:
        return FulfilmentStatus.FULFILLED
    return FulfilmentStatus.PARTIAL if fulfilled else FulfilmentStatus.UNFULFILLED
