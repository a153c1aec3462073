"""How a payment gets on. Pure: states only go forward, and a failure never beats a success."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import TextChoices

from noirel.orders.lifecycle import UNDECIDED_DISPUTES


class State(TextChoices):
    """CREATED: the gateway knows of it or soon will. FAILED is not final: the bank may change its mind for days."""

    CREATED = "created"
    FAILED = "failed"
    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    QUARANTINED = "quarantined"


RANK = {State.CREATED: 0, State.FAILED: 1, State.AUTHORIZED: 2, State.CAPTURED: 3}
OPEN = frozenset({State.CREATED, State.FAILED})

# What is authorised and not captured goes back by itself: after 3 days by the documentation, or 5 (razorpay.md, 3).
CAPTURE_WITHIN = timedelta(days=3)
WARN_BEFORE = timedelta(hours=24)

# When the gateway is asked about an attempt nobody has told us about: soon, then hourly for a day, then daily until it says
# no more after late authorisation has run out (3 days by the documentation, 5 to be safe).
POLL_SCHEDULE = (
    *(timedelta(minutes=minutes) for minutes in (1, 3, 10)),
    *(timedelta(hours=hours) for hours in range(1, 25)),
    *(timedelta(days=days) for days in range(2, 6)),
)


def mode_of(key_id: str) -> str:
    """`test` or `live`, as the gateway's key names it; empty for what is no key."""
    parts = key_id.split("_")
    return parts[1] if len(parts) == 3 and parts[0] == "rzp" and parts[1] in {"test", "live"} else ""


def is_different_mode(key_id: str, ours: str) -> bool:
    """Whether something was made in test mode and we are live, or the other way round: a live key knows nothing of it."""
    return bool(mode_of(key_id) and mode_of(ours)) and mode_of(key_id) != mode_of(ours)


@dataclass(frozen=True)
class PaymentUpdate:
    """What the gateway says about one payment, from whichever door. amount in minor units; fee contains its tax."""

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
        """Whether the gateway gave back what was authorised and never captured: it says "refunded" too, but asks no fee."""
        return self.status == "refunded" and self.fee is None

    @property
    def state(self) -> State:
        """Our word for Razorpay's status. What was captured and went back was captured: its refunds are facts of their own."""
        return {
            "created": State.CREATED,
            "failed": State.FAILED,
            "authorized": State.AUTHORIZED,
            "captured": State.CAPTURED,
            "refunded": State.FAILED if self.is_released else State.CAPTURED,
        }.get(self.status, State.CREATED)


class RefundState(TextChoices):
    """REQUESTED: we owe it, and the gateway has not said that it took it. PROCESSED: the money has left. QUARANTINED: a refund
    the gateway tells of that can't be: more than was taken, or another sum than ours."""

    REQUESTED = "requested"
    PENDING = "pending"
    FAILED = "failed"
    PROCESSED = "processed"
    QUARANTINED = "quarantined"


REFUND_RANK = {RefundState.REQUESTED: 0, RefundState.PENDING: 1, RefundState.FAILED: 2, RefundState.PROCESSED: 3}
# What of a payment is spoken for: promised or gone.
RESERVING_REFUND_STATES = frozenset({RefundState.REQUESTED, RefundState.PENDING, RefundState.PROCESSED})


@dataclass(frozen=True)
class RefundUpdate:
    """What the gateway says about one refund. key is the receipt we gave it, if it is ours; amount in minor units."""

    refund_id: str
    payment_id: str
    amount: int
    currency: str
    status: str
    key: str = ""

    @property
    def state(self) -> RefundState:
        """Our word for Razorpay's status; a word we don't know is not final."""
        return {"processed": RefundState.PROCESSED, "failed": RefundState.FAILED}.get(self.status, RefundState.PENDING)


@dataclass(frozen=True)
class GatewaySettlement:
    """What the gateway says it has paid to our bank, in one sum; minor units, fees contain their tax."""

    settlement_id: str
    amount: int
    fees: int
    tax: int
    status: str
    utr: str
    created_at: datetime


@dataclass(frozen=True)
class GatewaySettlementLine:
    """One payment (credit), refund or lost dispute (debit) of a settlement; a payment's credit is its amount less its fee."""

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
    """Whether a fact moves a refund on. Money that has left beats word that it could not."""
    return current in REFUND_RANK and to in REFUND_RANK and REFUND_RANK[to] > REFUND_RANK[current]


def next_refund_check(tries: int) -> timedelta:
    """How long to wait before asking about a refund again: half a minute at first, at last six hours."""
    return timedelta(seconds=min(30 * 2**tries, 6 * 3600))


class DisputeState(TextChoices):
    """The buyer's bank asks for money back. Only LOST takes it; CLOSED came to nothing."""

    OPEN = "open"
    UNDER_REVIEW = "under_review"
    WON = "won"
    CLOSED = "closed"
    LOST = "lost"


UNDECIDED_DISPUTE_STATES = frozenset(map(DisputeState, UNDECIDED_DISPUTES))


@dataclass(frozen=True)
class DisputeUpdate:
    """What the gateway says about one dispute. Amounts in minor units; at and respond_by in Unix seconds, at is the event's."""

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
        """Our word for Razorpay's status; a word we don't know has decided nothing."""
        return DisputeState(self.status) if self.status in DisputeState.values else DisputeState.OPEN


def is_newer_dispute_update(current: DisputeState, told_at: int, to: DisputeState, at: int) -> bool:
    """Whether a fact of the moment `at` says more than the one of told_at did.

    The end beats all before it, and money that has left beats any other end. Before the end the bank goes back and forth
    (under review, then action required again), so there the later word counts.
    """
    if current not in UNDECIDED_DISPUTE_STATES:
        return to is DisputeState.LOST and current is not DisputeState.LOST
    return to not in UNDECIDED_DISPUTE_STATES or (at, to is DisputeState.UNDER_REVIEW) > (
        told_at,
        current is DisputeState.UNDER_REVIEW,
    )


def is_progress(current: State, to: State) -> bool:
    """Whether a fact moves an attempt on. A quarantined attempt waits for a person."""
    return current in RANK and to in RANK and RANK[to] > RANK[current]


def next_check(checks_made: int) -> timedelta | None:
    """How long after the attempt began to ask for the next time; None when asking is over."""
    return POLL_SCHEDULE[checks_made] if checks_made < len(POLL_SCHEDULE) else None


def decisive_update(facts: Iterable[PaymentUpdate]) -> PaymentUpdate | None:
    """Of all payments of one gateway order, the one that counts: captured before authorized before failed."""
    return max(facts, key=lambda fact: RANK[fact.state], default=None)
