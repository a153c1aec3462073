"""Errors of the inventory services."""

from noirel.core.domain.errors import ShopError


class OutOfStock(ShopError):
    """Fewer units are available than requested. `lines` is [{"sku", "requested", "available"}]."""

    code, status, title = "out_of_stock", 409, "Not enough in stock"
    default_detail = "There are fewer units left than requested."


class StockBelowReserved(ShopError):
    """The change would leave fewer units than orders have reserved or committed."""

    code, status, title = "stock_below_reserved", 409, "Orders hold more than that"
    default_detail = "Orders hold more units than would be left."


class CountMoved(ShopError):
    """The quantity on hand changed during a stock count, so that the variant has to be counted again."""

    code, status, title = "count_moved", 409, "Stock has moved since"
    default_detail = "Stock has moved since the count began. Check the new figure and count again."
