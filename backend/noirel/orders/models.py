"""Orders, their lines, timeline and parcels. Everything sold is stored as it was sold."""

import uuid

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from noirel.catalog.models import Variant
from noirel.core.domain.money import Money
from noirel.core.history import History
from noirel.orders.lifecycle import DisputeStatus, FulfilmentStatus, PaymentStatus, Status


class Order(models.Model):
    """A purchase. Prices are frozen when it is placed and never looked up again. Minor units of `currency`, tax included."""

    number = models.CharField(max_length=20, unique=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="orders")
    email = models.EmailField()
    customer_name = models.CharField(max_length=120)
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.PENDING_PAYMENT)
    payment_status = models.CharField(max_length=20, choices=PaymentStatus.choices, default=PaymentStatus.PENDING)
    fulfilment_status = models.CharField(max_length=20, choices=FulfilmentStatus.choices, default=FulfilmentStatus.UNFULFILLED)
    currency = models.CharField(max_length=3)
    subtotal_amount = models.BigIntegerField()
    discount_amount = models.BigIntegerField()
    shipping_amount = models.BigIntegerField()
    tax_amount = models.BigIntegerField()
    shipping_tax_amount = models.BigIntegerField(default=0, help_text="The part of tax_amount that is on delivery.")
    total_amount = models.BigIntegerField()
    item_count = models.PositiveIntegerField()
    shipping_address = models.JSONField()
    billing_address = models.JSONField()
    shipping_method = models.JSONField(encoder=DjangoJSONEncoder)
    note = models.CharField(max_length=500, blank=True)
    gift = models.JSONField(default=dict)
    samples = models.JSONField(default=list)
    cart_id = models.UUIDField(null=True, blank=True, db_index=True, help_text="The bag it came from.")
    checkout_key = models.CharField(max_length=255, blank=True, help_text="The Idempotency-Key it was placed under.")
    payments = models.JSONField(
        default=list, encoder=DjangoJSONEncoder, help_text="What the payments app last wrote down, an entry an attempt."
    )
    refunds = models.JSONField(default=list, encoder=DjangoJSONEncoder, help_text="The same, for refunds.")
    disputes = models.JSONField(default=list, encoder=DjangoJSONEncoder, help_text="The same, for disputes.")
    dispute_status = models.CharField(
        max_length=4, choices=DisputeStatus.choices, default=DisputeStatus.NONE, db_default=DisputeStatus.NONE,
        help_text="Over all of disputes.",
    )  # fmt: skip
    link_version = models.PositiveIntegerField(
        default=0, db_default=0, help_text="Tokens of links to the order are of one version: raising it revokes those before."
    )
    placed_at = models.DateTimeField(default=timezone.now)
    paid_at = models.DateTimeField(null=True, blank=True)
    held_until = models.DateTimeField(null=True, blank=True, help_text="Until then its stock is kept while unpaid.")
    hold_seconds = models.PositiveIntegerField(
        null=True, blank=True, help_text="How long it is held in all, where that is not the shop's own setting."
    )
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-placed_at", "-id"]
        indexes = [
            models.Index(fields=["-placed_at", "-id"], name="order_newest"),
            models.Index(fields=["user", "-placed_at"], name="order_of_user"),
            models.Index(fields=["email"], name="order_email"),
            models.Index(fields=["held_until"], name="order_unpaid_due", condition=Q(status=Status.PENDING_PAYMENT)),
            models.Index(fields=["status", "-placed_at"], name="order_status_newest"),
            models.Index(fields=["-placed_at"], name="order_disputed", condition=~Q(dispute_status=DisputeStatus.NONE)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(total_amount=F("subtotal_amount") - F("discount_amount") + F("shipping_amount")),
                name="order_total_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(subtotal_amount__gte=0, shipping_amount__gte=0, tax_amount__gte=0)
                & Q(discount_amount__gte=0, discount_amount__lte=F("subtotal_amount")),
                name="order_sums_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(paid_at__isnull=False) | Q(status__in=[Status.PENDING_PAYMENT, Status.CANCELLED, Status.EXPIRED]),
                name="order_paid_has_a_time",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def total(self) -> Money:
        return Money(self.total_amount, self.currency)


class OrderLine(models.Model):
    """One line of an order, with name, price, tax and image as they were when it was placed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    order = models.ForeignKey(Order, models.PROTECT, related_name="lines")
    position = models.PositiveSmallIntegerField()
    variant = models.ForeignKey(Variant, models.PROTECT, related_name="+")
    sku = models.CharField(max_length=64)
    name = models.CharField(max_length=255)
    variant_title = models.CharField(max_length=255, blank=True)
    product_slug = models.CharField(max_length=255)
    quantity = models.PositiveIntegerField()
    unit_price_amount = models.BigIntegerField()
    discount_amount = models.BigIntegerField()
    tax_amount = models.BigIntegerField()
    tax_rate_bps = models.PositiveIntegerField()
    total_amount = models.BigIntegerField()
    image = models.JSONField(null=True, blank=True, encoder=DjangoJSONEncoder)
    attributes = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    engraving = models.CharField(max_length=24, blank=True)
    ahead = models.JSONField(null=True, blank=True, help_text="What of it was sold before it was here, and when it comes.")
    fulfilled_quantity = models.PositiveIntegerField(default=0)
    returned_quantity = models.PositiveIntegerField(default=0)
    cancelled_quantity = models.PositiveIntegerField(default=0, help_text="Taken off before they were sent.")

    class Meta:
        ordering = ["order_id", "position"]
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="order_line_position_once"),
            models.CheckConstraint(
                condition=Q(total_amount=F("quantity") * F("unit_price_amount") - F("discount_amount")),
                name="order_line_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=1, fulfilled_quantity__lte=F("quantity") - F("cancelled_quantity"))
                & Q(returned_quantity__lte=F("fulfilled_quantity")),
                name="order_line_quantities_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.sku}"

    @property
    def unsent_quantity(self) -> int:
        """Units that have not been packed or cancelled."""
        return self.quantity - self.cancelled_quantity - self.fulfilled_quantity


class OrderEvent(models.Model):
    """An entry of an order's timeline, append-only. Entries that are not public (notes, late failures) are shown to staff only.

    `state` holds the order's mutable fields from this entry on, so that an order can be shown as of any moment. The entries of
    an order are hash-chained (core/history.py).
    """

    order = models.ForeignKey(Order, models.PROTECT, related_name="events")
    at = models.DateTimeField(default=timezone.now)
    type = models.CharField(max_length=40)
    message = models.TextField()
    actor = models.CharField(max_length=254, blank=True)
    is_public = models.BooleanField(default=True)
    state = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    position = models.PositiveIntegerField(default=0, editable=False)
    prev_hash = models.CharField(max_length=64, blank=True, editable=False)
    hash = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["order", "position"], name="order_event_place_once")]

    def __str__(self) -> str:
        return f"{self.type} {self.at:%Y-%m-%d %H:%M}"


HISTORY = History(name="order events", table="orders_orderevent", number="id", chain="order_id")


class Shipment(models.Model):
    """A parcel: packed, then in transit, then delivered."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    order = models.ForeignKey(Order, models.PROTECT, related_name="shipments")
    carrier = models.CharField(max_length=80, blank=True)
    tracking_number = models.CharField(max_length=80, blank=True)
    tracking_url = models.URLField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    shipped_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    key = models.CharField(
        max_length=40, blank=True, db_default="", default="", help_text="Names the request that packed it, if it had a key."
    )

    class Meta:
        ordering = ["created_at", "id"]
        indexes = [models.Index(fields=["order"], condition=Q(delivered_at=None), name="shipment_under_way")]
        constraints = [models.UniqueConstraint(fields=["order", "key"], condition=~Q(key=""), name="shipment_packed_once")]

    def __str__(self) -> str:
        return f"{self.carrier} {self.tracking_number}"


class ShipmentLine(models.Model):
    """The units of one order line packed into a parcel.

    Units that are refunded and restocked before the parcel ships are withdrawn from it.
    """

    shipment = models.ForeignKey(Shipment, models.CASCADE, related_name="lines")
    line = models.ForeignKey(OrderLine, models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField()
    withdrawn_quantity = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(withdrawn_quantity__lte=F("quantity")), name="shipment_line_withdrawn_within"),
            models.UniqueConstraint(fields=["shipment", "line"], name="shipment_line_once"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="shipment_line_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.line_id}"

    @property
    def left(self) -> int:
        """Units still in the parcel."""
        return self.quantity - self.withdrawn_quantity
