"""Payment attempts, refunds, disputes, webhook events and unmatched payments."""

import uuid
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from noirel.core.http.json import loads
from noirel.orders.models import Order
from noirel.payments.lifecycle import OPEN, UNDECIDED_DISPUTE_STATES, DisputeState, RefundState, State


class Payment(models.Model):
    """One attempt to pay an order: one order at the gateway, made with our receipt. `amount` is in minor units."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    order = models.ForeignKey(Order, models.PROTECT, related_name="attempts")
    attempt = models.PositiveSmallIntegerField(default=1)
    receipt = models.CharField(max_length=40, unique=True)
    key_id = models.CharField(max_length=40, help_text="The account and mode it was made in.")
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=12, choices=State.choices, default=State.CREATED)
    gateway_order_id = models.CharField(max_length=40, unique=True, null=True, blank=True)
    gateway_payment_id = models.CharField(max_length=40, unique=True, null=True, blank=True)
    method = models.CharField(max_length=20, blank=True)
    error_code = models.CharField(max_length=40, blank=True)
    error_description = models.TextField(blank=True)
    error_reason = models.CharField(max_length=80, blank=True)
    fee_amount = models.BigIntegerField(null=True, blank=True, help_text="Tax included.")
    fee_tax_amount = models.BigIntegerField(null=True, blank=True)
    refunded_amount = models.BigIntegerField(default=0, help_text="Promised back or gone; claimed before the gateway is asked.")
    checks = models.PositiveSmallIntegerField(default=0)
    check_at = models.DateTimeField(null=True, blank=True, help_text="When to ask the gateway next; none: settled.")
    unanswered_since = models.DateTimeField(
        null=True, blank=True, help_text="Since when the gateway has not answered our question about it; none: it has."
    )
    created_at = models.DateTimeField(default=timezone.now)
    capture_by = models.DateTimeField(null=True, blank=True, help_text="When the gateway lets go of what is authorised.")
    capture_warned_at = models.DateTimeField(null=True, blank=True)
    captured_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["order_id", "attempt"]
        indexes = [
            models.Index(fields=["check_at"], name="payment_to_check", condition=Q(check_at__isnull=False)),
            models.Index(fields=["capture_by"], name="payment_to_capture", condition=Q(status=State.AUTHORIZED)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["order"], condition=Q(status__in=sorted(OPEN)), name="payment_one_open_per_order"),
            models.UniqueConstraint(fields=["order", "attempt"], name="payment_attempt_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_amount_positive"),
            models.CheckConstraint(
                condition=~Q(status=State.CAPTURED) | Q(gateway_payment_id__isnull=False, captured_at__isnull=False),
                name="payment_captured_names_its_payment",
            ),
            models.CheckConstraint(
                condition=Q(refunded_amount__gte=0, refunded_amount__lte=F("amount")), name="payment_not_refunded_twice"
            ),
            models.CheckConstraint(
                condition=Q(refunded_amount=0) | Q(status=State.CAPTURED), name="payment_refunded_was_captured"
            ),
        ]

    def __str__(self) -> str:
        return self.receipt


class GatewayAccount(models.Model):
    """The gateway account whose events are accepted: that of the first correctly signed event. At most one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    account_id = models.CharField(max_length=40)
    pinned_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="gateway_account_is_one")]

    def __str__(self) -> str:
        return self.account_id


class RetiredSecret(models.Model):
    """Fingerprint of a previous webhook secret. It stays valid for a day, because the gateway keeps using it for retries."""

    fingerprint = models.CharField(max_length=64, primary_key=True)
    since = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.fingerprint[:12]} since {self.since:%Y-%m-%d %H:%M}"


class UnverifiedEvent(models.Model):
    """A webhook whose signature did not match, stored as received. Never applied; verified again when the secrets change."""

    content_hash = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the raw body.")
    event_id = models.CharField(max_length=80, blank=True)
    signature = models.CharField(max_length=64)
    body = models.BinaryField()
    checked_with = models.CharField(max_length=64, blank=True, help_text="A fingerprint of the secrets it did not fit.")
    times = models.PositiveIntegerField(default=1)
    first_at = models.DateTimeField(default=timezone.now)
    last_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.content_hash[:12]} x {self.times}"


class GatewayEvent(models.Model):
    """A correctly signed webhook, stored as received before it is applied."""

    class IgnoreReason(models.TextChoices):
        OTHER_ACCOUNT = "other_account", "Another account's: never acted on"
        OTHER_MODE = "other_mode", "Of keys we do not use now: not acted on"

    event_id = models.CharField(max_length=80, unique=True)
    content_hash = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the raw body.")
    name = models.CharField(max_length=80)
    account_id = models.CharField(max_length=40, blank=True)
    mark = models.CharField(max_length=16, choices=IgnoreReason.choices, blank=True)
    body = models.BinaryField()
    received_at = models.DateTimeField(default=timezone.now)
    applied_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    retry_at = models.DateTimeField(null=True, blank=True, help_text="None: applied, or parked for staff.")
    problem = models.TextField(blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["retry_at"], name="event_to_retry", condition=Q(retry_at__isnull=False))]

    def __str__(self) -> str:
        return f"{self.name} {self.event_id}"

    def content(self) -> Any:
        """Return the parsed body. Raises ValueError if it is not valid JSON: events are stored whatever they contain."""
        return loads(bytes(self.body))


