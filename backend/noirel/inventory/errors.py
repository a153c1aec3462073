from noirel.core.domain.errors import ShopError


class OutOfStock(ShopError):
    """There is less left than was asked for. lines: [{"sku", "requested", "available"}]."""

    code, status, title = "out_of_stock", 409, "Not enough in stock"


class StockBelowReserved(ShopError):
    """Orders hold more than would be left."""

    code, status, title = "stock_below_reserved", 409, "Orders hold more than that"


class CountMoved(ShopError):
    """Stock moved while it was counted. Look at what is there now, and count what moved again."""

    code, status, title = "count_moved", 409, "Stock has moved since"
