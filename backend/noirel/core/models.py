"""Core's tables: what happened (outbox), what was answered (idempotency), who did it (audit), what the clock did."""

from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from noirel.core.domain.ids import uuid7


class OutboxEvent(models.Model):
    """Something that happened, written in the transaction that made it so, told to AFTER_COMMIT handlers later."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=80)
    key = models.CharField(max_length=120)  # events of one key are told in order
    payload = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)
    attempts = models.PositiveIntegerField(default=0)
    # Both "wait until then" after a failure and "someone has it until then" while it is told.
    not_before = models.DateTimeField(db_default=models.functions.Now())
    told = models.JSONField(default=list)  # handlers that are done with it: a retry doesn't call them again
    done_at = models.DateTimeField(null=True)
    parked_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True, default="")

    class Meta:
        indexes = [
            # In the order in which the worker takes them. What a claim writes stands in no index, so it leaves none to sweep.
            models.Index(fields=["id"], name="outbox_open", condition=Q(done_at=None, parked_at=None)),
            models.Index(fields=["key", "id"], name="outbox_key", condition=Q(done_at=None, parked_at=None)),
        ]


class IdempotencyRecord(models.Model):
    """The first answer to one Idempotency-Key, byte for byte.

    `scope` is the viewer and the call. `client` is the network and the call where a guest's cart is named in the body: by
    it a guest is recognised who uses the key again for another cart.
    """

    id = models.BigAutoField(primary_key=True)
    scope = models.CharField(max_length=300)
    client = models.CharField(max_length=300, default="", db_default="")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField(default=dict)
    body = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="idempotency_one_answer")]
        indexes = [models.Index(fields=["key", "client"], name="idempotency_client", condition=~models.Q(client=""))]


class AuditEntry(models.Model):
    """What staff changed. Append only."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    at = models.DateTimeField(auto_now_add=True)
    actor = models.CharField(max_length=254)
    actor_id = models.UUIDField(null=True)
    action = models.CharField(max_length=80)
    target = models.CharField(max_length=200)
    before = models.JSONField(null=True, encoder=DjangoJSONEncoder)  # may hold days and instants
    after = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    request_id = models.CharField(max_length=128, blank=True, default="")

    class Meta:
        indexes = [
            models.Index(fields=["-at", "-id"], name="audit_newest"),
            models.Index(fields=["target", "-at"], name="audit_target"),
        ]


class Seal(models.Model):
    """A hash over the rows of a history (core/history.py) that were written since the seal before."""

    id = models.BigAutoField(primary_key=True)
    history = models.CharField(max_length=40)
    position = models.PositiveIntegerField()
    first_number = models.BigIntegerField()
    last_number = models.BigIntegerField()
    row_count = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    prev_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["history", "position"], name="seal_once")]


class TimedJob(models.Model):
    """When a job of the clock is due next. Whoever moves `due_at` runs it."""

    name = models.CharField(primary_key=True, max_length=200)
    due_at = models.DateTimeField(db_default=models.functions.Now())


class ThrottleCount(models.Model):
    """Hits of one caller in one window. Unlogged: it may be lost in a crash, and costs no WAL."""

    key = models.CharField(primary_key=True, max_length=200)
    hits = models.PositiveIntegerField()
    ends_at = models.DateTimeField(db_index=True)


class Edition(models.Model):
    """The state of the catalogue is the sum of these: a change adds one to any that nobody else is adding to (editions.py)."""

    id = models.BigAutoField(primary_key=True)
    value = models.BigIntegerField()


class Touched(models.Model):
    """What changed lately, in no order of theirs: a change leaves its ids in any that nobody else writes in (touched.py)."""

    id = models.BigAutoField(primary_key=True)
    value = models.BigIntegerField()
    lately = ArrayField(models.BigIntegerField())


class Purge(models.Model):
    """The name of what has changed since the shared cache in front was told last. Left by triggers (edge.py)."""

    id = models.BigAutoField(primary_key=True)
    name = models.TextField()
    made = models.DateTimeField(db_default=models.functions.Now())
