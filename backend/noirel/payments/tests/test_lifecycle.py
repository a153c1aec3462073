"""Facts come in any order and any number; what is left is what counts."""

from hypothesis import given
from hypothesis import strategies as st

from noirel.payments.lifecycle import POLL_SCHEDULE, RANK, PaymentUpdate, State, decisive_update, is_progress, next_check

STATES = st.sampled_from(sorted(RANK))


def fact(status: str) -> PaymentUpdate:
    return PaymentUpdate(payment_id="pay_1", order_id="order_1", status=status, amount=100, currency="INR")


@given(st.lists(STATES), st.randoms())
def test_in_any_order_and_number_the_furthest_state_wins(facts: list[State], random: object) -> None:
    state = State.CREATED
    for told in facts:
        if is_progress(state, told):
            state = told
    assert state == max([State.CREATED, *facts], key=lambda s: RANK[s])


@given(STATES)
def test_nothing_moves_a_quarantined_attempt(told: State) -> None:
    assert not is_progress(State.QUARANTINED, told)


def test_a_captured_payment_beats_every_other_of_its_order() -> None:
    assert decisive_update([fact("failed"), fact("captured"), fact("authorized")]) == fact("captured")
    assert decisive_update([]) is None


def test_asking_goes_on_past_the_time_of_late_authorisation_and_then_ends() -> None:
    assert list(POLL_SCHEDULE) == sorted(POLL_SCHEDULE)
    assert POLL_SCHEDULE[-1].days == 5
    assert next_check(len(POLL_SCHEDULE)) is None
