"""Shipping methods and their prices."""

from django.db import models
from django.db.models import F, Q


class ShippingMethod(models.Model):
    """A shipping method and where it is offered. Prices include tax, in minor units of `currency`."""

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    description = models.CharField(max_length=200, blank=True)
    price_amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    free_over_amount = models.BigIntegerField(null=True, blank=True, help_text="Free from this subtotal on.")
    min_days = models.PositiveSmallIntegerField(help_text="Business days, earliest.")
    max_days = models.PositiveSmallIntegerField(help_text="Business days, latest.")
    cutoff_hour = models.PositiveSmallIntegerField(default=14, help_text="Orders after this hour leave a day later.")
    countries = models.JSONField(default=list, blank=True, help_text="ISO codes; empty means everywhere.")
    postcode_prefixes = models.JSONField(default=list, blank=True, help_text="Empty means every postcode.")
    is_active = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(price_amount__gte=0), name="shipping_price_not_negative"),
            models.CheckConstraint(condition=Q(max_days__gte=F("min_days")), name="shipping_days_in_order"),
        ]

    def __str__(self) -> str:
        return self.name
