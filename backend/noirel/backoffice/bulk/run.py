"""A bulk change from its first product to its last. It can be killed at any moment and goes on where it was."""

import logging
from uuid import UUID

from django.db import DatabaseError, transaction
from django.utils import timezone

from noirel.backoffice.models import BulkChange, BulkItem
from noirel.catalog.services.bulk import change_many
from noirel.core import audit_log, jobs
from noirel.core.db import locks
from noirel.core.domain.errors import ShopError
from noirel.core.viewer import Viewer

BATCH = 100  # products of a transaction
log = logging.getLogger("noirel.bulk")


def run(change_id: UUID, *, actor: Viewer) -> None:
    """Take it to its end, or to where this process is asked to stop. Nobody else can work on it meanwhile.

    How far it is stands in the transaction of what was done: a price goes up once, whatever happens in between.
    """
    with locks.session_lock(f"bulk:{change_id}", wait_ms=0) as is_ours:
        job = BulkChange.objects.get(pk=change_id)
        if not is_ours or job.status not in {BulkChange.Status.QUEUED, BulkChange.Status.RUNNING}:
            return
        if job.status == BulkChange.Status.QUEUED:
            job.status, job.started_at = BulkChange.Status.RUNNING, timezone.now()
            job.save(update_fields=["status", "started_at"])
        try:
            while not jobs.stopping.is_set():
                if BulkChange.objects.filter(pk=job.pk, is_cancel_asked=True).exists():
                    _finish(job, BulkChange.Status.CANCELLED, actor)
                    return
                if not _batch(job, actor):
                    _finish(job, BulkChange.Status.DONE, actor)
                    return
        except ShopError as error:  # the collection it was about is gone, or ruled now
            _finish(job, BulkChange.Status.FAILED, actor, _error_text(error))
        except DatabaseError:
            raise  # it goes on when the database is back
        except Exception as error:
            log.exception("bulk change %s failed", job.pk)
            _finish(job, BulkChange.Status.FAILED, actor, f"{type(error).__name__}: {error}")


@transaction.atomic
def _batch(job: BulkChange, actor: Viewer) -> int:
    items = list(BulkItem.objects.filter(change=job, is_done=False).order_by("product_id")[:BATCH])
    if not items:
        return 0
    problems = change_many([item.product_id for item in items], act=job.act, terms=job.terms, actor=actor)
    for item in items:
        item.is_done, item.problem = True, problems.get(item.product_id, "")
    BulkItem.objects.bulk_update(items, ["is_done", "problem"])
    job.products_done += len(items)
    job.products_refused += len(problems)
    job.save(update_fields=["products_done", "products_refused"])
    return len(items)


def _error_text(error: ShopError) -> str:
    return next((field.message for field in error.errors), "") or str(error.detail or error.title)


def _finish(job: BulkChange, status: str, actor: Viewer, problem: str = "") -> None:
    with transaction.atomic():
        job.status, job.problem, job.finished_at = status, problem[:500], timezone.now()
        job.save(update_fields=["status", "problem", "finished_at"])
        told = {"act": job.act, **job.terms, "products": job.products_done, "refused": job.products_refused}
        audit_log.record(actor=actor, action=f"bulk.{status}", target=f"bulk:{job.pk}", after=told)
