"""An order goes forward only, and never comes back from where nothing comes after."""

from hypothesis import given
from hypothesis import strategies as st

from noirel.orders.lifecycle import MOVES, FulfilmentStatus, Status, can_transition, fulfilment_of, is_final

STATUSES = st.sampled_from(list(Status))


def test_every_status_has_its_line_in_the_table() -> None:
    assert set(MOVES) == set(Status)


@given(STATUSES, st.lists(STATUSES))
def test_no_walk_returns_to_where_it_was(start: Status, wanted: list[Status]) -> None:
    seen, current = [start], start
    for to in wanted:
        if can_transition(current, to):
            assert to not in seen
            seen.append(to)
            current = to
    if is_final(start):
        assert seen == [start]


def test_only_money_revives_an_expired_order() -> None:
    assert MOVES[Status.EXPIRED] == {Status.PAID}
    assert not MOVES[Status.CANCELLED]


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 9), st.integers(0, 9)), min_size=1))
def test_fulfilment_is_the_sum_over_the_lines(rows: list[tuple[int, int, int]]) -> None:
    lines = [(ordered, min(sent, ordered), min(back, sent, ordered)) for ordered, sent, back in rows]
    status = fulfilment_of(lines)
    if all(back == ordered for ordered, _, back in lines):
        assert status is FulfilmentStatus.RETURNED
    elif all(sent == ordered for ordered, sent, _ in lines):
        assert status is FulfilmentStatus.FULFILLED
    elif any(sent for _, sent, _ in lines):
        assert status is FulfilmentStatus.PARTIAL
    else:
        assert status is FulfilmentStatus.UNFULFILLED
