"""What staff do to many products at once, and how far it is."""

from django.db import models
from django.db.models import Q

from noirel.backoffice.models.files import Job
from noirel.catalog.models import Product


class BulkChange(Job):
    """One act of catalog.services.bulk on the products that were chosen when it was asked for."""

    act = models.CharField(max_length=10)
    terms = models.JSONField(default=dict)
    products_refused = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="bulk_newest"),
            models.Index(fields=["created_at"], condition=Q(status__in=["queued", "running"]), name="bulk_open"),
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.status}"


class BulkItem(models.Model):
    """A product of it: done, refused with a problem, or still to come."""

    change = models.ForeignKey(BulkChange, models.CASCADE, related_name="items")
    product = models.ForeignKey(Product, models.CASCADE, related_name="+")
    is_done = models.BooleanField(default=False)
    problem = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["change", "product"], name="bulk_item_once")]
        indexes = [
            models.Index(fields=["change", "product"], condition=Q(is_done=False), name="bulk_item_open"),
            models.Index(fields=["change", "id"], condition=~Q(problem=""), name="bulk_item_refused"),
        ]

    def __str__(self) -> str:
        return f"{self.change_id} {self.product_id}"
