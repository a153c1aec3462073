"""Errors of the order services."""

from noirel.core.domain.errors import ShopError


class TransitionNotAllowed(ShopError):
    """The order's status does not allow this."""

    code, status, title = "order_state", 409, "The order does not allow this now"
    default_detail = "The order's status doesn't allow that."


class RefundNeeded(ShopError):
    """The order is paid, so that cancelling it requires a refund."""

    code, status, title = "refund_needed", 409, "A paid order is cancelled with a refund"
    default_detail = "This order is paid. Cancelling it means refunding it."


class DisputeOpen(ShopError):
    """The payment is under dispute, so that money or goods might leave twice. `force` overrides this."""

    code, status, title = "dispute_open", 409, "The payment is disputed"
    default_detail = "The buyer's bank is reviewing a dispute over this payment. Money or goods could leave twice."


class DisputeLost(ShopError):
    code, status, title = "dispute_lost", 409, "The payment was lost to a dispute"
    default_detail = "The buyer's bank has taken the money back."


class NothingToFulfil(ShopError):
    """More units than are left to pack were requested, or none."""

    code, status, title = "nothing_to_fulfil", 409, "There is nothing left to pack"
    default_detail = "There are no units left to pack."
