"""The outbox: what happened is written beside the change, and told at least once, in order for each key."""

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

LEASE = timedelta(seconds=60)  # a handler that dies with its process is called again after this
MAX_ATTEMPTS = 12  # with the waits below about three hours, then it is parked for a person
log = logging.getLogger("noirel.outbox")


@cache
def _listeners(table: str) -> Mapping[str, Sequence[Handler]]:
    # Named by a setting: core doesn't know the rooms above it.
    return cast(Mapping[str, Sequence[Handler]], getattr(import_module(settings.EVENT_HANDLERS), table))


def handler_name(handler: Handler) -> str:
    return f"{handler.__module__}.{handler.__qualname__}"


def publish(name: str, *, key: str, payload: dict[str, JSON]) -> None:
    """Say that something happened, in the current transaction.

    key is the ordering key (an order's number): one key's events are told in order. Handlers under IN_TRANSACTION
    run here and now and may refuse; those under AFTER_COMMIT get the payload from the worker, at least once.
    Raises RuntimeError outside a transaction, where the event could survive its change or get lost.
    """
    run_in_transaction_handlers(name, payload)
    prepared.execute(_PUBLISH, outbox_row(name, key=key, payload=payload))


def run_in_transaction_handlers(name: str, payload: dict[str, JSON]) -> None:
    """Have the IN_TRANSACTION handlers run: for who writes the event down in a statement of their own, with OUTBOX."""
    if not connection.in_atomic_block:
        raise RuntimeError(f"{name!r} needs the transaction of the change it tells about")
    for handler in _listeners("IN_TRANSACTION").get(name, ()):
        handler(dict(payload))


def outbox_row(name: str, *, key: str, payload: dict[str, JSON]) -> str:
    """The parameter of OUTBOX."""
    return prepared.rows_json(OutboxEvent(name=name, key=key, payload=payload))


# A CTE that writes events down. The worker looks for them itself: PostgreSQL lets only one transaction at a time commit with a
# NOTIFY, flush included, so a bell in it would make every buyer wait for every other (a tenth of the commits in a second).
OUTBOX = f"told AS ({prepared.insert_sql(OutboxEvent)})"
_PUBLISH = f"WITH {OUTBOX} SELECT 1"


def prepare(name: str, *, payload: dict[str, JSON]) -> None:
    """Say that something is about to happen, before its transaction begins: handlers under BEFORE may ask the outside, and
    refuse.
    """
    for handler in _listeners("BEFORE").get(name, ()):
        handler(dict(payload))


# The oldest due event whose key has none before it that is still open. SKIP LOCKED: workers pass each other by.
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
    """Tell up to `limit` due events to their handlers; returns how many were taken.

    An event is claimed for LEASE by one statement and told outside any transaction, so handlers may send mail.
    A failure waits 1, 2, 4 … seconds (at most an hour) and is parked after MAX_ATTEMPTS; a parked event lets the
    later ones of its key pass.
    """
    taken = 0
    while taken < limit:
        with connection.cursor() as cursor:
            cursor.execute(_CLAIM, [LEASE.total_seconds()])
            row = cursor.fetchone()
        if row is None:
            break
        taken += 1
        _tell(OutboxEvent.objects.get(pk=row[0]))
    return taken


def _tell(event: OutboxEvent) -> None:
    mine = OutboxEvent.objects.filter(pk=event.pk, attempts=event.attempts)  # not a later claim's
    for handler in _listeners("AFTER_COMMIT").get(event.name, ()):
        name = handler_name(handler)
        if name in event.told:
            continue
        try:
            handler(dict(event.payload))
        except Exception as error:  # whatever it was, the others' events go on
            _put_back(event, handler=name, error=error)
            return
        event.told.append(name)
        mine.update(told=event.told)
    mine.update(done_at=timezone.now(), last_error="")


def deliver_now(event: OutboxEvent) -> str:
    """Tell one open event to those who have not heard it, now; why it failed, or nothing. A failed one is parked again.

    Outside any transaction: handlers may send mail.
    """
    lease = timezone.now() + LEASE
    rows = OutboxEvent.objects.filter(pk=event.pk, done_at=None)
    if not rows.update(attempts=F("attempts") + 1, parked_at=None, not_before=lease):
        return ""
    _tell(OutboxEvent.objects.get(pk=event.pk))
    row = OutboxEvent.objects.get(pk=event.pk)
    if row.done_at is not None:
        return ""
    rows.update(parked_at=timezone.now())
    return row.last_error


class AlreadyDelivered(Conflict):
    """Everybody has heard it, or staff have set it aside."""

    code, title = "already_told", "This was told already"


@transaction.atomic
def redeliver(event: OutboxEvent, *, actor: Viewer) -> OutboxEvent:
    """Have an event that waits or was parked told now, with all its tries, to those who have not heard it.

    Raises AlreadyTold. Locks the event. One that is being told at this very moment may be told twice, as after any crash.
    """
    row = OutboxEvent.objects.select_for_update().get(pk=event.pk)
    if row.done_at is not None:
        raise AlreadyDelivered(f"{row.name} of {row.key} was told at {format_moment(row.done_at)}.")
    before = {"attempts": row.attempts, "parked": row.parked_at is not None, "last_error": row.last_error}
    row.attempts, row.parked_at, row.not_before = 0, None, timezone.now()
    row.save(update_fields=["attempts", "parked_at", "not_before"])
    audit_log.record(actor=actor, action="events.retry", target=f"event:{row.pk}", before=before)
    return row


def _put_back(event: OutboxEvent, *, handler: str, error: Exception) -> None:
    parked = event.attempts >= MAX_ATTEMPTS
    wait = timedelta(seconds=min(2 ** (event.attempts - 1), 3600))
    log.error(
        "%s was not told to %s",
        event.name,
        handler,
        exc_info=error,
        extra={"event": event.pk, "key": event.key, "attempts": event.attempts, "parked": parked},
    )
    now = timezone.now()
    OutboxEvent.objects.filter(pk=event.pk, attempts=event.attempts).update(
        not_before=now + wait, parked_at=now if parked else None, last_error=f"{handler}: {describe(error)}"[:4000]
    )


def delete_delivered_events() -> None:
    """A month is enough to look something up; the facts themselves stay in their own tables."""
    with transaction.atomic():
        OutboxEvent.objects.filter(done_at__lt=timezone.now() - timedelta(days=30)).delete()
