"""What staff decided where no other row can say so, and what reconciliation found."""

from django.db import models

from noirel.core.domain.ids import uuid7


class Decision(models.Model):
    """An item of the desk that is done with. Its own row stays as it is: a refund that failed has failed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    item = models.CharField(max_length=120, unique=True)
    act = models.CharField(max_length=20)
    note = models.CharField(max_length=500, blank=True)
    actor = models.CharField(max_length=254)
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.item}: {self.act}"


class AuditRun(models.Model):
    """One asking of the proof, and what it found."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    at = models.DateTimeField(auto_now_add=True)
    milliseconds = models.PositiveIntegerField()
    with_gateway = models.BooleanField(help_text="The gateway was asked as well.")
    findings = models.JSONField(default=list, help_text="[{check, subject, detail}]")
    actor = models.CharField(max_length=254, blank=True, help_text="Empty: the clock.")

    class Meta:
        indexes = [models.Index(fields=["-at"], name="audit_run_newest")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {len(self.findings)}"


class Settlement(models.Model):
    """A sum that the gateway paid to our bank. Amounts in minor units; fees contain their tax."""

    id = models.CharField(primary_key=True, max_length=40)
    amount = models.BigIntegerField()
    fees = models.BigIntegerField()
    tax = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    utr = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField(help_text="When the gateway made it.")
    imported_at = models.DateTimeField(auto_now_add=True)
    problem = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["-created_at", "-id"], name="settlement_newest")]

    def __str__(self) -> str:
        return self.id


class SettlementLine(models.Model):
    """One payment, refund or lost dispute of a settlement. problem: why it does not match what we know; empty, it does."""

    settlement = models.ForeignKey(Settlement, models.PROTECT, related_name="lines")
    entity_id = models.CharField(max_length=40)
    type = models.CharField(max_length=20)
    amount = models.BigIntegerField()
    credit = models.BigIntegerField()
    debit = models.BigIntegerField()
    fee = models.BigIntegerField()
    tax = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    payment_id = models.CharField(max_length=40, blank=True)
    order_receipt = models.CharField(max_length=60, blank=True)
    dispute_id = models.CharField(max_length=40, blank=True)
    problem = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entity_id", "settlement"], name="settled_once_in_a_settlement")]
        indexes = [models.Index(fields=["settlement"], name="settled_with_problem", condition=~models.Q(problem=""))]

    def __str__(self) -> str:
        return self.entity_id


class SyncProgress(models.Model):
    """How far a walk along the gateway's calendar has come."""

    name = models.CharField(primary_key=True, max_length=40)
    until = models.DateTimeField()

    class Meta:
        db_table = "backoffice_reached"

    def __str__(self) -> str:
        return f"{self.name} {self.until:%Y-%m-%d %H:%M}"
