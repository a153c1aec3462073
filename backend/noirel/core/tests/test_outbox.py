"""Events are delivered at least once, in order for each key, and a failing handler affects no other."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from noirel.core import events
from noirel.core.models import OutboxEvent


class RecordingHandler:
    """A handler that records its calls and fails on request."""

    __module__ = "tests"

    def __init__(self, name: str) -> None:
        self.__qualname__ = name
        self.received: list[Any] = []
        self.failures_left = 0

    def __call__(self, payload: dict[str, Any]) -> None:
        if self.failures_left:
            self.failures_left -= 1
            raise RuntimeError("not now")
        self.received.append(payload["n"])


@pytest.fixture
def handlers(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    recording = SimpleNamespace(
        mail=RecordingHandler("mail"), ledger=RecordingHandler("books"), inside=RecordingHandler("inside")
    )
    tables: dict[str, Any] = {
        "IN_TRANSACTION": {"order.paid": [recording.inside]},
        "AFTER_COMMIT": {"order.paid": [recording.mail, recording.ledger]},
    }
    monkeypatch.setattr(events, "_listeners", tables.__getitem__)
    return recording


def _publish(n: int, key: str = "NE-1") -> None:
    with transaction.atomic():
        events.publish("order.paid", key=key, payload={"n": n})


def _time_passes() -> None:
    OutboxEvent.objects.update(not_before=timezone.now() - timedelta(hours=2))


@pytest.mark.django_db
def test_an_event_is_delivered_to_every_handler_once(handlers: SimpleNamespace) -> None:
    _publish(1)
    assert (handlers.inside.received, handlers.mail.received) == ([1], [])
    assert events.deliver_due() == 1
    assert (handlers.mail.received, handlers.ledger.received) == ([1], [1])
    assert events.deliver_due() == 0


@pytest.mark.django_db
def test_an_event_of_a_rolled_back_transaction_is_not_delivered(handlers: SimpleNamespace) -> None:
    with transaction.atomic():
        events.publish("order.paid", key="NE-1", payload={"n": 1})
        transaction.set_rollback(True)
    assert events.deliver_due() == 0
    assert handlers.mail.received == []


@pytest.mark.django_db
def test_a_failing_in_transaction_handler_rolls_back_the_change(handlers: SimpleNamespace) -> None:
    handlers.inside.failures_left = 1
    with pytest.raises(RuntimeError):
        _publish(1)
    assert not OutboxEvent.objects.exists()


@pytest.mark.django_db
def test_only_the_failed_handler_is_called_again(handlers: SimpleNamespace) -> None:
    handlers.ledger.failures_left = 1
    _publish(1)
    events.deliver_due()
    assert (handlers.mail.received, handlers.ledger.received) == ([1], [])
    assert events.deliver_due() == 0  # not due yet
    _time_passes()
    events.deliver_due()
    assert (handlers.mail.received, handlers.ledger.received) == ([1], [1])


@pytest.mark.django_db
def test_a_failure_blocks_later_events_of_its_key_only(handlers: SimpleNamespace) -> None:
    handlers.mail.failures_left = 1
    _publish(1)
    _publish(2)
    _publish(3, key="NE-2")
    events.deliver_due()
    assert handlers.mail.received == [3]
    _time_passes()
    events.deliver_due()
    assert handlers.mail.received == [3, 1, 2]


@pytest.mark.django_db
def test_an_event_that_always_fails_is_parked_and_unblocks_its_key(handlers: SimpleNamespace) -> None:
    handlers.mail.failures_left = events.MAX_ATTEMPTS
    _publish(1)
    for _ in range(events.MAX_ATTEMPTS):
        _time_passes()
        events.deliver_due()
    parked = OutboxEvent.objects.get()
    assert parked.parked_at is not None
    assert "not now" in parked.last_error
    _publish(2)
    events.deliver_due()
    assert handlers.mail.received == [2]


@pytest.mark.django_db
def test_an_event_is_delivered_after_the_lease_of_a_dead_worker(handlers: SimpleNamespace) -> None:
    _publish(1)
    OutboxEvent.objects.update(attempts=1, not_before=timezone.now() + events.LEASE)  # claimed by a worker that was killed
    assert events.deliver_due() == 0
    _time_passes()
    assert events.deliver_due() == 1
    assert handlers.mail.received == [1]


@pytest.mark.django_db(transaction=True)
def test_an_event_needs_the_transaction_of_its_change(handlers: SimpleNamespace) -> None:
    assert not connection.in_atomic_block
    with pytest.raises(RuntimeError, match="transaction"):
        events.publish("order.paid", key="NE-1", payload={})


@pytest.mark.django_db
@pytest.mark.parametrize("is_analyzed", [False, True], ids=["before statistics", "with statistics"])
def test_claiming_an_event_uses_the_index_without_sorting(is_analyzed: bool) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_outboxevent (name, key, payload, created_at, attempts, told, last_error, done_at)"
            " SELECT 'order.paid', 'NE-' || n / 2, '{}', now(), 0, '[]', '', CASE WHEN n <= 10000 THEN now() END"
            " FROM generate_series(1, 20000) n"
        )
        if is_analyzed:
            cursor.execute("ANALYZE core_outboxevent")
        cursor.execute("EXPLAIN " + events._CLAIM, [60])
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "using outbox_open" in plan, plan
    assert "Sort" not in plan, plan
    assert "Seq Scan" not in plan, plan
