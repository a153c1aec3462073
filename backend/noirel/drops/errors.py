"""How a drop says no."""

from noirel.core.domain.errors import ShopError


class DropNotOpen(ShopError):
    """Members: drop, opens_at, lines [{"sku"}]."""

    code, status, title = "drop_not_open", 409, "Not open yet"
    default_detail = "This drop hasn't opened yet."


class DropClosed(ShopError):
    """Members: drop, lines [{"sku"}]."""

    code, status, title = "drop_closed", 409, "This drop has closed"
    default_detail = "This drop has closed."


class DropByLot(ShopError):
    """Only who was drawn can buy it, and only with the right that was drawn. Members: drop, lines [{"sku"}]."""

    code, status, title = "drop_by_lot", 409, "Sold by lot"
    default_detail = "Only winners of the draw can buy this."


class ShareUsed(ShopError):
    """More than a share. limit says whose: that of a person (per_person) or of a delivery address (per_address). left is what
    may still be bought under it."""

    code, status, title = "drop_limit", 409, "More than your share"
    default_detail = "That is more than one person may buy of this drop."


class DropFixed(ShopError):
    """The drop's status does not allow the change. Members: drop_status."""

    code, status, title = "drop_fixed", 409, "Too late, or too early, for that"
    default_detail = "This drop's status doesn't allow that."
