"""Allocation, rounding and formatting of money, in every currency."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis.strategies import integers, lists, sampled_from

from noirel.core.domain.money import (
    CurrencyMismatch,
    Money,
    divide_half_up,
    exponent,
    format_amount,
    format_money,
    inr,
    share_of,
)

amounts = integers(-(10**12), 10**12)
weights = lists(integers(0, 10**6), min_size=1, max_size=30).filter(any)


@given(amounts, weights)
def test_the_parts_of_an_allocation_add_up_to_the_whole(total: int, by: list[int]) -> None:
    assert sum(part.amount for part in inr(total).allocate(by)) == total


@given(amounts, weights)
def test_each_part_differs_from_its_exact_share_by_less_than_one_unit(total: int, by: list[int]) -> None:
    for part, weight in zip(inr(total).allocate(by), by, strict=True):
        assert abs(part.amount - Fraction(total * weight, sum(by))) < 1


@given(amounts, weights)
def test_a_weight_of_zero_gets_nothing(total: int, by: list[int]) -> None:
    assert all(part.amount == 0 for part, weight in zip(inr(total).allocate(by), by, strict=True) if weight == 0)


@given(amounts, weights)
def test_a_negative_amount_is_allocated_like_the_positive_one(total: int, by: list[int]) -> None:
    assert inr(-total).allocate(by) == [-part for part in inr(total).allocate(by)]


@given(integers(-(10**15), 10**15), integers(0, 20_000))
def test_a_share_is_rounded_half_away_from_zero(amount: int, bps: int) -> None:
    exact = Fraction(amount * bps, 10_000)
    share = share_of(amount, bps)
    assert abs(share - exact) <= Fraction(1, 2)
    if abs(share - exact) == Fraction(1, 2):
        assert abs(share) > abs(exact)


def test_the_largest_remainders_get_the_remaining_units() -> None:
    assert [part.amount for part in inr(100).allocate([1, 1, 1])] == [34, 33, 33]
    assert [part.amount for part in inr(10).allocate([3, 3, 4])] == [3, 3, 4]
    assert [part.amount for part in inr(1).allocate([1, 2])] == [0, 1]


def test_weights_that_add_up_to_zero_are_refused_unless_the_amount_is_zero() -> None:
    assert inr(0).allocate([0, 0]) == [inr(0), inr(0)]
    for by in ([0, 0], [], [1, -1]):
        with pytest.raises(ValueError, match=r"weight|Nothing"):
            inr(5).allocate(by)


@pytest.mark.parametrize(("currency", "decimals"), [("JPY", 0), ("XPF", 0), ("INR", 2), ("EUR", 2), ("KWD", 3), ("TND", 3)])
def test_a_currency_has_its_own_decimals(currency: str, decimals: int) -> None:
    assert exponent(currency) == decimals


@given(sampled_from(["INR", "JPY"]), sampled_from(["KWD", "USD"]))
def test_amounts_in_different_currencies_cannot_be_combined(one: str, other: str) -> None:
    with pytest.raises(CurrencyMismatch):
        Money(1, one) + Money(1, other)


def test_a_float_never_becomes_money() -> None:
    for wrong in (1.0, "1", True, None):
        with pytest.raises(TypeError):
            Money(wrong, "INR")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        inr(100) * 1.18  # type: ignore[operator]
    with pytest.raises(ValueError, match="currency"):
        Money(1, "inr")


@pytest.mark.parametrize(
    ("money", "text"),
    [
        (inr(12_500_00), "₹12,500"), (inr(1_25_00_000_50), "₹1,25,00,000.50"), (inr(99), "₹0.99"), (inr(-500_00), "−₹500"),
        (Money(1_250, "KWD"), "KWD 1.250"), (Money(1_234_567, "JPY"), "¥1,234,567"), (Money(1_234_56, "USD"), "$1,234.56"),
    ],
)  # fmt: skip
def test_money_is_formatted_for_its_currency(money: Money, text: str) -> None:
    assert format_money(money) == text


def test_division_rounds_half_away_from_zero() -> None:
    assert [divide_half_up(numerator, 2) for numerator in (5, -5, 4, 1, -1)] == [3, -3, 2, 1, -1]


def test_an_external_amount_with_an_invalid_currency_is_shown_as_it_is() -> None:
    assert [format_amount(16_989_36, "INR"), format_amount(500, "JPY")] == ["₹16,989.36", "¥500"]
    assert [format_amount(500, "rupees"), format_amount(500, "")] == ["500 rupees", "500"]
