"""The ledger's only table. A row is a complete entry, so an entry can't be half written, and a CHECK constraint balances it."""

from django.db import models
from django.db.models import Func, Q, Value
from django.utils import timezone

from noirel.core.domain.ids import uuid7
from noirel.core.history import History


class Entry(models.Model):
    """One balanced entry: `postings` maps accounts to minor units of `currency`, debits positive. Append-only.

    `key` identifies the booked fact and is unique, for example `capture:pay_…`. `chain` is the order number, or the gateway's
    id for money without an order; the entries of a chain are hash-chained (core/history.py).
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
