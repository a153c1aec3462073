"""Orders only move forward, and nothing leaves a final status."""

from hypothesis import given
from hypothesis import strategies as st

from noirel.orders.lifecycle import TRANSITIONS, FulfilmentStatus, Status, can_transition, fulfilment_of, is_final

STATUSES = st.sampled_from(list(Status))


def test_the_transition_table_covers_every_status() -> None:
    assert set(TRANSITIONS) == set(Status)


@given(STATUSES, st.lists(STATUSES))
def test_no_sequence_of_transitions_visits_a_status_twice(start: Status, targets: list[Status]) -> None:
    visited, current = [start], start
    for to in targets:
        if can_transition(current, to):
            assert to not in visited
            visited.append(to)
            current = to
    if is_final(start):
        assert visited == [start]


def test_only_a_payment_revives_an_expired_order() -> None:
    assert TRANSITIONS[Status.EXPIRED] == {Status.PAID}
    assert not TRANSITIONS[Status.CANCELLED]


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 9), st.integers(0, 9)), min_size=1))
def test_fulfilment_status_is_derived_from_all_lines(rows: list[tuple[int, int, int]]) -> None:
    lines = [(ordered, min(sent, ordered), min(returned, sent, ordered)) for ordered, sent, returned in rows]
    status = fulfilment_of(lines)
    if all(returned == ordered for ordered, _, returned in lines):
        assert status is FulfilmentStatus.RETURNED
    elif all(sent == ordered for ordered, sent, _ in lines):
        assert status is FulfilmentStatus.FULFILLED
    elif any(sent for _, sent, _ in lines):
        assert status is FulfilmentStatus.PARTIAL
    else:
        assert status is FulfilmentStatus.UNFULFILLED
