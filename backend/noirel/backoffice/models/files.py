"""Files that bring products in and take them out, and what is remembered of them."""

from django.db import models
from django.db.models import Q

from noirel.catalog.models import Variant
from noirel.content.models import MediaAsset
from noirel.core.domain.ids import uuid7


class StoredFile(models.Model):
    """A file of staff's, kept in the database: it is private (costs stand in it), and every host's worker can read it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=255)
    bytes = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class FilePart(models.Model):
    """A mebibyte of a file, or less."""

    file = models.ForeignKey(StoredFile, models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["file", "number"], name="file_part_once")]

    def __str__(self) -> str:
        return f"{self.file_id} {self.number}"


class Job(models.Model):
    """What the worker does for somebody who looks on."""

    class Status(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    status = models.CharField(max_length=9, choices=Status, default=Status.QUEUED)
    products_total = models.PositiveIntegerField(default=0)
    products_done = models.PositiveIntegerField(default=0)
    is_cancel_asked = models.BooleanField(default=False)
    problem = models.CharField(max_length=500, blank=True, help_text="Why it failed, for people.")
    actor = models.CharField(max_length=254)
    actor_id = models.UUIDField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class Import(Job):
    """One run over a file of products. A dry run tells what it would do."""

    class Phase(models.TextChoices):
        READING = "reading"
        WRITING = "writing"

    currency = models.CharField(max_length=3)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="imports")
    is_dry_run = models.BooleanField(default=False)
    phase = models.CharField(max_length=7, choices=Phase, default=Phase.READING)
    tax_rate_bps = models.PositiveIntegerField()
    encoding = models.CharField(max_length=20)
    delimiter = models.CharField(max_length=1)
    header = models.JSONField(default=list)
    preview = models.JSONField(default=list)
    rows_read = models.PositiveIntegerField(default=0)
    last_row = models.PositiveIntegerField(default=0, help_text="The first row of the last product that is done with.")
    counts = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="import_newest"),
            models.Index(fields=["created_at"], condition=Q(status__in=["queued", "running"]), name="import_open"),
        ]

    def __str__(self) -> str:
        return f"{self.id} {self.status}"


class ImportRow(models.Model):
    """A record of a file that is being imported, until it is. Unlogged: after a crash the file is read again.

    cells is the JSON list of its cells; problem says why its product can't be had.
    """

    id = models.BigAutoField(primary_key=True)
    import_id = models.UUIDField()
    number = models.PositiveIntegerField()
    handle = models.TextField()
    slug = models.TextField(blank=True)
    sku = models.TextField(blank=True)
    problem = models.TextField(blank=True)
    cells = models.TextField()

    class Meta:
        indexes = [
            models.Index(fields=["import_id", "handle", "number"], name="import_row_handle"),
            models.Index(fields=["import_id", "sku", "number"], condition=~Q(sku=""), name="import_row_sku"),
        ]

    def __str__(self) -> str:
        return f"{self.import_id} {self.number}"


class ImportProduct(models.Model):
    """The rows of one handle. Unlogged, as they are. is_repeat: a handle before it makes the same address."""

    id = models.BigAutoField(primary_key=True)
    import_id = models.UUIDField()
    first_row = models.PositiveIntegerField()
    handle = models.TextField()
    slug = models.TextField(blank=True)
    is_repeat = models.BooleanField()
    rows = models.PositiveIntegerField()
    characters = models.PositiveBigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["import_id", "first_row"], name="import_product_once")]

    def __str__(self) -> str:
        return self.handle


class ImportFinding(models.Model):
    """Something to tell about a row of a file."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(Import, models.CASCADE, related_name="findings")
    row = models.PositiveIntegerField()
    column = models.TextField(blank=True)
    handle = models.TextField(blank=True)
    message = models.TextField()
    is_fatal = models.BooleanField()

    class Meta:
        indexes = [models.Index(fields=["run", "is_fatal", "row", "id"], name="import_finding_order")]

    def __str__(self) -> str:
        return f"{self.row} {self.column}: {self.message}"


class StoredCells(models.Model):
    """What a file said of a variant that this shop has no place for, by header: it goes out again with an export."""

    variant = models.OneToOneField(Variant, models.CASCADE, primary_key=True, related_name="+")
    cells = models.JSONField(default=dict)

    class Meta:
        db_table = "backoffice_keptcells"

    def __str__(self) -> str:
        return str(self.variant_id)


class MetafieldColumn(models.Model):
    """The header that an attribute came in under."""

    attribute = models.CharField(primary_key=True, max_length=60)
    header = models.TextField()

    def __str__(self) -> str:
        return self.header


class PendingPicture(models.Model):
    """A picture that a file named by its address, and that the worker has not fetched. problem: why the last try failed."""

    asset = models.OneToOneField(MediaAsset, models.CASCADE, primary_key=True, related_name="+")
    attempts = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField(db_default=models.functions.Now(), null=True, help_text="None: given up.")
    problem = models.CharField(max_length=500, blank=True)

    class Meta:
        db_table = "backoffice_wantedpicture"
        indexes = [models.Index(fields=["due_at"], condition=~Q(due_at=None), name="wanted_picture_due")]

    def __str__(self) -> str:
        return str(self.asset_id)


class Export(Job):
    """The catalogue as a file. spreadsheet_safe: cells that a spreadsheet would take for formulas begin with an apostrophe."""

    currency = models.CharField(max_length=3)
    file = models.ForeignKey(StoredFile, models.SET_NULL, null=True, related_name="exports")
    is_spreadsheet_safe = models.BooleanField(default=False)
    rows_written = models.PositiveIntegerField(default=0)
    left_out = models.PositiveIntegerField(default=0, help_text="Products without a variant in this currency.")

    class Meta:
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="export_newest"),
            models.Index(fields=["created_at"], condition=Q(status__in=["queued", "running"]), name="export_open"),
        ]

    def __str__(self) -> str:
        return f"{self.id} {self.status}"
