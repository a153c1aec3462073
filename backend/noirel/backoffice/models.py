"""What staff decided where no other row can say so."""

from django.db import models

from noirel.core.ids import uuid7


class Decision(models.Model):
    """An item of the desk that is done with. Its own row stays as it is: a refund that failed has failed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    item = models.CharField(max_length=120, unique=True)
    act = models.CharField(max_length=20)
    note = models.CharField(max_length=500, blank=True)
    actor = models.CharField(max_length=254)
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.item}: {self.act}"
