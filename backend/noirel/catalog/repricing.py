"""What a price becomes when it goes up or down by percent or by a sum: pure."""

from dataclasses import dataclass

MOST_AMOUNT = 2**53 - 1  # what JSON readers everywhere keep exactly


@dataclass(frozen=True, slots=True)
class Repricing:
    """percent_bps up or down (-2000: a fifth off), then sum minor units of that currency up or down, rounded half up to a
    multiple of `to` minor units.

    compare_at "keep" leaves the former price as it is; "was" makes the price before the former one, unless a higher one stands
    there already; "none" takes it away.
    """

    percent_bps: int = 0
    to: int = 1
    compare_at: str = "keep"
    sum: int = 0
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Prices:
    """In minor units of one currency."""

    price: int
    compare_at: int | None


def repriced(now: Prices, by: Repricing, currency: str) -> Prices | str:
    """The new prices, or in a sentence why there are none. currency: of the prices as they are."""
    if by.sum and by.currency != currency:
        return f"Its price is in {currency}."
    step = 10_000 * by.to
    exact = now.price * (10_000 + by.percent_bps) + by.sum * 10_000
    price = (2 * exact + step) // (2 * step) * by.to
    if price < 0 or price == 0 < now.price:
        return "It would cost nothing."
    if price > MOST_AMOUNT:
        return "That is too much to be written down."
    former = now.compare_at
    if by.compare_at == "none":
        former = None
    elif by.compare_at == "was" and price < now.price:
        former = max(now.price, former or 0)
    if former is not None and former <= price:
        return "Its former price would not be above its price."
    return Prices(price, former)
