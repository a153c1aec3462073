"""A launch: what it covers, when, and how much of it one person may have."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from noirel.catalog.models import Variant
from noirel.drops.rules import Terms


class Drop(models.Model):
    """Its variants are sold by its rules from the moment it is announced until it has ended.

    first_come: opens_at and closes_at (if any) are the time of the sale. lottery: they are the time of the entries; `units` of
    one variant are held back from the announcement on, and a right to buy lasts claim_seconds.
    """

    class Mode(models.TextChoices):
        FIRST_COME = "first_come"
        LOTTERY = "lottery"

    class Status(models.TextChoices):
        DRAFT = "draft"
        ANNOUNCED = "announced"
        CLOSED = "closed"
        DRAWN = "drawn"
        ENDED = "ended"

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=120)
    words = models.TextField(blank=True)
    mode = models.CharField(max_length=10, choices=Mode, default=Mode.FIRST_COME)
    status = models.CharField(max_length=9, choices=Status, default=Status.DRAFT)
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField(null=True, blank=True)
    per_person = models.PositiveSmallIntegerField(default=1)
    per_address = models.PositiveSmallIntegerField(default=1)
    hold_seconds = models.PositiveSmallIntegerField(default=300)
    units = models.PositiveIntegerField(null=True, blank=True)
    claim_seconds = models.PositiveIntegerField(default=48 * 3600)
    beacon_source = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    announced_at = models.DateTimeField(null=True, blank=True)
    # What was announced first, once it has been postponed.
    postponed_at = models.DateTimeField(null=True, blank=True)
    announced_opens_at = models.DateTimeField(null=True, blank=True)
    announced_closes_at = models.DateTimeField(null=True, blank=True)
    postponed_reason = models.CharField(max_length=500, blank=True, default="", db_default="")
    closed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-opens_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(mode__in=["first_come", "lottery"]), name="drop_mode_known"),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "announced", "closed", "drawn", "ended"]), name="drop_status_known"
            ),
            models.CheckConstraint(
                condition=Q(closes_at=None) | Q(closes_at__gt=F("opens_at")), name="drop_closes_after_opening"
            ),
            models.CheckConstraint(
                condition=Q(per_person__gte=1, per_address__gte=F("per_person"), hold_seconds__gte=60, claim_seconds__gte=600),
                name="drop_limits_make_sense",
            ),
            models.CheckConstraint(
                condition=Q(mode="first_come") | Q(closes_at__isnull=False, units__gte=F("per_person")),
                name="drop_lottery_has_an_end_and_units",
            ),
        ]

    def __str__(self) -> str:
        return self.slug

    @property
    def is_live(self) -> bool:
        return self.status not in {self.Status.DRAFT, self.Status.ENDED}

    @property
    def reference(self) -> str:
        """What the stock ledger calls the units held back for it. By number: a slug may be longer than a reference."""
        return f"drop:{self.pk}"

    @property
    def terms(self) -> Terms:
        return Terms(
            slug=self.slug,
            name=self.name,
            mode=self.mode,
            opens_at=self.opens_at,
            closes_at=self.closed_at or self.closes_at,
            per_person=self.per_person,
            hold_seconds=self.hold_seconds,
        )


class DropVariant(models.Model):
    """What a drop covers. A variant is in one live drop at a time."""

    drop = models.ForeignKey(Drop, models.CASCADE, related_name="covered")
    variant = models.ForeignKey(Variant, models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()
    is_live = models.BooleanField(default=False)

    class Meta:
        ordering = ["drop_id", "position"]
        constraints = [
            models.UniqueConstraint(fields=["drop", "variant"], name="drop_covers_once"),
            models.UniqueConstraint(fields=["variant"], condition=Q(is_live=True), name="drop_one_live_for_a_variant"),
        ]

    def __str__(self) -> str:
        return f"{self.drop_id} {self.variant_id}"


class Share(models.Model):
    """How many units of a drop one of a person's keys has had (person.py). `most` is the drop's limit when it was announced."""

    drop = models.ForeignKey(Drop, models.PROTECT, related_name="+")
    key = models.CharField(max_length=48)
    units = models.PositiveIntegerField()
    most = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["drop", "key"], name="drop_share_once"),
            models.CheckConstraint(condition=Q(units__gte=0, units__lte=F("most")), name="drop_share_not_exceeded"),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.units}/{self.most}"


class ShareClaim(models.Model):
    """The movement beside the shares: what an order took, under which keys, and whether it gave it back."""

    class State(models.TextChoices):
        CLAIMED = "claimed"
        RELEASED = "released"

    drop = models.ForeignKey(Drop, models.PROTECT, related_name="+")
    reference = models.CharField(max_length=40)
    units = models.PositiveIntegerField()
    keys = ArrayField(models.CharField(max_length=48))
    state = models.CharField(max_length=8, choices=State, default=State.CLAIMED)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reference", "drop"], name="drop_claim_once"),
            models.CheckConstraint(condition=Q(units__gt=0), name="drop_claim_takes"),
            models.CheckConstraint(condition=Q(state__in=["claimed", "released"]), name="drop_claim_state_known"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.units} {self.state}"
