"""Money as an integer in the currency's minor unit. No function here accepts or returns a float. See ADR 0004."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import total_ordering

# ISO 4217; all other currencies have two decimals.
_NO_DECIMALS = frozenset(
    ["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"]
)
_THREE_DECIMALS = frozenset(["BHD", "IQD", "JOD", "KWD", "OMR", "TND"])
_SYMBOLS = {"INR": "₹", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}


def exponent(currency: str) -> int:
    """The number of decimals of a currency by ISO 4217 (JPY 0, INR 2, KWD 3)."""
    if currency in _NO_DECIMALS:
        return 0
    return 3 if currency in _THREE_DECIMALS else 2


# ISO 4217, list one of 2024: what is legal tender somewhere. Not in it: codes of funds, metals, tests (XTS) and of none (XXX).
CURRENCIES = frozenset(
    """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY COP
    CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR
    ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN
    MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD
    SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW
    ZWG
    """.split()  # noqa: SIM905
)


def is_currency(code: str) -> bool:
    """Whether it has the form of a currency code. What partners and older data name need not be in CURRENCIES."""
    return len(code) == 3 and code.isascii() and code.isalpha() and code.isupper()


def is_legal_tender(code: str) -> bool:
    """Whether it is the code of a currency that something can be priced in."""
    return code in CURRENCIES


class CurrencyMismatch(ValueError):
    """Amounts in different currencies were combined, which is always a bug."""


@total_ordering
@dataclass(frozen=True, slots=True)
class Money:
    """An amount in the minor unit (paise, cents, yen) of one currency."""

    amount: int
    currency: str

    def __post_init__(self) -> None:
        if isinstance(self.amount, bool) or not isinstance(self.amount, int):
            raise TypeError(f"An amount is an int in the minor unit, not {self.amount!r}")
        if not is_currency(self.currency):
            raise ValueError(f"Not a currency code: {self.currency!r}")

    @classmethod
    def zero(cls, currency: str) -> "Money":
        return cls(0, currency)

    def _same(self, other: "Money") -> int:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency}")
        return other.amount

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount - self._same(other), self.currency)

    def __mul__(self, times: int) -> "Money":
        if isinstance(times, bool) or not isinstance(times, int):
            raise TypeError("Money can only be multiplied by an int; use share_of for a fraction")
        return Money(self.amount * times, self.currency)

    __rmul__ = __mul__

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.amount < self._same(other)

    def __bool__(self) -> bool:
        return self.amount != 0

    def allocate(self, weights: Sequence[int]) -> list["Money"]:
        """Split by weights so that the parts add up to the whole (largest remainder method; ties go to the earlier part).

        Raises ValueError if a weight is negative, or if the weights add up to 0 and the amount does not.
        """
        if any(weight < 0 for weight in weights):
            raise ValueError("A weight can't be negative")
        total = sum(weights)
        if total == 0:
            if self.amount == 0:
                return [self] * len(weights)
            raise ValueError("The weights add up to 0")
        sign = -1 if self.amount < 0 else 1
        magnitude = abs(self.amount)
        parts = [magnitude * weight // total for weight in weights]
        remainders = [magnitude * weight % total for weight in weights]
        by_remainder = sorted(range(len(weights)), key=lambda index: -remainders[index])
        for index in by_remainder[: magnitude - sum(parts)]:
            parts[index] += 1
        return [Money(sign * part, self.currency) for part in parts]

    def json(self) -> dict[str, int | str]:
        return {"amount": self.amount, "currency": self.currency}


def share_of(amount: int, bps: int) -> int:
    """Return `bps` basis points (1/100 %) of an amount in the minor unit, rounded half away from zero."""
    return divide_half_up(amount * bps, 10_000)


def divide_half_up(numerator: int, denominator: int) -> int:
    """Integer division rounded half away from zero: 5/2 is 3, -5/2 is -3. Raises ValueError unless denominator > 0."""
    if denominator <= 0:
        raise ValueError("The denominator has to be positive")
    magnitude = (2 * abs(numerator) + denominator) // (2 * denominator)
    return -magnitude if numerator < 0 else magnitude


def inr(minor: int) -> Money:
    """Money in Indian rupees, from paise: `inr(12_500_00)` is ₹12,500."""
    return Money(minor, "INR")


def _grouped(digits: str, *, indian: bool) -> str:
    if not indian or len(digits) <= 3:
        return f"{int(digits):,}"
    head, tail = digits[:-3], digits[-3:]
    pairs = [head[max(0, end - 2) : end] for end in range(len(head), 0, -2)]
    return ",".join([*reversed(pairs), tail])


def format_money(money: Money) -> str:
    """Format for mails and logs in the en-IN locale: `₹12,500`, `₹1,25,000.50`, `KWD 1.250`. Web pages use `money.ts`."""
    decimals = exponent(money.currency)
    major, minor = divmod(abs(money.amount), 10**decimals)
    text = _grouped(str(major), indian=money.currency == "INR")
    # Zero decimals are omitted, except in currencies with three decimals.
    if minor or decimals == 3:
        text += f".{minor:0{decimals}d}"
    symbol = _SYMBOLS.get(money.currency, f"{money.currency} ")
    return f"{'−' if money.amount < 0 else ''}{symbol}{text}"


def decimal_string(money: Money) -> str:
    """For files: in the major unit, with all decimals of the currency and nothing else: `46600.00`, `JPY` `1450`."""
    decimals = exponent(money.currency)
    major, minor = divmod(abs(money.amount), 10**decimals)
    text = f"{major}.{minor:0{decimals}d}" if decimals else str(major)
    return f"-{text}" if money.amount < 0 else text


def format_amount(amount: int, currency: str) -> str:
    """Like `format_money`, for a currency named by an external system. An invalid code is shown as it is."""
    return format_money(Money(amount, currency)) if is_currency(currency) else f"{amount} {currency}".rstrip()
