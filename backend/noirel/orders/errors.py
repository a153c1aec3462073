"""How an order says no."""

from noirel.core.domain.errors import ShopError


class MoveNotAllowed(ShopError):
    """The order is past that."""

    code, status, title = "order_state", 409, "The order does not allow this now"


class RefundNeeded(ShopError):
    """It is paid; letting go of it means sending money back."""

    code, status, title = "refund_needed", 409, "A paid order is cancelled with a refund"


class DisputeOpen(ShopError):
    """The buyer's bank is reviewing a dispute over the payment: money or goods would leave twice. `force` does it anyway."""

    code, status, title = "dispute_open", 409, "The payment is disputed"


class DisputeLost(ShopError):
    """The buyer's bank has taken the money back."""

    code, status, title = "dispute_lost", 409, "The payment was lost to a dispute"


class NothingToFulfil(ShopError):
    """More was to be packed than is left to pack, or nothing at all."""

    code, status, title = "nothing_to_fulfil", 409, "There is nothing left to pack"
