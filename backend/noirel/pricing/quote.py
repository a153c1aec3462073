"""Calculation of what a purchase costs. Pure: no clock, database or request.

Prices include tax. Tax is extracted from each line and rounded half up (ADR 0004), so the lines of an invoice always add up to
the total charged.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from noirel.catalog.sellable import SellableVariant
from noirel.core.domain.money import Money, divide_half_up, share_of


@dataclass(frozen=True)
class Ahead:
    """Units of a line that are sold before they are in stock. `expected_on` is None while the day is unknown."""

    policy: str
    units: int
    expected_on: date | None

    def json(self) -> dict[str, Any]:
        day = self.expected_on.isoformat() if self.expected_on else None
        return {"policy": self.policy, "units": self.units, "expected_on": day}


@dataclass(frozen=True)
class QuoteLine:
    """A line to be quoted. `key` is an identifier chosen by the caller."""

    item: SellableVariant
    quantity: int
    key: str = ""
    engraving: str = ""
    ahead: Ahead | None = None


@dataclass(frozen=True)
class ShippingOption:
    """A shipping method with its price for this purchase, tax included."""

    code: str
    name: str
    price: Money
    tax_rate_bps: int = 1800


@dataclass(frozen=True)
class DiscountRule:
    """A discount on the goods: `value` is basis points for "percent" and minor units for "amount"."""

    code: str
    kind: Literal["percent", "amount"]
    value: int


@dataclass(frozen=True)
class QuotedLine:
    """A line with its amounts. They include tax, except `tax`, which is the tax contained in `total`."""

    requested: QuoteLine
    subtotal: Money
    discount: Money
    total: Money
    tax: Money


@dataclass(frozen=True)
class Quote:
    """The amounts of a purchase: total = subtotal - discount + shipping. `tax` is contained in `total`."""

    lines: tuple[QuotedLine, ...]
    shipping_option: ShippingOption | None
    discount_rule: DiscountRule | None
    subtotal: Money
    discount: Money
    shipping: Money
    tax: Money
    total: Money


def tax_within(gross: Money, rate_bps: int) -> Money:
    """Return the tax contained in a gross price, rounded half up to the minor unit.

    gross x rate / (1 + rate), in integers: CGST Rules 2017, rule 35.
    """
    return Money(divide_half_up(gross.amount * rate_bps, 10_000 + rate_bps), gross.currency)


def build_quote(
    lines: Sequence[QuoteLine],
    *,
    shipping: ShippingOption | None,
    discount: DiscountRule | None,
    currency: str,
) -> Quote:
    """Calculate the amounts of a purchase.

    The discount is split over the lines in proportion to their value with the largest remainder method, so that the parts add
    up to it. Without lines there is no shipping charge, so an empty purchase costs nothing.
    """
    zero = Money(0, currency)
    gross = [line.item.price * line.quantity for line in lines]
    subtotal = sum(gross, zero)
    discount_total = _discount(subtotal, discount)
    shares = discount_total.allocate([part.amount for part in gross]) if discount_total.amount else [zero] * len(gross)
    quoted = []
    for line, gross_amount, share in zip(lines, gross, shares, strict=True):
        total = gross_amount - share
        quoted.append(
            QuotedLine(
                requested=line,
                subtotal=gross_amount,
                discount=share,
                total=total,
                tax=tax_within(total, line.item.tax_rate_bps),
            )
        )
    shipping_total = shipping.price if shipping and lines else zero
    shipping_tax = tax_within(shipping_total, shipping.tax_rate_bps) if shipping else zero
    return Quote(
        lines=tuple(quoted),
        shipping_option=shipping,
        discount_rule=discount,
        subtotal=subtotal,
        discount=discount_total,
        shipping=shipping_total,
        tax=sum((line.tax for line in quoted), shipping_tax),
        total=subtotal - discount_total + shipping_total,
    )


def _discount(subtotal: Money, rule: DiscountRule | None) -> Money:
    if rule is None:
        return Money(0, subtotal.currency)
    discount_total = share_of(subtotal.amount, rule.value) if rule.kind == "percent" else rule.value
    return Money(min(discount_total, subtotal.amount), subtotal.currency)
