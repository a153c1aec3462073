"""Stock items, movements and reservations.

Stock is a ledger: `on_hand` is the sum of the movements, `reserved` the sum of the reservations held, and `committed` the sum
of the units that paid orders have not shipped yet.
"""

from django.db import models
from django.db.models import F, Q

from noirel.catalog.models import Variant
from noirel.core.domain.ids import uuid7


class StockItem(models.Model):
    """Stock of one variant. The database computes `available`, and a CHECK constraint prevents overselling.

    `on_hand` counts all units in the building. Of these, `reserved` are held for checkouts that are not paid yet, and
    `committed` belong to paid orders and have not shipped. Every variant has one: a trigger inserts it with the variant
    (0005_item_of_every_variant).
    """

    class Policy(models.TextChoices):
        DENY = "deny"
        BACKORDER = "backorder"
        PREORDER = "preorder"

    variant = models.OneToOneField(Variant, models.PROTECT, primary_key=True, related_name="+")
    on_hand = models.IntegerField(default=0)
    reserved = models.IntegerField(default=0)
    committed = models.IntegerField(default=0, db_default=0)
    available = models.GeneratedField(
        expression=F("on_hand") - F("reserved") - F("committed"), output_field=models.IntegerField(), db_persist=True
    )
    is_tracked = models.BooleanField(default=True)
    policy = models.CharField(max_length=9, choices=Policy, default=Policy.DENY)
    expected_on = models.DateField(null=True, blank=True, help_text="When more of it comes, for who orders ahead.")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(reserved__gte=0), name="stock_reserved_not_negative"),
            models.CheckConstraint(condition=Q(committed__gte=0), name="stock_committed_not_negative"),
            models.CheckConstraint(
                condition=~Q(policy="deny") | Q(on_hand__gte=F("reserved") + F("committed")), name="stock_not_oversold"
            ),
            models.CheckConstraint(condition=Q(policy__in=["deny", "backorder", "preorder"]), name="stock_policy_known"),
        ]

    def __str__(self) -> str:
        return str(self.variant_id)


class StockMovement(models.Model):
    """A change of the quantity on hand. Append-only, enforced by a trigger."""

    class Reason(models.TextChoices):
        RECEIVED = "received"
        SOLD = "sold"  # written at payment by older releases; since then stock leaves at dispatch
        SHIPPED = "shipped"
        RETURNED = "returned"
        DAMAGED = "damaged"
        COUNTED = "counted"
        GIFT = "gift"
        CORRECTION = "correction"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    item = models.ForeignKey(StockItem, models.PROTECT, related_name="movements")
    delta = models.IntegerField()
    reason = models.CharField(max_length=10, choices=Reason)
    note = models.CharField(max_length=500, blank=True)
    actor = models.CharField(max_length=254, blank=True)
    reference = models.CharField(max_length=64, blank=True)
    shipment = models.UUIDField(null=True, blank=True, help_text="The parcel it left in.")
    on_hand_after = models.IntegerField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["item", "-id"], name="movement_by_item")]
        constraints = [
            models.CheckConstraint(condition=~Q(delta=0), name="movement_moves"),
            # An order sells its units of a variant once, even if an event is delivered twice.
            models.UniqueConstraint(fields=["reference", "item"], condition=Q(reason="sold"), name="movement_sold_once"),
            models.UniqueConstraint(fields=["shipment", "item"], name="movement_shipped_once"),
            models.UniqueConstraint(
                fields=["reference", "item"], condition=Q(reason="returned") & ~Q(reference=""), name="movement_returned_once"
            ),
            models.UniqueConstraint(
                fields=["reference", "item"], condition=Q(reason="gift") & ~Q(reference=""), name="movement_given_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.delta:+} {self.reason}"


class Reservation(models.Model):
    """Units that an order holds. One row per order and variant, which is never deleted.

    Once sold, `committed` of its units have not shipped yet, `released` became available again, and the rest left with a
    movement.
    """

    class State(models.TextChoices):
        HELD = "held"
        SOLD = "sold"
        RELEASED = "released"

    id = models.BigAutoField(primary_key=True)
    item = models.ForeignKey(StockItem, models.PROTECT, related_name="reservations")
    reference = models.CharField(max_length=40)
    units = models.PositiveIntegerField()
    committed = models.IntegerField(default=0, db_default=0)
    released = models.IntegerField(default=0, db_default=0)
    state = models.CharField(max_length=8, choices=State, default=State.HELD)
    expires_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reference", "item"], name="reservation_once"),
            models.CheckConstraint(condition=Q(units__gt=0), name="reservation_holds"),
            models.CheckConstraint(
                condition=Q(committed__gte=0, released__gte=0, units__gte=F("committed") + F("released"))
                & (Q(state="sold") | Q(committed=0, released=0)),
                name="reservation_committed_once",
            ),
        ]
        indexes = [
            models.Index(fields=["item"], condition=Q(state="held"), name="reservation_live"),
            models.Index(fields=["item"], condition=Q(committed__gt=0), name="reservation_committed"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.units}"
