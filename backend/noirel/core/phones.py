"""Parses telephone numbers as people write them into E.164 (`+919886012345`). Pure."""

import re

import phonenumbers

from noirel.core.text import ascii_digits, without_invisible

_LETTER = re.compile(r"[^\W\d_]")


class PhoneInvalid(ValueError):
    """Not a valid telephone number."""


def e164(text: str, *, country: str) -> str:
    """Return the number in E.164.

    country: the ISO 3166-1 alpha-2 code of the country to assume for a number without a country code.

    Raises PhoneInvalid for anything that can't be dialled: too few digits, letters, an extension, or an unassigned range.
    """
    written = ascii_digits(without_invisible(text)).strip()
    # "(+91) 98860-12345" and "0091 98860 12345" are as common as "+91 98860 12345".
    written = re.sub(r"^\(\s*\+\s*(\d+)\s*\)", r"+\1 ", written)
    if _LETTER.search(written):
        raise PhoneInvalid(text)
    candidates = [written]
    if written.startswith("00"):
        candidates.insert(0, "+" + written[2:])
    for candidate in candidates:
        try:
            number = phonenumbers.parse(candidate, country)
        except phonenumbers.NumberParseException:
            continue
        if number.extension is None and phonenumbers.is_valid_number(number):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    raise PhoneInvalid(text)
