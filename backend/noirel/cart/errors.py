"""How a cart says no."""

from noirel.core.domain.errors import ShopError


class LineOutOfStock(ShopError):
    """More was asked for than can be had."""

    code, status, title = "out_of_stock", 409, "Not enough in stock"


class LineUnavailable(ShopError):
    """It exists, but is not for sale now."""

    code, status, title = "unavailable", 409, "Not for sale at the moment"


class NotSoldSeparately(LineUnavailable):
    """It costs nothing: it goes along with an order, as a sample, and can't be bought."""

    code, title = "not_sold_separately", "Not sold on its own"


class CartFull(ShopError):
    """A cart holds so many different lines and no more."""

    code, status, title = "cart_full", 409, "The bag is full"


class QuantityLimit(ShopError):
    """One line holds so many units and no more."""

    code, status, title = "quantity_limit", 409, "Too many of one thing"
