"""What staff do with exports: ask for one, stop it."""

from uuid import UUID

from django.db import transaction

from noirel.backoffice.models import Export
from noirel.core import audit_log
from noirel.core.domain.errors import Conflict, NotFound
from noirel.core.viewer import Viewer


class ExportEnded(Conflict):
    """It is over already."""

    code, title = "export_ended", "The export is over"
    default_detail = "This export has already ended."


@transaction.atomic
def request_export(*, actor: Viewer, currency: str, is_spreadsheet_safe: bool = False) -> Export:
    """Queue a file of all products with their prices in this currency."""
    job = Export.objects.create(
        currency=currency, is_spreadsheet_safe=is_spreadsheet_safe, actor=actor.name, actor_id=actor.user_id
    )
    audit_log.record(actor=actor, action="exports.start", target=f"export:{job.pk}", after={"currency": currency})
    return job


@transaction.atomic
def cancel(export_id: UUID, *, actor: Viewer) -> Export:
    """Stop it after the batch that is being written. Raises NotFound, ExportEnded."""
    job = Export.objects.select_for_update(of=("self",)).select_related("file").filter(pk=export_id).first()
    if job is None:
        raise NotFound
    if job.status not in {Export.Status.QUEUED, Export.Status.RUNNING}:
        raise ExportEnded
    job.is_cancel_asked = True
    job.save(update_fields=["is_cancel_asked"])
    audit_log.record(actor=actor, action="exports.cancel", target=f"export:{job.pk}")
    return job
