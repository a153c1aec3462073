"""Payment states: updates may arrive in any order and any number."""

from hypothesis import given
from hypothesis import strategies as st

from noirel.payments.lifecycle import POLL_SCHEDULE, RANK, PaymentUpdate, State, decisive_update, is_progress, next_check

STATES = st.sampled_from(sorted(RANK))


def update(status: str) -> PaymentUpdate:
    return PaymentUpdate(payment_id="pay_1", order_id="order_1", status=status, amount=100, currency="INR")


@given(st.lists(STATES), st.randoms())
def test_the_furthest_state_wins_in_whatever_order_updates_arrive(states: list[State], random: object) -> None:
    state = State.CREATED
    for new_state in states:
        if is_progress(state, new_state):
            state = new_state
    assert state == max([State.CREATED, *states], key=lambda s: RANK[s])


@given(STATES)
def test_no_update_moves_a_quarantined_attempt(new_state: State) -> None:
    assert not is_progress(State.QUARANTINED, new_state)


def test_a_captured_payment_decides_among_all_payments_of_its_order() -> None:
    assert decisive_update([update("failed"), update("captured"), update("authorized")]) == update("captured")
    assert decisive_update([]) is None


def test_polling_continues_until_late_authorization_is_no_longer_possible() -> None:
    assert list(POLL_SCHEDULE) == sorted(POLL_SCHEDULE)
    assert POLL_SCHEDULE[-1].days == 5
    assert next_check(len(POLL_SCHEDULE)) is None
