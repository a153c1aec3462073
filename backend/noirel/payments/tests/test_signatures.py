"""Razorpay's own published vectors, and what is never a signature."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noirel.payments.signatures import checkout_signature, constant_time_equal, webhook_signature

DOCUMENTED = "0d4e745a1838664ad6c9c9902212a32d627d68e917290b0ad5f08ff4561bc50f"


def test_the_documentations_vector() -> None:
    made = checkout_signature("order_IEIaMR65cu6nz3", "pay_IH4NVgf4Dreq1l", key_secret="EnLs21M47BllR3X8PSFtjtbd")
    assert made == DOCUMENTED


def test_the_sdks_vector() -> None:
    made = checkout_signature("fake_order_id", "fake_payment_id", key_secret="key_secret")
    assert made == "b2335e3b0801106b84a7faff035df56ecffde06918c9ddd1f0fafbb37a51cc89"


@pytest.mark.parametrize("given_", ["", DOCUMENTED[:-1], DOCUMENTED.upper(), "0" * 64, "é" * 64, "x" * 1_000_000])
def test_anything_else_is_not_the_same(given_: str) -> None:
    assert not constant_time_equal(DOCUMENTED, given_)


@given(st.text())
def test_no_text_is_taken_for_a_signature_or_breaks_the_comparison(text: str) -> None:
    assert constant_time_equal(DOCUMENTED, text) == (text == DOCUMENTED)


@given(st.binary(), st.binary())
def test_another_body_has_another_signature(one: bytes, other: bytes) -> None:
    signed = webhook_signature(one, webhook_secret="hook")
    assert constant_time_equal(webhook_signature(other, webhook_secret="hook"), signed) == (one == other)
