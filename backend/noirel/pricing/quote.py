"""What a purchase costs. Pure: no clock, no database, no request.

Prices include tax. Tax is taken out of each line by itself and rounded half up (ADR 0004), so what the
invoice lists always adds up to what was charged.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from noirel.catalog.sellable import SellableVariant
from noirel.core.domain.money import Money, divide_half_up, share_of


@dataclass(frozen=True)
class Ahead:
    """So many units of a line are sold before they are here; expected_on None: nobody knows the day yet."""

    policy: str
    units: int
    expected_on: date | None

    def json(self) -> dict[str, Any]:
        day = self.expected_on.isoformat() if self.expected_on else None
        return {"policy": self.policy, "units": self.units, "expected_on": day}


@dataclass(frozen=True)
class QuoteLine:
    """So many of one thing, as asked for. `key` is the asker's own name for the line."""

    item: SellableVariant
    quantity: int
    key: str = ""
    engraving: str = ""
    ahead: Ahead | None = None


@dataclass(frozen=True)
class ShippingOption:
    """A way of delivery at the price it has for this purchase, tax included."""

    code: str
    name: str
    price: Money
    tax_rate_bps: int = 1800


@dataclass(frozen=True)
class DiscountRule:
    """Money off the goods: `value` is basis points for "percent", minor units for "amount"."""

    code: str
    kind: Literal["percent", "amount"]
    value: int


@dataclass(frozen=True)
class QuotedLine:
    """One line's sums, all of them tax included except `tax`, which is the part of `total` that is tax."""

    asked: QuoteLine
    subtotal: Money
    discount: Money
    total: Money
    tax: Money


@dataclass(frozen=True)
class Quote:
    """total = subtotal - discount + shipping; tax is contained in total."""

    lines: tuple[QuotedLine, ...]
    shipping_option: ShippingOption | None
    discount_rule: DiscountRule | None
    subtotal: Money
    discount: Money
    shipping: Money
    tax: Money
    total: Money


def tax_within(gross: Money, rate_bps: int) -> Money:
    """The tax inside a price that includes it, rounded half up to the minor unit.

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
    """Add a purchase up.

    A discount is split over the lines by their value with the largest remainder, so that its parts add up to it again.
    Nothing is shipped when there are no lines, so an empty purchase costs nothing.
    """
    zero = Money(0, currency)
    gross = [line.item.price * line.quantity for line in lines]
    subtotal = sum(gross, zero)
    off = _discount(subtotal, discount)
    shares = off.allocate([part.amount for part in gross]) if off.amount else [zero] * len(gross)
    quoted = []
    for line, before, share in zip(lines, gross, shares, strict=True):
        total = before - share
        quoted.append(
            QuotedLine(asked=line, subtotal=before, discount=share, total=total, tax=tax_within(total, line.item.tax_rate_bps))
        )
    freight = shipping.price if shipping and lines else zero
    freight_tax = tax_within(freight, shipping.tax_rate_bps) if shipping else zero
    return Quote(
        lines=tuple(quoted),
        shipping_option=shipping,
        discount_rule=discount,
        subtotal=subtotal,
        discount=off,
        shipping=freight,
        tax=sum((line.tax for line in quoted), freight_tax),
        total=subtotal - off + freight,
    )


def _discount(subtotal: Money, rule: DiscountRule | None) -> Money:
    if rule is None:
        return Money(0, subtotal.currency)
    off = share_of(subtotal.amount, rule.value) if rule.kind == "percent" else rule.value
    return Money(min(off, subtotal.amount), subtotal.currency)
