"""States of payments, refunds and disputes, and the rules by which updates from the gateway move them. Pure.

States only move forward, and a failure never overrides a success.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import TextChoices

from noirel.orders.lifecycle import UNDECIDED_DISPUTES


class State(TextChoices):
    """State of a payment attempt.

    CREATED: the gateway order exists or is about to be created. FAILED is not final, because a bank can authorize late.
    QUARANTINED: the gateway's data contradicts ours, and staff decide.
    """

    CREATED = "created"
    FAILED = "failed"
    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    QUARANTINED = "quarantined"


RANK = {State.CREATED: 0, State.FAILED: 1, State.AUTHORIZED: 2, State.CAPTURED: 3}
OPEN = frozenset({State.CREATED, State.FAILED})

# An authorization lapses unless it is captured in time: after 3 days, or 5, as the documentation says both (razorpay.md, 3).
CAPTURE_WITHIN = timedelta(days=3)
WARN_BEFORE = timedelta(hours=24)

# When the gateway is polled about an attempt without a final state, as time since its creation: within minutes, then hourly for
# a day, then daily until late authorization is no longer possible (3 days by the documentation, 5 to be safe).
POLL_SCHEDULE = (
    *(timedelta(minutes=minutes) for minutes in (1, 3, 10)),
    *(timedelta(hours=hours) for hours in range(1, 25)),
    *(timedelta(days=days) for days in range(2, 6)),
)


def mode_of(key_id: str) -> str:
    """Return the mode of a gateway key, `test` or `live`; an empty string for anything that is not a key."""
    parts = key_id.split("_")
    return parts[1] if len(parts) == 3 and parts[0] == "rzp" and parts[1] in {"test", "live"} else ""


def is_different_mode(key_id: str, ours: str) -> bool:
    """Whether two keys are of different modes. A live key has no access to test payments, and the other way round."""
    return bool(mode_of(key_id) and mode_of(ours)) and mode_of(key_id) != mode_of(ours)


@dataclass(frozen=True)
class PaymentUpdate:
    """State of one payment as reported by the gateway, by webhook or API. `amount` is in minor units; `fee` includes `tax`."""

    payment_id: str
    order_id: str
    status: str
    amount: int
    currency: str
    method: str = ""
    fee: int | None = None
    tax: int | None = None
    error: dict[str, str] = field(default_factory=dict)
    refunded: int = 0

    @property
    def is_released(self) -> bool:
        """Whether the payment was authorized, never captured, and released by the gateway.

        Razorpay reports such a payment as "refunded" too, but without a fee.
        """
        return self.status == "refunded" and self.fee is None

    @property
    def state(self) -> State:
        """The State for Razorpay's status. A captured payment that was refunded stays CAPTURED; refunds have states of their
        own.
        """
        return {
            "created": State.CREATED,
            "failed": State.FAILED,
            "authorized": State.AUTHORIZED,
            "captured": State.CAPTURED,
            "refunded": State.FAILED if self.is_released else State.CAPTURED,
        }.get(self.status, State.CREATED)


class RefundState(TextChoices):
    """State of a refund.

    REQUESTED: we owe it, and the gateway has not confirmed it yet. PROCESSED: the money has been sent. QUARANTINED: a refund
    reported by the gateway that contradicts our data: more than was captured, or another amount than we requested.
    """

    REQUESTED = "requested"
    PENDING = "pending"
    FAILED = "failed"
    PROCESSED = "processed"
    QUARANTINED = "quarantined"


REFUND_RANK = {RefundState.REQUESTED: 0, RefundState.PENDING: 1, RefundState.FAILED: 2, RefundState.PROCESSED: 3}
# Refunds in these states reduce what is left to refund.
RESERVING_REFUND_STATES = frozenset({RefundState.REQUESTED, RefundState.PENDING, RefundState.PROCESSED})


@dataclass(frozen=True)
class RefundUpdate:
    """State of one refund as reported by the gateway. `key` is our receipt, empty for a refund that we did not make.

    `amount` is in minor units.
    """

    refund_id: str
    payment_id: str
    amount: int
    currency: str
    status: str
    key: str = ""

    @property
    def state(self) -> RefundState:
        """The RefundState for Razorpay's status. An unknown status is treated as not final."""
        return {"processed": RefundState.PROCESSED, "failed": RefundState.FAILED}.get(self.status, RefundState.PENDING)


