"""Errors of the order services."""

from noirel.core.domain.errors import ShopError


class TransitionNotAllowed(ShopError):
    """The order's status does not allow this."""

    code, status, title = "order_state", 409, "The order does not allow this now"


class RefundNeeded(ShopError):
    """The order is paid, so that cancelling it requires a refund."""

    code, status, title = "refund_needed", 409, "A paid order is cancelled with a refund"


class DisputeOpen(ShopError):
    """The payment is under dispute, so that money or goods might leave twice. `force` overrides this."""

    code, status, title = "dispute_open", 409, "The payment is disputed"


class DisputeLost(ShopError):
    """The buyer's bank has taken the money back."""

    code, status, title = "dispute_lost", 409, "The payment was lost to a dispute"


class NothingToFulfil(ShopError):
    """More units than are left to pack were requested, or none."""

    code, status, title = "nothing_to_fulfil", 409, "There is nothing left to pack"
