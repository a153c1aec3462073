"""Core's tables: event outbox, idempotency records, audit log, history seals, scheduled jobs, throttling and cache state."""

from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from noirel.core.domain.ids import uuid7


class OutboxEvent(models.Model):
    """A domain event, stored in the transaction of its change and delivered to AFTER_COMMIT handlers later (core/events.py)."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=80)
    key = models.CharField(max_length=120)  # events with the same key are delivered in order
    payload = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)
    attempts = models.PositiveIntegerField(default=0)
    # After a failure, when the next attempt is due; during delivery, when the worker's claim expires.
    not_before = models.DateTimeField(db_default=models.functions.Now())
    told = models.JSONField(default=list)  # names of the handlers that have succeeded; a retry doesn't call them again
    done_at = models.DateTimeField(null=True)
    parked_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True, default="")

    class Meta:
        indexes = [
            # The order in which the worker claims events. No index contains a column that a claim updates, so updates stay HOT.
            models.Index(fields=["id"], name="outbox_open", condition=Q(done_at=None, parked_at=None)),
            models.Index(fields=["key", "id"], name="outbox_key", condition=Q(done_at=None, parked_at=None)),
        ]


class IdempotencyRecord(models.Model):
    """The first response to a request with an Idempotency-Key, stored byte for byte.

    scope: the viewer and the operation.
    client: the network and the operation, where the body names a guest's cart. It recognises a guest who uses the key again for
        another cart.
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
    """A change made by staff. Append-only."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    at = models.DateTimeField(auto_now_add=True)
    actor = models.CharField(max_length=254)
    actor_id = models.UUIDField(null=True)
    action = models.CharField(max_length=80)
    target = models.CharField(max_length=500)  # a kind and the longest slug there may be
    before = models.JSONField(null=True, encoder=DjangoJSONEncoder)  # may contain dates and datetimes
    after = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    request_id = models.CharField(max_length=128, blank=True, default="")

    class Meta:
        indexes = [
            models.Index(fields=["-at", "-id"], name="audit_newest"),
            models.Index(fields=["target", "-at"], name="audit_target"),
        ]


class Seal(models.Model):
    """A hash over the rows of a history (core/history.py) written since the previous seal."""

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
    """When a scheduled job is due next. The worker that advances `due_at` runs the job."""

    name = models.CharField(primary_key=True, max_length=200)
    due_at = models.DateTimeField(db_default=models.functions.Now())


class ThrottleCount(models.Model):
    """The number of requests by one client in one window. An UNLOGGED table: it writes no WAL and may be lost in a crash."""

    key = models.CharField(primary_key=True, max_length=200)
    hits = models.PositiveIntegerField()
    ends_at = models.DateTimeField(db_index=True)


class Edition(models.Model):
    """Part of the catalogue's version, the sum of all rows. A change increments any unlocked row (cache/versions.py)."""

    id = models.BigAutoField(primary_key=True)
    value = models.BigIntegerField()


class Touched(models.Model):
    """Part of the change log: ids of lately changed resources. A change uses any unlocked row (cache/invalidation.py)."""

    id = models.BigAutoField(primary_key=True)
    value = models.BigIntegerField()
    lately = ArrayField(models.BigIntegerField())


class Purge(models.Model):
    """A surrogate key that has to be purged from the CDN. Inserted by triggers (cache/cdn.py)."""

    id = models.BigAutoField(primary_key=True)
    name = models.TextField()
    made = models.DateTimeField(db_default=models.functions.Now())
