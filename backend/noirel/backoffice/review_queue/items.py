"""What lies on the desk: one shape, whatever table it comes from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar, Protocol
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import TextChoices

from noirel.backoffice.models import Decision
from noirel.core.domain.errors import Conflict, FieldError, Invalid
from noirel.core.domain.money import Money, format_money
from noirel.core.viewer import Viewer
from noirel.payments.lifecycle import PaymentUpdate

# What is authorised and not captured, the gateway gives back by itself (razorpay.md, 2).
AUTHORIZATION_LIFETIME = timedelta(days=3)
# After this it refunds nothing (razorpay.md, 3).
REFUND_WINDOW = timedelta(days=180)
MAX_ITEMS = 200  # of one source; the counts are of all


class Kind(TextChoices):
    MISMATCH = "mismatch"
    LATE = "late"
    DUPLICATE = "duplicate"
    UNMATCHED = "unmatched"
    REFUND_FAILED = "refund_failed"
    DISPUTE = "dispute"
    SETTLEMENT_UNMATCHED = "settlement_unmatched"
    WEBHOOK_PARKED = "webhook_parked"
    EVENT_PARKED = "event_parked"
    AUDIT_FINDING = "audit_finding"


class Action(TextChoices):
    REFUND = "refund"
    ACCEPT = "accept"
    RETRY = "retry"
    RESPOND = "respond"
    DISMISS = "dismiss"


class AlreadyDecided(Conflict):
    """Somebody decided this a moment ago, or it has settled itself. Look at the desk again."""

    code, title = "already_decided", "Already decided"
    default_detail = "This item was decided or resolved in the meantime. Reload the review queue."


class NothingChanged(Conflict):
    """It was tried, and it is as it was."""

    code, title = "nothing_changed", "Nothing changed"
    default_detail = "The action was tried, and nothing changed."


class ActionNotAllowed(Conflict):
    """This can't be done with it now."""

    code, title = "act_not_allowed", "Not one of its acts"
    default_detail = "This action isn't possible for this item now."


@dataclass(frozen=True)
class Choice:
    """One thing that can be done: what its button says, and in a sentence what then happens."""

    action: Action
    label: str
    description: str
    needs_note: bool = False


@dataclass(frozen=True)
class Evidence:
    """One fact: what we asked for or wrote down, beside what the gateway (or the failure) says."""

    name: str
    expected: str
    actual: str

    @property
    def differs(self) -> bool:
        return bool(self.expected and self.actual) and self.expected != self.actual


@dataclass(frozen=True)
class Item:
    """Something a person has to decide. The first of its choices is the one we propose, why says the reason.

    id is the source's prefix and the row's own key; no choices: it can only be looked into.
    """

    id: str
    kind: Kind
    subject: str
    description: str
    reason: str
    choices: Sequence[Choice]
    created_at: datetime
    deadline: datetime | None = None
    order: str | None = None
    amount: Money | None = None
    evidence: Sequence[Evidence] = field(default_factory=tuple)

    def choice(self, act: str, note: str) -> Choice:
        """The choice of that name. Raises ActNotAllowed; Invalid when it wants a reason and has none."""
        found = next((choice for choice in self.choices if choice.action == act), None)
        if found is None:
            raise ActionNotAllowed(f"It can't be settled by {act} as it stands.")
        if found.needs_note and not note.strip():
            raise Invalid(errors=[FieldError("note", "required", "Say why: it is kept with the decision.")])
        return found


AfterCommit = Callable[[], object]


class Source(Protocol):
    """One table's share of the desk."""

    prefix: ClassVar[str]

    def counts(self) -> dict[str, int]:
        """How many wait, by kind."""

    def open_items(self, limit: int) -> list[Item]:
        """The first of them."""

    def find(self, key: str) -> Item | None:
        """The one with that key, while it waits."""

    def check_gateway(self, key: str, act: Action) -> PaymentUpdate | None:
        """What the gateway says now, where the act wants to know that; outside any transaction."""
        return None

    def decide(self, viewer: Viewer, key: str, act: Action, note: str, *, seen: PaymentUpdate | None) -> AfterCommit | None:
        """Do it, in the caller's transaction. What has to be told to the outside comes back, to be called after the commit; it
        raises NothingChanged when the item is left as it was.

        seen is what look answered. Raises AlreadyDecided when it does not wait any more.
        """


def record_decision(viewer: Viewer, item: str, act: Action, note: str) -> None:
    """Mark an item as done with, whose own row can't say so; once. Call inside a transaction. Raises AlreadyDecided."""
    decision = Decision(item=item, act=act, note=note, actor=viewer.name)
    try:
        with transaction.atomic():
            decision.save(force_insert=True)
    except IntegrityError:
        raise AlreadyDecided from None


def parse_number(key: str) -> int:
    """A row's number as a key has it; for what is none a number that no row has."""
    return int(key) if key.isascii() and key.isdigit() and len(key) < 19 else -1


def parse_uuid(key: str) -> UUID:
    """A row's UUID as a key has it; for what is none one that no row has."""
    try:
        return UUID(key)
    except ValueError:
        return UUID(int=0)


def format_amount(amount: int, currency: str) -> str:
    """A sum as people read it."""
    return format_money(Money(amount, currency))


def first_non_empty(*texts: str) -> str:
    """The first that says anything."""
    return next((text for text in texts if text), "")
