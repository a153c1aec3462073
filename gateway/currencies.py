"""Currencies: how many digits, and what an amount must be."""

from gateway.errors import Refusal

_NO_DIGITS = frozenset(
    ["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"]
)
_THREE_DIGITS = frozenset(["BHD", "IQD", "JOD", "KWD", "OMR", "TND"])
_TWO_DIGITS = frozenset(
    [
        "AED",
        "ALL",
        "AMD",
        "ARS",
        "AUD",
        "AWG",
        "AZN",
        "BAM",
        "BBD",
        "BDT",
        "BGN",
        "BMD",
        "BND",
        "BOB",
        "BRL",
        "BSD",
        "BTN",
        "BWP",
        "BZD",
        "CAD",
        "CHF",
        "CNY",
        "COP",
        "CRC",
        "CUP",
        "CVE",
        "CZK",
        "DKK",
        "DOP",
        "DZD",
        "EGP",
        "ETB",
        "EUR",
        "FJD",
        "GBP",
        "GHS",
        "GIP",
        "GMD",
        "GTQ",
        "GYD",
        "HKD",
        "HNL",
        "HRK",
        "HTG",
        "HUF",
        "IDR",
        "ILS",
        "INR",
        "JMD",
        "KES",
        "KGS",
        "KHR",
        "KYD",
        "KZT",
        "LAK",
        "LKR",
        "LRD",
        "LSL",
        "MAD",
        "MDL",
        "MGA",
        "MKD",
        "MMK",
        "MNT",
        "MOP",
        "MUR",
        "MVR",
        "MWK",
        "MXN",
        "MYR",
        "MZN",
        "NAD",
        "NGN",
        "NIO",
        "NOK",
        "NPR",
        "NZD",
        "PEN",
        "PGK",
        "PHP",
        "PKR",
        "PLN",
        "QAR",
        "RON",
        "RSD",
        "RUB",
        "SAR",
        "SCR",
        "SEK",
        "SGD",
        "SLL",
        "SOS",
        "SSP",
        "SVC",
        "SZL",
        "THB",
        "TRY",
        "TTD",
        "TWD",
        "TZS",
        "UAH",
        "USD",
        "UYU",
        "UZS",
        "YER",
        "ZAR",
        "ZMW",
    ]
)
SUPPORTED = _NO_DIGITS | _TWO_DIGITS | _THREE_DIGITS

# The account's maximum: one crore rupees. Razorpay sets it per account and publishes no figure.
MAXIMUM_AMOUNT = 1_00_00_000_00


def exponent(currency: str) -> int:
    """How many decimal digits the currency's minor unit has."""
    return 0 if currency in _NO_DIGITS else 3 if currency in _THREE_DIGITS else 2


def check_amount(amount: int, currency: str) -> None:
    """Raises Refusal unless Razorpay would take this amount (minor units) in this currency."""
    if currency == "INR" and amount < 100:
        raise Refusal("The amount must be at least INR 1.00", field="amount")
    if amount < 1:
        raise Refusal(f"The amount must be at least {currency} 1 minor unit", field="amount")
    if amount > MAXIMUM_AMOUNT:
        raise Refusal("Amount exceeds maximum amount allowed.", field="amount")
    if currency in _THREE_DIGITS and amount % 10:
        raise Refusal(f"The last digit of an amount in {currency} must be 0.", field="amount")
