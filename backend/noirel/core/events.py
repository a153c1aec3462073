"""Domain events, delivered through a transactional outbox. See ADR 0003.

An event is stored in the transaction of the change that caused it. The worker delivers it to its handlers at least once, and
the events of one key in their order.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import cache
from importlib import import_module
from typing import Any, cast

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from noirel.core import audit_log
from noirel.core.db import prepared
from noirel.core.domain.errors import Conflict
from noirel.core.error_description import describe
from noirel.core.models import OutboxEvent
from noirel.core.shop_time import format_moment
from noirel.core.viewer import Viewer

JSON = Any  # str, int, float, bool, None, and lists and dicts of them
Handler = Callable[[dict[str, Any]], object]

LEASE = timedelta(seconds=60)  # a claimed event is due again after this, in case its worker has died
MAX_ATTEMPTS = 12  # about three hours with the waits of _record_failure; then the event is parked for staff
log = logging.getLogger("noirel.outbox")


@cache
def _listeners(table: str) -> Mapping[str, Sequence[Handler]]:
    # Named by a setting, because core must not import the apps above it.
    return cast(Mapping[str, Sequence[Handler]], getattr(import_module(settings.EVENT_HANDLERS), table))


def handler_name(handler: Handler) -> str:
    return f"{handler.__module__}.{handler.__qualname__}"


def publish(name: str, *, key: str, payload: dict[str, JSON]) -> None:
    """Publish an event in the current transaction.

    name: what happened, in the past tense, like `order.paid`.
    key: the ordering key, such as an order's number; events with the same key are delivered in order.

    Handlers in IN_TRANSACTION run immediately and may raise to abort the transaction. The worker calls the handlers in
    AFTER_COMMIT, at least once. Raises RuntimeError outside a transaction, where the event could be stored without its change
    or the change without its event.
    """
    run_in_transaction_handlers(name, payload)
    prepared.execute(_PUBLISH, outbox_row(name, key=key, payload=payload))


def run_in_transaction_handlers(name: str, payload: dict[str, JSON]) -> None:
    """Run the IN_TRANSACTION handlers, for callers that store the event in a statement of their own with OUTBOX.

    Raises RuntimeError outside a transaction.
    """
    if not connection.in_atomic_block:
        raise RuntimeError(f"{name!r} must be published in the transaction of its change")
    for handler in _listeners("IN_TRANSACTION").get(name, ()):
        handler(dict(payload))


def outbox_row(name: str, *, key: str, payload: dict[str, JSON]) -> str:
    """Return the parameter for OUTBOX."""
    return prepared.rows_json(OutboxEvent(name=name, key=key, payload=payload))


# A CTE that stores events. The worker polls for them: PostgreSQL serialises the commits of transactions that NOTIFY, including
# the flush to disk, and with it would reach only a tenth of the commits per second.
OUTBOX = f"told AS ({prepared.insert_sql(OutboxEvent)})"
_PUBLISH = f"WITH {OUTBOX} SELECT 1"


def prepare(name: str, *, payload: dict[str, JSON]) -> None:
    """Run the BEFORE handlers of an event, before its transaction begins.

    They may call external services, and may raise to refuse what is about to happen.
    """
    for handler in _listeners("BEFORE").get(name, ()):
        handler(dict(payload))


# Claims the oldest due event with no earlier open event of the same key. SKIP LOCKED lets workers claim in parallel.
_CLAIM = """
UPDATE core_outboxevent SET attempts = attempts + 1, not_before = statement_timestamp() + make_interval(secs => %s)
WHERE id = (
    SELECT e.id FROM core_outboxevent e
    WHERE e.done_at IS NULL AND e.parked_at IS NULL AND e.not_before <= statement_timestamp()
      AND NOT EXISTS (
        SELECT 1 FROM core_outboxevent b
        WHERE b.key = e.key AND b.id < e.id AND b.done_at IS NULL AND b.parked_at IS NULL
      )
    ORDER BY e.id LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING id
"""


def deliver_due(limit: int = 100) -> int:
    """Deliver up to `limit` due events to their AFTER_COMMIT handlers and return how many were claimed.

    One statement claims an event for LEASE. Handlers run outside any transaction, so they may send mail. After a failure the
    event waits 1, 2, 4, … seconds (an hour at most); after MAX_ATTEMPTS it is parked and no longer blocks later events of its
    key.
    """
    claimed = 0
    while claimed < limit:
        with connection.cursor() as cursor:
            cursor.execute(_CLAIM, [LEASE.total_seconds()])
            row = cursor.fetchone()
        if row is None:
            break
        claimed += 1
        _deliver(OutboxEvent.objects.get(pk=row[0]))
    return claimed


def _deliver(event: OutboxEvent) -> None:
    # `attempts` identifies the claim: once the lease has run out, another worker may have claimed the event.
    claim = OutboxEvent.objects.filter(pk=event.pk, attempts=event.attempts)
    for handler in _listeners("AFTER_COMMIT").get(event.name, ()):
        name = handler_name(handler)
        if name in event.told:
            continue
        try:
            handler(dict(event.payload))
        except Exception as error:  # a handler's failure must not stop the delivery of other events
            _record_failure(event, handler=name, error=error)
            return
        event.told.append(name)
        claim.update(told=event.told)
    claim.update(done_at=timezone.now(), last_error="")


def deliver_now(event: OutboxEvent) -> str:
    """Deliver one open event immediately to the handlers that have not had it, and return the error, or an empty string.

    If a handler fails, the event is parked again. Call it outside a transaction, because handlers may send mail.
    """
    lease = timezone.now() + LEASE
    rows = OutboxEvent.objects.filter(pk=event.pk, done_at=None)
    if not rows.update(attempts=F("attempts") + 1, parked_at=None, not_before=lease):
        return ""
    _deliver(OutboxEvent.objects.get(pk=event.pk))
    row = OutboxEvent.objects.get(pk=event.pk)
    if row.done_at is not None:
        return ""
    rows.update(parked_at=timezone.now())
    return row.last_error


class AlreadyDelivered(Conflict):
    """All handlers have had this event, or staff have dismissed it."""

    code, title = "already_told", "Already delivered"
    default_detail = "This event was already delivered or set aside."


@transaction.atomic
def redeliver(event: OutboxEvent, *, actor: Viewer) -> OutboxEvent:
    """Make a waiting or parked event due now, with all its attempts, for the handlers that have not had it.

    Raises AlreadyDelivered. Locks the event's row. An event that is being delivered at the same moment may be delivered twice.
    """
    row = OutboxEvent.objects.select_for_update().get(pk=event.pk)
    if row.done_at is not None:
        raise AlreadyDelivered(f"{row.name} of {row.key} was delivered at {format_moment(row.done_at)}.")
    before = {"attempts": row.attempts, "parked": row.parked_at is not None, "last_error": row.last_error}
    row.attempts, row.parked_at, row.not_before = 0, None, timezone.now()
    row.save(update_fields=["attempts", "parked_at", "not_before"])
    audit_log.record(actor=actor, action="events.retry", target=f"event:{row.pk}", before=before)
    return row


def _record_failure(event: OutboxEvent, *, handler: str, error: Exception) -> None:
    is_parked = event.attempts >= MAX_ATTEMPTS
    wait = timedelta(seconds=min(2 ** (event.attempts - 1), 3600))
    log.error(
        "%s could not be delivered to %s",
        event.name,
        handler,
        exc_info=error,
        extra={"event": event.pk, "key": event.key, "attempts": event.attempts, "parked": is_parked},
    )
    now = timezone.now()
    OutboxEvent.objects.filter(pk=event.pk, attempts=event.attempts).update(
        not_before=now + wait, parked_at=now if is_parked else None, last_error=f"{handler}: {describe(error)}"[:4000]
    )


def delete_delivered_events() -> None:
    """Scheduled job: delete events 30 days after their delivery. What they report remains in the tables of their apps."""
    with transaction.atomic():
        OutboxEvent.objects.filter(done_at__lt=timezone.now() - timedelta(days=30)).delete()