class UnmatchedPayment(models.Model):
    """Captured or authorized money that pays for no order: wrong amount, too late, twice, or for an unknown order."""

    class Kind(models.TextChoices):
        MISMATCH = "mismatch"
        LATE = "late"
        DUPLICATE = "duplicate"
        UNMATCHED = "unmatched"

    class Disposition(models.TextChoices):
        WAITING = "waiting", "A person decides"
        TO_RETURN = "to_return", "It goes back by itself"
        RETURNED = "returned", "It has gone back"
        REFUSED = "refused", "The gateway would not send it back"
        ACCEPTED = "accepted", "Staff let it pay for its order"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    gateway_payment_id = models.CharField(max_length=40, unique=True)
    payment = models.ForeignKey(Payment, models.PROTECT, null=True, blank=True, related_name="strays")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    fate = models.CharField(max_length=12, choices=Disposition.choices)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    is_captured = models.BooleanField()
    evidence = models.JSONField(default=dict)
    accepted_amount = models.BigIntegerField(default=0, help_text="What of it pays for its order, by a person's decision.")
    refunded_amount = models.BigIntegerField(default=0, help_text="Of the rest: promised back or gone.")
    disputed_amount = models.BigIntegerField(default=0, help_text="Of the rest: taken by the buyer's bank.")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "payments_straymoney"
        ordering = ["created_at"]
        indexes = [models.Index(fields=["created_at"], name="stray_to_return", condition=Q(fate="to_return"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(refunded_amount__gte=0, accepted_amount__gte=0, disputed_amount__gte=0)
                & Q(refunded_amount__lte=F("amount") - F("accepted_amount") - F("disputed_amount")),
                name="stray_not_returned_twice",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.gateway_payment_id}"

    @property
    def remaining_amount(self) -> int:
        """The part that neither pays for an order nor was refunded, promised back or lost in a dispute. Minor units."""
        return self.amount - self.accepted_amount - self.refunded_amount - self.disputed_amount


class Refund(models.Model):
    """One refund. It is stored before the gateway is called and becomes final when the gateway confirms it. Minor units.

    The refunded amount is reserved on the row of the payment (or unmatched payment), under a CHECK constraint. `key` is the
    receipt and idempotency key at the gateway and is the same for every try.
    """

    class Origin(models.TextChoices):
        STAFF = "staff"
        CANCEL = "cancel", "Its order was cancelled"
        STRAY = "stray", "It paid for nothing"
        EXTERNAL = "external", "Made at the gateway, not here"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    order = models.ForeignKey(Order, models.PROTECT, null=True, blank=True, related_name="money_back")
    payment = models.ForeignKey(Payment, models.PROTECT, null=True, blank=True, related_name="money_back")
    stray = models.ForeignKey(UnmatchedPayment, models.PROTECT, null=True, blank=True, related_name="money_back")
    gateway_payment_id = models.CharField(max_length=40, db_index=True)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=12, choices=RefundState.choices, default=RefundState.REQUESTED)
    origin = models.CharField(max_length=10, choices=Origin.choices)
    reason = models.CharField(max_length=200, blank=True)
    note = models.CharField(max_length=500, blank=True, help_text="For staff.")
    lines = models.JSONField(default=list, help_text="[{id, quantity, restock, cancelled}]")
    actor = models.CharField(max_length=254, blank=True)
    key = models.CharField(max_length=40, unique=True)
    gateway_refund_id = models.CharField(max_length=40, unique=True, null=True, blank=True)
    failure = models.CharField(max_length=500, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    retry_at = models.DateTimeField(null=True, blank=True, help_text="When to send it, or to ask about it; none: final.")
    created_at = models.DateTimeField(default=timezone.now)
    processed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created_at", "id"]
        indexes = [models.Index(fields=["retry_at"], name="refund_due", condition=Q(retry_at__isnull=False))]
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="refund_amount_positive")]

    def __str__(self) -> str:
        return self.key


class Dispute(models.Model):
    """A buyer's bank demands money back. Staff have to respond until `respond_by`; only a lost dispute moves money. Minor
    units.
    """

    id = models.CharField(primary_key=True, max_length=40)
    order = models.ForeignKey(Order, models.PROTECT, null=True, blank=True, related_name="+")
    payment = models.ForeignKey(Payment, models.PROTECT, null=True, blank=True, related_name="disputes")
    gateway_payment_id = models.CharField(max_length=40, db_index=True)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    amount_deducted = models.BigIntegerField(default=0)
    phase = models.CharField(max_length=40, blank=True)
    reason_code = models.CharField(max_length=80, blank=True)
    status = models.CharField(max_length=12, choices=DisputeState.choices, default=DisputeState.OPEN)
    respond_by = models.DateTimeField(null=True, blank=True)
    told_at = models.BigIntegerField(default=0, help_text="Unix seconds of the event that said so last.")
    created_at = models.DateTimeField(default=timezone.now)
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created_at", "id"]
        indexes = [
            models.Index(fields=["respond_by"], name="dispute_due", condition=Q(status__in=sorted(UNDECIDED_DISPUTE_STATES)))
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0, amount_deducted__gte=0), name="dispute_sums_not_negative"),
            models.CheckConstraint(
                condition=Q(resolved_at__isnull=True, status__in=sorted(UNDECIDED_DISPUTE_STATES))
                | (Q(resolved_at__isnull=False) & ~Q(status__in=sorted(UNDECIDED_DISPUTE_STATES))),
                name="dispute_ends_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.id} {self.status}"