@dataclass(frozen=True)
class GatewaySettlement:
    """One settlement: a sum paid by the gateway to our bank account, in minor units. `fees` includes `tax`."""

    settlement_id: str
    amount: int
    fees: int
    tax: int
    status: str
    utr: str
    created_at: datetime


@dataclass(frozen=True)
class GatewaySettlementLine:
    """One line of a settlement: a payment (credit), a refund or a lost dispute (debit), in minor units.

    The credit of a payment is its amount less its fee.
    """

    settlement_id: str
    entity_id: str
    type: str
    amount: int
    credit: int
    debit: int
    fee: int
    tax: int
    currency: str
    payment_id: str
    order_receipt: str
    dispute_id: str


def is_refund_progress(current: RefundState, to: RefundState) -> bool:
    """Whether an update moves a refund forward. PROCESSED overrides FAILED, because the money has been sent."""
    return current in REFUND_RANK and to in REFUND_RANK and REFUND_RANK[to] > REFUND_RANK[current]


def next_refund_check(tries: int) -> timedelta:
    """Return the delay before the next poll of a refund: 30 seconds at first, doubling up to 6 hours."""
    return timedelta(seconds=min(30 * 2**tries, 6 * 3600))


class DisputeState(TextChoices):
    """State of a dispute. Only LOST moves money; CLOSED ended without a decision."""

    OPEN = "open"
    UNDER_REVIEW = "under_review"
    WON = "won"
    CLOSED = "closed"
    LOST = "lost"


UNDECIDED_DISPUTE_STATES = frozenset(map(DisputeState, UNDECIDED_DISPUTES))


@dataclass(frozen=True)
class DisputeUpdate:
    """State of one dispute as reported by a webhook. Amounts are in minor units.

    `at` (the time of the event) and `respond_by` are Unix seconds.
    """

    dispute_id: str
    payment_id: str
    amount: int
    currency: str
    status: str
    phase: str = ""
    reason_code: str = ""
    respond_by: int | None = None
    amount_deducted: int = 0
    at: int = 0

    @property
    def state(self) -> DisputeState:
        """The DisputeState for Razorpay's status. An unknown status is treated as OPEN."""
        return DisputeState(self.status) if self.status in DisputeState.values else DisputeState.OPEN


def is_newer_dispute_update(current: DisputeState, known_at: int, to: DisputeState, at: int) -> bool:
    """Whether an update sent at `at` supersedes the state of an update sent at `known_at`. Both are Unix seconds.

    A final state overrides every earlier one, and LOST overrides the other final states. Before that, a bank may move between
    "under review" and "action required" repeatedly, so the later event counts.
    """
    if current not in UNDECIDED_DISPUTE_STATES:
        return to is DisputeState.LOST and current is not DisputeState.LOST
    return to not in UNDECIDED_DISPUTE_STATES or (at, to is DisputeState.UNDER_REVIEW) > (
        known_at,
        current is DisputeState.UNDER_REVIEW,
    )


def is_progress(current: State, to: State) -> bool:
    """Whether an update moves an attempt forward. A quarantined attempt stays as it is until staff decide."""
    return current in RANK and to in RANK and RANK[to] > RANK[current]


def next_check(checks_made: int) -> timedelta | None:
    """Return when to poll next, as time since the attempt was created; None when polling has ended."""
    return POLL_SCHEDULE[checks_made] if checks_made < len(POLL_SCHEDULE) else None


def decisive_update(updates: Iterable[PaymentUpdate]) -> PaymentUpdate | None:
    """Return the update that decides among all payments of one gateway order: captured before authorized before failed."""
    return max(updates, key=lambda update: RANK[update.state], default=None)
