"""How an order says no."""

from noirel.core.errors import ShopError


class MoveNotAllowed(ShopError):
    """The order is past that."""

    code, status, title = "order_state", 409, "The order does not allow this now"


class RefundNeeded(ShopError):
    """It is paid; letting go of it means sending money back."""

    code, status, title = "refund_needed", 409, "A paid order is cancelled with a refund"


class NothingToFulfil(ShopError):
    """More was to be packed than is left to pack, or nothing at all."""

    code, status, title = "nothing_to_fulfil", 409, "There is nothing left to pack"
