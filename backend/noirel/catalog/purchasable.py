"""Whether shoppers can buy a variant by itself: it is in stock and has a price. Pure, and the same rule in SQL.

A variant priced 0 is not sold on its own: unlisted, it is a sample that goes along with an order (sellable.samples). Its stock
is counted like any other (`Variant.in_stock` is inventory's copy), but shoppers are never told that it is in stock.
"""

from typing import Protocol

NOT_SOLD_SEPARATELY = "This is not sold on its own."

# Of a row of catalog_variant with the alias {0}.
SOLD_SEPARATELY = "{0}.price_amount > 0"
PURCHASABLE = "({0}.in_stock AND {0}.price_amount > 0)"


class Priced(Protocol):
    price_amount: int
    in_stock: bool


def is_sold_separately(price_amount: int) -> bool:
    """price_amount: in minor units."""
    return price_amount > 0


def is_purchasable(variant: Priced) -> bool:
    return variant.in_stock and is_sold_separately(variant.price_amount)
