"""How the last step says no."""

from noirel.core.domain.errors import ShopError


class TotalChanged(ShopError):
    """The buyer agreed to a total that is no longer the total."""

    code, status, title = "total_changed", 409, "The total has changed"
    default_detail = "The total has changed. Check it before you pay."


class CartEmpty(ShopError):
    """There is nothing to buy."""

    code, status, title = "cart_empty", 409, "The bag is empty"
    default_detail = "The bag is empty."


class CartOutOfStock(ShopError):
    """Something in the bag can't be had in that number any more."""

    code, status, title = "out_of_stock", 409, "Not enough in stock"
    default_detail = "Some items in the bag are no longer available in that quantity."
