"""Shopping carts."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from noirel.catalog.models import Variant

# Maximum quantity of a line.
MAX_QUANTITY = 99


class Cart(models.Model):
    """A shopping cart. Its id can't be guessed and is the only credential for a guest's cart."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="cart")
    currency = models.CharField(max_length=3)
    email = models.EmailField(blank=True)
    note = models.CharField(max_length=500, blank=True)
    gift_wrap = models.BooleanField(default=False)
    gift_message = models.CharField(max_length=200, blank=True)
    gift_hide_prices = models.BooleanField(default=False)
    samples = models.JSONField(default=list, blank=True)
    coupon = models.CharField(max_length=40, blank=True)
    country = models.CharField(max_length=2, blank=True)
    postcode = models.CharField(max_length=12, blank=True)
    shipping_method = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True, db_index=True)

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def gift(self) -> dict[str, object]:
        return {"wrap": self.gift_wrap, "message": self.gift_message, "hide_prices": self.gift_hide_prices}


class CartLine(models.Model):
    """A quantity of one variant with one engraving. `seen_price_amount` is its unit price when it was added."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cart = models.ForeignKey(Cart, models.CASCADE, related_name="lines")
    variant = models.ForeignKey(Variant, models.CASCADE, related_name="+")
    sku = models.CharField(max_length=64)
    quantity = models.PositiveIntegerField()
    engraving = models.CharField(max_length=24, blank=True)
    seen_price_amount = models.BigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["cart", "variant", "engraving"], name="cart_line_once_per_engraving"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="cart_line_not_empty"),
            models.CheckConstraint(condition=Q(quantity__lte=MAX_QUANTITY), name="cart_line_quantity_at_most_99"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.sku}"
