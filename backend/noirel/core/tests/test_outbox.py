"""What happened is told at least once, in order for each key, and one listener's trouble is its own."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from noirel.core import events
from noirel.core.models import OutboxEvent


class Listener:
    """A handler that remembers, and fails when told to."""

    __module__ = "tests"

    def __init__(self, name: str) -> None:
        self.__qualname__ = name
        self.heard: list[Any] = []
        self.fails = 0

    def __call__(self, payload: dict[str, Any]) -> None:
        if self.fails:
            self.fails -= 1
            raise RuntimeError("not now")
        self.heard.append(payload["n"])


@pytest.fixture
def listeners(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    found = SimpleNamespace(mail=Listener("mail"), books=Listener("books"), inside=Listener("inside"))
    tables: dict[str, Any] = {
        "IN_TRANSACTION": {"order.paid": [found.inside]},
        "AFTER_COMMIT": {"order.paid": [found.mail, found.books]},
    }
    monkeypatch.setattr(events, "_listeners", tables.__getitem__)
    return found


def _publish(n: int, key: str = "NE-1") -> None:
    with transaction.atomic():
        events.publish("order.paid", key=key, payload={"n": n})


def _time_passes() -> None:
    OutboxEvent.objects.update(not_before=timezone.now() - timedelta(hours=2))


@pytest.mark.django_db
def test_an_event_is_told_to_everyone_once(listeners: SimpleNamespace) -> None:
    _publish(1)
    assert (listeners.inside.heard, listeners.mail.heard) == ([1], [])
    assert events.deliver_due() == 1
    assert (listeners.mail.heard, listeners.books.heard) == ([1], [1])
    assert events.deliver_due() == 0


@pytest.mark.django_db
def test_what_was_rolled_back_did_not_happen(listeners: SimpleNamespace) -> None:
    with transaction.atomic():
        events.publish("order.paid", key="NE-1", payload={"n": 1})
        transaction.set_rollback(True)
    assert events.deliver_due() == 0
    assert listeners.mail.heard == []


@pytest.mark.django_db
def test_a_refusal_inside_the_transaction_undoes_the_change(listeners: SimpleNamespace) -> None:
    listeners.inside.fails = 1
    with pytest.raises(RuntimeError):
        _publish(1)
    assert not OutboxEvent.objects.exists()


@pytest.mark.django_db
def test_a_failing_listener_is_told_again_and_the_others_are_not(listeners: SimpleNamespace) -> None:
    listeners.books.fails = 1
    _publish(1)
    events.deliver_due()
    assert (listeners.mail.heard, listeners.books.heard) == ([1], [])
    assert events.deliver_due() == 0  # it waits first
    _time_passes()
    events.deliver_due()
    assert (listeners.mail.heard, listeners.books.heard) == ([1], [1])


@pytest.mark.django_db
def test_one_keys_events_keep_their_order_and_another_key_passes(listeners: SimpleNamespace) -> None:
    listeners.mail.fails = 1
    _publish(1)
    _publish(2)
    _publish(3, key="NE-2")
    events.deliver_due()
    assert listeners.mail.heard == [3]
    _time_passes()
    events.deliver_due()
    assert listeners.mail.heard == [3, 1, 2]


@pytest.mark.django_db
def test_what_fails_for_ever_is_parked_and_lets_the_next_one_pass(listeners: SimpleNamespace) -> None:
    listeners.mail.fails = events.MAX_ATTEMPTS
    _publish(1)
    for _ in range(events.MAX_ATTEMPTS):
        _time_passes()
        events.deliver_due()
    parked = OutboxEvent.objects.get()
    assert parked.parked_at is not None
    assert "not now" in parked.last_error
    _publish(2)
    events.deliver_due()
    assert listeners.mail.heard == [2]


@pytest.mark.django_db
def test_an_event_whose_teller_died_is_told_after_its_lease(listeners: SimpleNamespace) -> None:
    _publish(1)
    OutboxEvent.objects.update(attempts=1, not_before=timezone.now() + events.LEASE)  # claimed, and then kill -9
    assert events.deliver_due() == 0
    _time_passes()
    assert events.deliver_due() == 1
    assert listeners.mail.heard == [1]


@pytest.mark.django_db(transaction=True)
def test_an_event_needs_the_transaction_of_its_change(listeners: SimpleNamespace) -> None:
    assert not connection.in_atomic_block
    with pytest.raises(RuntimeError, match="transaction"):
        events.publish("order.paid", key="NE-1", payload={})


@pytest.mark.django_db
@pytest.mark.parametrize("is_known", [False, True], ids=["before statistics", "with statistics"])
def test_the_next_of_many_is_found_without_sorting_those_that_wait(is_known: bool) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_outboxevent (name, key, payload, created_at, attempts, told, last_error, done_at)"
            " SELECT 'order.paid', 'NE-' || n / 2, '{}', now(), 0, '[]', '', CASE WHEN n <= 10000 THEN now() END"
            " FROM generate_series(1, 20000) n"
        )
        if is_known:
            cursor.execute("ANALYZE core_outboxevent")
        cursor.execute("EXPLAIN " + events._CLAIM, [60])
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "using outbox_open" in plan, plan
    assert "Sort" not in plan, plan
    assert "Seq Scan" not in plan, plan
