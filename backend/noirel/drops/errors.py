"""How a drop says no."""

from noirel.core.domain.errors import ShopError


class DropNotOpen(ShopError):
    """It can be bought from opens_at on. lines: [{"sku"}]."""

    code, status, title = "drop_not_open", 409, "Not open yet"


class DropClosed(ShopError):
    """Its time is over. lines: [{"sku"}]."""

    code, status, title = "drop_closed", 409, "This drop has closed"


class DropByLot(ShopError):
    """Only who was drawn can buy it, and only with the right that was drawn. lines: [{"sku"}]."""

    code, status, title = "drop_by_lot", 409, "Sold by lot"


class ShareUsed(ShopError):
    """More than a share. limit says whose: that of a person (per_person) or of a delivery address (per_address). left is what
    may still be bought under it."""

    code, status, title = "drop_limit", 409, "More than your share"


class DropFixed(ShopError):
    """It is past the point where that could be done. drop_status: where it is."""

    code, status, title = "drop_fixed", 409, "Too late, or too early, for that"
