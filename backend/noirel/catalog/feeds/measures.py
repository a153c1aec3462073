"""How much is in it, read from what an option says: "50 ml", "1.7 fl oz", "50 ml / 1.7 fl oz". Only what is certain.

Pure. A price for each 100 ml that is wrong is worse than none, so all of a text has to be understood: "3 x 10 ml" is several,
"oz" alone is a weight on soap and a volume on perfume, "2L" is a size of shirts, "1,000 g" is one or a thousand, "500 mg" and
"30 cm" tell a strength and a length.

Source: Google Merchant Center Help, "Unit pricing measure" and "Unit pricing base measure" (units, and the numbers a base may
have); NIST Handbook 44, appendix C (the US fluid ounce and the pound).
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

LABELS = {"size", "volume", "weight", "net weight", "content", "contents"}  # of options, folded


class Measure(NamedTuple):
    measure: str  # "50ml", as the feed writes it
    base: str  # what a price is told for: "100ml"


class _Unit(NamedTuple):
    name: str
    kind: str
    size: Decimal  # in ml or g
    base: str


_UNITS = {
    **dict.fromkeys(("ml", "ML", "mL", "Ml"), _Unit("ml", "volume", Decimal(1), "100ml")),
    **dict.fromkeys(("cl", "cL"), _Unit("cl", "volume", Decimal(10), "100cl")),
    **dict.fromkeys(("l", " L", "litre", "litres", "liter", "liters"), _Unit("l", "volume", Decimal(1000), "1l")),
    "floz": _Unit("floz", "volume", Decimal("29.5735295625"), "1floz"),
    **dict.fromkeys(("g", "gr", "gram", "grams"), _Unit("g", "weight", Decimal(1), "100g")),
    **dict.fromkeys(("kg", "Kg", "KG"), _Unit("kg", "weight", Decimal(1000), "1kg")),
    **dict.fromkeys(("lb", "lbs"), _Unit("lb", "weight", Decimal("453.59237"), "1lb")),
}
_TOLD = re.compile(r"(?P<number>[0-9]{1,5}(?:[.,][0-9]{1,2})?|0[.,][0-9]{1,3})(?P<unit> ?[A-Za-z]+\.?(?: ?[Oo][Zz]\.?)?)")
_APART = re.compile(r"\s*[/|(·]\s*")
_SAME = Decimal("0.05")  # labels round: 50 ml is 1.69 fl oz, and 1.7 is printed


def measure_of(options: Mapping[str, str]) -> Measure | None:
    """What the options of a variant, {label: value}, say of how much is in it; None if it is not certain."""
    told = {measure for label, value in options.items() if label.casefold() in LABELS and (measure := read(value))}
    return told.pop() if len(told) == 1 else None


def read(text: str) -> Measure | None:
    """A text that is one amount, or the same one twice in other units: then the first is told."""
    parts = [_read(part) for part in _APART.split(text.strip().removesuffix(")").rstrip())]
    first = parts[0]
    if first is None:
        return None
    for part in parts[1:]:
        if part is None or part[1].kind != first[1].kind:
            return None
        if abs(part[0] * part[1].size / (first[0] * first[1].size) - 1) > _SAME:
            return None
    number, unit = first
    return Measure(f"{number.normalize():f}{unit.name}", unit.base)


def _read(text: str) -> tuple[Decimal, _Unit] | None:
    found = _TOLD.fullmatch(" ".join(text.split()))
    if found is None:
        return None
    written = found["unit"]
    is_ounces = re.fullmatch(r" ?fl\.? ?oz\.?", written, re.IGNORECASE)
    word = written.strip().removesuffix(".")
    word = word.lower() if len(word) > 3 else word
    unit = _UNITS["floz"] if is_ounces else _UNITS.get(written) or _UNITS.get(word)
    number = Decimal(found["number"].replace(",", "."))
    return (number, unit) if unit and number else None
