"""The documented test cards and UPI addresses, and the ways a payment fails."""

from dataclasses import dataclass

from gateway.errors import JSON


@dataclass(frozen=True)
class Failure:
    """Why the bank said no, in the words of Razorpay's payment errors."""

    reason: str
    description: str
    step: str = "payment_authorization"
    source: str = "issuer_bank"
    code: str = "BAD_REQUEST_ERROR"

    def error(self, payment_id: str, order_id: str) -> JSON:
        """The object under `error` that `payment.failed` listeners get."""
        return {
            "code": self.code,
            "description": self.description,
            "source": self.source,
            "step": self.step,
            "reason": self.reason,
            "metadata": {"payment_id": payment_id, "order_id": order_id},
        }


_FAILURES = (
    Failure(
        "payment_failed",
        "Your payment didn't go through as it was declined by the bank. "
        "Try another payment method or contact your bank.",
    ),
    Failure(
        "payment_timed_out",
        "Your payment was not completed on time. Try again after some time.",
        step="payment_authentication",
        source="customer",
    ),
    Failure(
        "insufficient_fund",
        "Your payment could not be completed due to insufficient account balance. "
        "Try again with another card or account.",
        source="customer",
    ),
    Failure(
        "payment_cancelled",
        "Your payment has been cancelled. Try again or complete the payment later.",
        step="payment_authentication",
        source="customer",
    ),
    Failure(
        "card_declined", "Your payment was declined by the bank. Try another card or contact your bank for details."
    ),
    Failure(
        "card_disabled_for_online_payments",
        "Your card is disabled for online payments. Try another card or contact your bank.",
        source="customer",
    ),
    Failure(
        "card_number_invalid",
        "You've entered an incorrect card number. Try again.",
        step="payment_initiation",
        source="customer",
    ),
    Failure(
        "gateway_technical_error",
        "Your payment could not be completed due to a temporary technical issue. Try again later.",
        source="gateway",
        code="GATEWAY_ERROR",
    ),
    Failure(
        "authentication_failed",
        "Your payment could not be completed as the authentication failed. Try again later.",
        step="payment_authentication",
        source="gateway",
        code="GATEWAY_ERROR",
    ),
    Failure(
        "incorrect_otp",
        "You've entered an incorrect OTP. Try again.",
        step="payment_authentication",
        source="customer",
    ),
    Failure(
        "invalid_vpa", "You've entered an incorrect UPI ID. Try again.", step="payment_initiation", source="customer"
    ),
)
FAILURES = {failure.reason: failure for failure in _FAILURES}

# What failure@razorpay answers: its step is payment_response.
UPI_FAILED = Failure(
    "payment_failed",
    "Your payment was unsuccessful as it was declined by your UPI app. Try again or use another payment method.",
    step="payment_response",
    source="customer_psp",
)

_SUCCEEDING = [
    "4100280000001007",
    "5500670000001002",
    "6527658900001005",
    "36082800091007",
    "340256000401007",
    "5555555555554444",
    "5105105105105100",
    "4012888888881881",
]
_INTERNATIONAL = frozenset(("5555555555554444", "5105105105105100", "4012888888881881"))
FAILING_CARDS = {
    "4100280000090000": "payment_timed_out",
    "5305620000060000": "payment_timed_out",
    "4100280000080001": "insufficient_fund",
    "5305620000050001": "insufficient_fund",
    "4100280000070002": "payment_cancelled",
    "5305620000040002": "payment_cancelled",
    "4100280000060003": "card_declined",
    "4100280000050004": "card_declined",
    "4100280000040005": "card_declined",
    "5305620000030003": "card_declined",
    "5305620000020004": "card_declined",
    "5305620000010005": "card_declined",
    "4100280000030006": "card_disabled_for_online_payments",
    "5305620000000006": "card_disabled_for_online_payments",
    "4100280000010008": "card_number_invalid",
    "5305620000080008": "card_number_invalid",
    "4100280000020007": "gateway_technical_error",
    "5305620000090007": "gateway_technical_error",
    "4100280000000009": "authentication_failed",
    "5305620000070009": "authentication_failed",
}
DEFAULT_CARD = _SUCCEEDING[0]
UPI_SUCCESS, UPI_FAILURE = "success@razorpay", "failure@razorpay"
BANKS = {"HDFC": "HDFC Bank", "ICIC": "ICICI Bank", "SBIN": "State Bank of India", "UTIB": "Axis Bank"}
WALLETS = {"mobikwik": "MobiKwik", "olamoney": "Ola Money", "phonepe": "PhonePe"}


def is_card_number(number: str) -> bool:
    """Whether a payment may be tried with it: a documented test card, or one with a right check digit."""
    if number in FAILING_CARDS or number in _SUCCEEDING:
        return True
    if not (number.isascii() and number.isdigit() and 12 <= len(number) <= 19):
        return False
    doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(number))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def network(number: str) -> str:
    if number.startswith("4"):
        return "Visa"
    if number[:2] in {"34", "37"}:
        return "American Express"
    if number[:2] in {"36", "38", "30"}:
        return "Diners Club"
    if number[:2] in {"60", "65", "81", "82"}:
        return "RuPay"
    return "MasterCard" if number[:1] in {"5", "2"} else "Unknown"


def card_entity(card_id: str, number: str, name: str) -> JSON:
    """What may be known of a card afterwards; never its number."""
    return {
        "id": card_id,
        "entity": "card",
        "name": name,
        "last4": number[-4:],
        "network": network(number),
        "type": "credit" if network(number) in {"American Express", "Diners Club"} else "debit",
        "issuer": None if number in _INTERNATIONAL else "HDFC",
        "international": number in _INTERNATIONAL,
        "emi": False,
        "sub_type": "consumer",
    }
