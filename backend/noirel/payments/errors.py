"""Errors of the payment services. Gateway failures are either unavailable (retry) or refused (do not retry)."""

from noirel.core.domain.errors import ShopError


class GatewayUnavailable(ShopError):
    """No usable answer from the gateway. Whether the call took effect is unknown."""

    code, status, title = "gateway_unavailable", 503, "The payment service can't be reached"
    default_detail = "The payment service isn't responding. Try again in a moment."


class GatewayBusy(GatewayUnavailable):
    """Too many calls wait for the gateway; this one was not made."""

    default_detail = "The payment service is slow at the moment. Nothing was charged. Try again in a few seconds."


class GatewayRefused(ShopError):
    """The gateway rejected the request."""

    code, status, title = "gateway_refused", 502, "The payment service refused"
    default_detail = "The payment service refused the request."

    def __init__(self, detail: str = "", *, http_status: int = 400, reason: str = "", field: str = "") -> None:
        super().__init__(detail)
        self.http_status = http_status
        self.reason = reason
        self.field = field


class SignatureInvalid(ShopError):
    """The signature was not made by the gateway, or not for this order."""

    code, status, title = "signature_invalid", 400, "The signature is not valid"
    default_detail = "The payment signature doesn't match this order."


class OrderNotPayable(ShopError):
    """The order is already paid, cancelled or expired."""

    code, status, title = "order_not_payable", 409, "The order can't be paid now"
    default_detail = "This order is already paid, cancelled or expired."


class NothingToRefund(ShopError):
    """No payment of the order was captured, or all of it has been refunded."""

    code, status, title = "nothing_to_refund", 409, "There is nothing to refund"
    default_detail = "No payment of this order can be refunded."


class RefundTooLarge(ShopError):
    """The amount exceeds what is left of the captured payment. Requested refunds count as spent."""

    code, status, title = "refund_too_large", 409, "That is more than can be refunded"
    default_detail = "That is more than can still be refunded."


class NothingToCapture(ShopError):
    """The order has no authorized payment, or its authorization has lapsed."""

    code, status, title = "nothing_to_capture", 409, "There is nothing to capture"
    default_detail = "No payment of this order is authorised."
