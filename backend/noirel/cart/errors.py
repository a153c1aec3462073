"""Errors of the cart services."""

from noirel.core.domain.errors import ShopError


class LineOutOfStock(ShopError):
    """More units than are available were requested."""

    code, status, title = "out_of_stock", 409, "Not enough in stock"
    default_detail = "There are fewer units left than requested."


class LineUnavailable(ShopError):
    """The variant exists, but is not for sale."""

    code, status, title = "unavailable", 409, "Not for sale at the moment"
    default_detail = "This is not for sale at the moment."


class NotSoldSeparately(LineUnavailable):
    """The variant is a free sample that is sent along with orders and can't be bought."""

    code, title = "not_sold_separately", "Not sold on its own"
    default_detail = "This is a free sample. It comes with an order and can't be bought on its own."


class CartFull(ShopError):
    """The cart holds the maximum number of lines."""

    code, status, title = "cart_full", 409, "The bag is full"
    default_detail = "The bag can't hold more different items."


class QuantityLimit(ShopError):
    """The line exceeds the maximum quantity."""

    code, status, title = "quantity_limit", 409, "Too many of one thing"
    default_detail = "The bag can't hold more units of one item."
