"""What staff do with imports: hand a file in, try it, run it, stop it."""

from collections.abc import Iterable
from functools import partial
from uuid import UUID

from django.db import transaction

from noirel.backoffice.files import FileTooLarge, read_parts, store
from noirel.backoffice.imports.reading import NotShopify, inspect
from noirel.backoffice.models import Import, StoredFile
from noirel.core import audit_log
from noirel.core.domain.errors import Conflict, FieldError, Invalid, NotFound
from noirel.core.viewer import Viewer

MAX_BYTES = 256 * 1024 * 1024


class ImportStarted(Conflict):
    """This import is under way or done."""

    code, title = "import_started", "The import has begun"
    default_detail = "This import is already running or has ended."


@transaction.atomic
def create_import(
    *, actor: Viewer, name: str, pieces: Iterable[bytes], currency: str, tax_rate_bps: int = 1800, is_dry_run: bool
) -> Import:
    """Keep the file and queue its run. Raises Invalid where it is no product file. The pieces are read once and not held."""
    try:
        file = store(name, pieces, most=MAX_BYTES)
        form = inspect(partial(read_parts, file.pk))
    except (FileTooLarge, NotShopify) as problem:
        raise Invalid(errors=[FieldError("file", "invalid", str(problem))]) from None
    job = Import(
        file=file,
        currency=currency,
        tax_rate_bps=tax_rate_bps,
        is_dry_run=is_dry_run,
        encoding=form.encoding,
        delimiter=form.delimiter,
        header=list(form.cells),
        preview=[list(row) for row in form.preview],
    )
    return _queue(job, actor)


@transaction.atomic
def run_after_dry_run(import_id: UUID, *, actor: Viewer) -> Import:
    """After a dry run: the same file and terms, in earnest. Raises NotFound, ImportStarted where it was no finished dry run."""
    tried = _locked(import_id)
    if not tried.is_dry_run or tried.status != Import.Status.DONE:
        raise ImportStarted("Only a dry run that is done can be run for good.")
    same = {
        name: getattr(tried, name)
        for name in ("file_id", "currency", "tax_rate_bps", "encoding", "delimiter", "header", "preview")
    }
    return _queue(Import(is_dry_run=False, **same), actor)


@transaction.atomic
def cancel(import_id: UUID, *, actor: Viewer) -> Import:
    """Stop it after the batch that is being written; what is written stays. Raises NotFound, ImportStarted when it is over."""
    job = _locked(import_id)
    if job.status not in {Import.Status.QUEUED, Import.Status.RUNNING}:
        raise ImportStarted("It is over already.")
    if not job.is_cancel_asked:
        job.is_cancel_asked = True
        job.save(update_fields=["is_cancel_asked"])
        audit_log.record(actor=actor, action="imports.cancel", target=f"import:{job.pk}")
    return job


def _locked(import_id: UUID) -> Import:
    job = Import.objects.select_for_update(of=("self",)).select_related("file").filter(pk=import_id).first()
    if job is None:
        raise NotFound
    return job


def _queue(job: Import, actor: Viewer) -> Import:
    job.actor, job.actor_id = actor.name, actor.user_id
    job.save()
    file: StoredFile = job.file
    audit_log.record(
        actor=actor,
        action="imports.start",
        target=f"import:{job.pk}",
        after={"file": file.name, "bytes": file.bytes, "currency": job.currency, "is_dry_run": job.is_dry_run},
    )
    return job
