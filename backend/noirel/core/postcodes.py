"""Postal codes: how each country writes them, and for India which there are and where they lie.

The PINs of India are those of the directory in `data/`, and those that EXTRA_PIN_CODES adds until the next release has them.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings

from noirel.core.text import ascii_digits, without_invisible

# PINs of India by state and city: written by `python -m ops.postcodes`, which says where they are from.
_INDIA = Path(__file__).with_name("data") / "in-postcodes.tsv"

# The areas of British postcodes: the letters that they begin with.
_GB_AREAS = frozenset((
    "AB", "AL", "B", "BA", "BB", "BD", "BF", "BH", "BL", "BN", "BR", "BS", "BT", "BX", "CA", "CB", "CF", "CH", "CM",
    "CO", "CR", "CT", "CV", "CW", "DA", "DD", "DE", "DG", "DH", "DL", "DN", "DT", "DY", "E", "EC", "EH", "EN", "EX",
    "FK", "FY", "G", "GL", "GU", "GY", "HA", "HD", "HG", "HP", "HR", "HS", "HU", "HX", "IG", "IM", "IP", "IV", "JE",
    "KA", "KT", "KW", "KY", "L", "LA", "LD", "LE", "LL", "LN", "LS", "LU", "M", "ME", "MK", "ML", "N", "NE", "NG",
    "NN", "NP", "NR", "NW", "OL", "OX", "PA", "PE", "PH", "PL", "PO", "PR", "RG", "RH", "RM", "S", "SA", "SE", "SG",
    "SK", "SL", "SM", "SN", "SO", "SP", "SR", "SS", "ST", "SW", "SY", "TA", "TD", "TF", "TN", "TQ", "TR", "TS", "TW",
    "UB", "W", "WA", "WC", "WD", "WF", "WN", "WR", "WS", "WV", "YO", "ZE",
))  # fmt: skip

MOST = 12  # characters of a postal code, the longest that a column keeps


@dataclass(frozen=True, slots=True)
class Place:
    """Where a postal code lies. The region is a code of its country, the city a name; either is empty if it isn't known."""

    postcode: str
    region: str = ""
    city: str = ""


def canonical(country: str, text: str) -> str | None:
    """The postal code as its country writes it: `560001`, `SW1A 1AA`, `K1A 0B1`, `94103-1234`, `100-0001`.

    None if it can't be one. A country of whose codes we know no rule (or that has none) may have any, or an empty one.
    """
    written = " ".join(ascii_digits(without_invisible(text)).upper().split())
    rule = _RULES.get(country)
    if rule is None:
        return written if len(written) <= MOST else None
    pattern, form = rule
    match = re.fullmatch(pattern, re.sub(r"[\s.\-\u2010-\u2015\u2212]", "", _without_country(country, written)))
    if match is None or not _is_possible(country, match):
        return None
    if country == "US" and match[2]:
        return f"{match[1]}-{match[2]}"
    return match.expand(form)


def _without_country(country: str, written: str) -> str:
    """`IN-560001` and `D-80331` on letters from abroad; Japan marks its codes."""
    marks = {"DE": "DE|D", "FR": "FR|F", "JP": "JP|\u3012"}.get(country, country)
    return re.sub(rf"^(?:{marks})[ -]?(?=\d)|^{country}[ -]", "", written)


# By country: the code without spaces and dashes, and how it is written.
_RULES: dict[str, tuple[str, str]] = {
    "AU": (r"(0[289]\d\d|[1-9]\d{3})", r"\1"),
    "CA": (r"([ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z])(\d[ABCEGHJ-NPRSTV-Z]\d)", r"\1 \2"),
    "DE": (r"(?!00)(\d{5})", r"\1"),
    "FR": (r"(?!00|99)(\d{5})", r"\1"),
    "GB": (r"([A-Z]{1,2}\d[A-Z\d]?|GIR)(\d[A-Z]{2}|0AA)", r"\1 \2"),
    "IN": (r"([1-9]\d{5})", r"\1"),
    "JP": (r"(?!000)(\d{3})(\d{4})", r"\1-\2"),
    "SG": (r"(?!00|8[3-9]|9)(\d{6})", r"\1"),
    "US": (r"(\d{5})(?:(\d{4}))?", r"\1"),
}


def _is_possible(country: str, match: re.Match[str]) -> bool:
    if country == "GB":
        area = re.match(r"[A-Z]+", match[1])
        return area is not None and (area[0] in _GB_AREAS or match[1] == "GIR")
    if country == "US":
        return 501 <= int(match[1]) <= 99950
    return True


def place_of(country: str, postcode: str) -> Place | None:
    """Where a postal code lies, however it is written; None for one that doesn't exist as far as we know."""
    code = canonical(country, postcode)
    if code is None:
        return None
    if country != "IN":
        return Place(code)
    region_and_city = _pins().get(code)
    if region_and_city:
        return Place(code, *region_and_city)
    return Place(code, settings.EXTRA_PIN_CODES[code]) if code in settings.EXTRA_PIN_CODES else None


@cache
def _pins() -> dict[str, tuple[str, str]]:
    """Every PIN with its state's code and its city. Read once, in some ten milliseconds."""
    pins: dict[str, tuple[str, str]] = {}
    for line in _INDIA.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        region, city, codes = line.split("\t")
        where = (region, city)
        for part in codes.split(" "):
            first, _, last = part.partition("-")
            for code in range(int(first), int(last or first) + 1):
                pins[str(code)] = where
    return pins
