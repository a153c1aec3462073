"""What the clock does for the back office."""

from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from noirel.accounts.models import User
from noirel.backoffice.bulk.run import run as run_bulk
from noirel.backoffice.exports.run import run as run_export
from noirel.backoffice.imports.pictures import fetch_pending
from noirel.backoffice.imports.run import run as run_import
from noirel.backoffice.models import BulkChange, Export, Import, StoredFile
from noirel.backoffice.reconciliation.runs import run_audit
from noirel.backoffice.reconciliation.settlements import import_new_settlements
from noirel.backoffice.reconciliation.sweep import sweep
from noirel.core.viewer import SYSTEM, Viewer

OPEN = ("queued", "running")
FILE_RETENTION = timedelta(days=30)


def sweep_gateway() -> None:
    """Find payments and refunds that nobody told us of."""
    sweep()


def import_settlements() -> None:
    """Take in what was paid to our bank."""
    import_new_settlements()


def audit() -> None:
    """Prove everything and keep the answer."""
    run_audit()


def run_imports() -> None:
    """Bring in the files that wait, one after the other; a killed one goes on."""
    for job in Import.objects.filter(status__in=OPEN).order_by("created_at", "pk"):
        run_import(job.pk, actor=_viewer(job.actor_id))


def run_bulk_changes() -> None:
    """Do to many products what staff asked for; a killed one goes on."""
    for job in BulkChange.objects.filter(status__in=OPEN).order_by("created_at", "pk"):
        run_bulk(job.pk, actor=_viewer(job.actor_id))


def run_exports() -> None:
    """Write the files that were asked for."""
    for job in Export.objects.filter(status__in=OPEN).order_by("created_at", "pk"):
        run_export(job.pk, actor=_viewer(job.actor_id))


def fetch_pictures() -> None:
    """Fetch what files named by address."""
    fetch_pending()


def delete_old_files() -> None:
    """A month is enough to look into an import or to fetch an export; what became of the products stays in the audit log."""
    until = timezone.now() - FILE_RETENTION
    Import.objects.filter(finished_at__lt=until).delete()
    Export.objects.filter(finished_at__lt=until).delete()
    BulkChange.objects.filter(finished_at__lt=until).delete()
    StoredFile.objects.filter(created_at__lt=until, imports=None, exports=None).delete()


def _viewer(user_id: UUID | None) -> Viewer:
    user = User.objects.filter(pk=user_id).first() if user_id else None
    return Viewer(user=user) if user else SYSTEM
