"""Words and pictures."""

from django.db import models

from noirel.core.ids import uuid7


class MediaAsset(models.Model):
    """A picture and its renditions, files whose names are made from their content.

    renditions: [{"format", "width", "height", "path"}]; ground is the CSS colour that stands there before the picture;
    source names where it came from (a file of the demo house, an address in an import), so that it is taken in once.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    alt = models.CharField(max_length=400, blank=True)
    view = models.CharField(max_length=20, blank=True)
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    ground = models.CharField(max_length=60, default="#E6E1D8")
    renditions = models.JSONField(default=list)
    source = models.CharField(max_length=1000, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.source
