"""How money says no. A partner fails in two ways: unavailable (try again) and refused (don't)."""

from noirel.core.domain.errors import ShopError


class GatewayUnavailable(ShopError):
    """No answer, or one that says nothing: what happened at the other end is unknown."""

    code, status, title = "gateway_unavailable", 503, "The payment service can't be reached"


class GatewayRefused(ShopError):
    """The gateway understood, and said no."""

    code, status, title = "gateway_refused", 502, "The payment service refused"

    def __init__(self, detail: str = "", *, http_status: int = 400, reason: str = "", field: str = "") -> None:
        super().__init__(detail)
        self.http_status = http_status
        self.reason = reason
        self.field = field


class SignatureInvalid(ShopError):
    """It does not come from the gateway, or not for this order."""

    code, status, title = "signature_invalid", 400, "The signature is not valid"


class OrderNotPayable(ShopError):
    """Paid already, cancelled or expired."""

    code, status, title = "order_not_payable", 409, "The order can't be paid now"


class NothingToRefund(ShopError):
    """No payment of this order was captured, or all of it went back."""

    code, status, title = "nothing_to_refund", 409, "There is nothing to refund"


class RefundTooLarge(ShopError):
    """More than is left of what was captured; what was promised back already counts."""

    code, status, title = "refund_too_large", 409, "That is more than can be refunded"


class NothingToCapture(ShopError):
    """Nothing is authorised for this order, or the bank has let go of it."""

    code, status, title = "nothing_to_capture", 409, "There is nothing to capture"
