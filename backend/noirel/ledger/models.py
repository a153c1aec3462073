"""The ledger's one table. A row is a whole entry: it can't be half there, and PostgreSQL refuses one that doesn't balance."""

from django.db import models
from django.db.models import Func, Q, Value
from django.utils import timezone

from noirel.core.domain.ids import uuid7
from noirel.core.history import History


class Entry(models.Model):
    """One balanced entry: `postings` maps an account to minor units of `currency`, debits positive. Appended, never edited.

    key says what it books and makes it bookable once: `capture:pay_…`. chain is the order's number, or the gateway's id for
    money without an order; entries of a chain are hashed one upon the other (core/history.py).
    """

    number = models.BigAutoField(primary_key=True)
    id = models.UUIDField(default=uuid7, editable=False, unique=True)
    key = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=40)
    chain = models.CharField(max_length=64)
    currency = models.CharField(max_length=3)
    postings = models.JSONField()
    memo = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(default=timezone.now)
    position = models.PositiveIntegerField(default=0, editable=False)
    prev_hash = models.CharField(max_length=64, blank=True, editable=False)
    hash = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        ordering = ["number"]
        verbose_name_plural = "entries"
        indexes = [models.Index(fields=["at"], name="entry_at")]
        constraints = [
            models.UniqueConstraint(fields=["chain", "position"], name="entry_place_once"),
            models.CheckConstraint(
                condition=Q(Func("postings", function="ledger_balances", output_field=models.BooleanField())),
                name="entry_balances",
            ),
            models.CheckConstraint(condition=~Q(chain=Value("")), name="entry_has_a_chain"),
        ]

    def __str__(self) -> str:
        return self.key


HISTORY = History(name="ledger", table="ledger_entry", number="number", chain="chain")
