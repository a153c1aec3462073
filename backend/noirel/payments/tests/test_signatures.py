"""Signatures against the vectors published by Razorpay, and against arbitrary input."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noirel.payments.signatures import checkout_signature, constant_time_equal, webhook_signature

DOCUMENTED = "0d4e745a1838664ad6c9c9902212a32d627d68e917290b0ad5f08ff4561bc50f"


def test_a_checkout_signature_matches_razorpays_documentation() -> None:
    signature = checkout_signature("order_IEIaMR65cu6nz3", "pay_IH4NVgf4Dreq1l", key_secret="EnLs21M47BllR3X8PSFtjtbd")
    assert signature == DOCUMENTED


def test_a_checkout_signature_matches_razorpays_sdk() -> None:
    signature = checkout_signature("fake_order_id", "fake_payment_id", key_secret="key_secret")
    assert signature == "b2335e3b0801106b84a7faff035df56ecffde06918c9ddd1f0fafbb37a51cc89"


@pytest.mark.parametrize("candidate", ["", DOCUMENTED[:-1], DOCUMENTED.upper(), "0" * 64, "é" * 64, "x" * 1_000_000])
def test_malformed_signatures_are_not_equal(candidate: str) -> None:
    assert not constant_time_equal(DOCUMENTED, candidate)


@given(st.text())
def test_comparing_arbitrary_text_never_fails_and_only_equal_text_matches(text: str) -> None:
    assert constant_time_equal(DOCUMENTED, text) == (text == DOCUMENTED)


@given(st.binary(), st.binary())
def test_different_bodies_have_different_signatures(body: bytes, other_body: bytes) -> None:
    signature = webhook_signature(body, webhook_secret="hook")
    assert constant_time_equal(webhook_signature(other_body, webhook_secret="hook"), signature) == (body == other_body)
