"""The amounts of a quote add up, to the minor unit, for any purchase."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noirel.catalog.sellable import SellableVariant
from noirel.core.domain.money import Money, inr
from noirel.pricing.delivery import promise
from noirel.pricing.quote import DiscountRule, QuoteLine, ShippingOption, build_quote, tax_within

INDIA = ZoneInfo("Asia/Kolkata")
STANDARD = ShippingOption(code="standard", name="Standard", price=inr(250_00))


def line(price: int, quantity: int = 1, *, tax_rate_bps: int = 1800) -> QuoteLine:
    item = SellableVariant(
        variant_id=1, sku="ENCRE-50", title="50 ml", options={}, product_slug="encre", product_name="Encre",
        product_subtitle="", product_status_ok=True, price=inr(price), compare_at=None, tax_rate_bps=tax_rate_bps,
        weight_grams=None, image=None, attributes={}, available=None,
    )  # fmt: skip
    return QuoteLine(item=item, quantity=quantity)


LINES = st.lists(
    st.builds(line, st.integers(0, 10**9), st.integers(1, 99), tax_rate_bps=st.sampled_from([0, 500, 1200, 1800, 2800])),
    max_size=20,
)
DISCOUNTS = st.one_of(
    st.none(),
    st.builds(DiscountRule, st.just("NUIT"), st.just("percent"), st.integers(0, 10_000)),
    st.builds(DiscountRule, st.just("NUIT"), st.just("amount"), st.integers(0, 10**10)),
)


@given(LINES, DISCOUNTS, st.sampled_from([None, STANDARD]))
def test_the_lines_add_up_to_the_totals(
    lines: list[QuoteLine], rule: DiscountRule | None, shipping: ShippingOption | None
) -> None:
    quote = build_quote(lines, shipping=shipping, discount=rule, currency="INR")
    zero = inr(0)
    assert sum((quoted_line.subtotal for quoted_line in quote.lines), zero) == quote.subtotal
    assert sum((quoted_line.discount for quoted_line in quote.lines), zero) == quote.discount
    assert sum((quoted_line.total for quoted_line in quote.lines), zero) + quote.shipping == quote.total
    assert all(zero <= quoted_line.tax <= quoted_line.total for quoted_line in quote.lines)
    assert zero <= quote.discount <= quote.subtotal
    assert zero <= quote.tax <= quote.total


@given(st.integers(0, 10**12), st.sampled_from([0, 500, 1200, 1800, 2800]))
def test_the_rounded_tax_differs_from_the_exact_tax_by_at_most_half_a_paisa(gross: int, rate: int) -> None:
    tax = tax_within(inr(gross), rate).amount
    assert abs(2 * (tax * (10_000 + rate) - gross * rate)) <= 10_000 + rate


def test_tax_of_a_line_and_shipping_at_eighteen_percent() -> None:
    quote = build_quote([line(12_500_00)], shipping=STANDARD, discount=None, currency="INR")
    assert (quote.total, quote.tax) == (inr(12_750_00), inr(1_906_78 + 38_14))


def test_an_empty_purchase_costs_nothing_even_with_shipping() -> None:
    quote = build_quote([], shipping=STANDARD, discount=None, currency="INR")
    assert quote.total == Money(0, "INR")


@pytest.mark.parametrize(
    ("ordered", "earliest", "latest"),
    [
        (datetime(2026, 11, 23, 4, 0, tzinfo=UTC), date(2026, 11, 25), date(2026, 11, 27)),  # Monday, 9:30 in India
        (datetime(2026, 11, 23, 9, 0, tzinfo=UTC), date(2026, 11, 26), date(2026, 11, 28)),  # Monday, 14:30: a day later
        (datetime(2026, 11, 28, 20, 0, tzinfo=UTC), date(2026, 12, 2), date(2026, 12, 4)),  # Sunday, 1:30 in India
    ],
)
def test_delivery_is_promised_in_business_days_of_the_shops_time_zone(ordered: datetime, earliest: date, latest: date) -> None:
    result = promise(ordered, min_days=2, max_days=4, cutoff_hour=14, zone=INDIA)
    assert (result.earliest_on, result.latest_on) == (earliest, latest)
