"""Words and pictures."""

from django.db import models
from django.db.models import Q

from noirel.core.domain.ids import uuid7


class MediaAsset(models.Model):
    """A picture and its renditions, files whose names are made from their content.

    renditions: [{"format", "width", "height", "path"}]; ground is the CSS colour that stands there before the picture;
    preview is the picture at 16 pixels, as a data: address; problem says why there are no renditions and will be none;
    focal is {"x", "y"}, in percent of width and height: what has to be seen wherever it is cut; without one the middle;
    source names where it came from (a file of the demo house, an address in an import, the pixels of an upload), so that
    it is taken in once.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    alt = models.CharField(max_length=400, blank=True)
    view = models.CharField(max_length=20, blank=True)
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    ground = models.CharField(max_length=60, default="#E6E1D8")
    preview = models.CharField(max_length=2000, blank=True)
    focal = models.JSONField(null=True)
    renditions = models.JSONField(default=list)
    problem = models.CharField(max_length=300, blank=True)
    source = models.CharField(max_length=1000, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["-created_at", "-id"], name="media_newest")]

    def __str__(self) -> str:
        return self.source


class Upload(models.Model):
    """A file that staff asked to send. Once it was looked at, it waits here for its renditions: the worker's queue.

    due_at is when the worker may take it (again); attempts counts before each, so that one that kills its worker counts.
    """

    class Status(models.TextChoices):
        WAITING = "waiting"  # for the bytes
        RECEIVED = "received"  # looked at; renditions are to be made
        DONE = "done"
        PARKED = "parked"  # tried too often: for a person

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=20)
    bytes = models.PositiveIntegerField()
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.WAITING)
    asset = models.ForeignKey(MediaAsset, models.CASCADE, null=True, related_name="+")
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["waiting", "received", "done", "parked"]), name="upload_status_known"
            ),
            models.CheckConstraint(condition=Q(status="waiting") | Q(asset__isnull=False), name="upload_received_as_something"),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(status="received"), name="upload_due"),
            models.Index(fields=["created_at"], name="upload_old"),
        ]

    def __str__(self) -> str:
        return self.name
