"""Who a person is, as far as a shop can honestly tell: a few keys, each of which names one person. Pure.

| key | made of | two people share it when |
| --- | --- | --- |
| user | the account | they share an account |
| mail | the address without case, without a `+tag`; at Gmail also without dots | they share a mailbox |
| phone | the number's digits, the last ten of them | they share a phone |
| place | the delivery address, without spelling, spaces and common abbreviations | they live together |

A share counts for every key its buyer has, so five mails to one door, or one phone with five names, are one person. A household
is why the place has a limit of its own (`per_address`). What this does not catch: somebody with several mails, phones *and*
addresses. Nothing short of papers would, and a shop has no business asking for those.

Kept as keyed hashes: the tables that count shares have no address in them.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.utils.crypto import salted_hmac

_GMAIL = {"gmail.com", "googlemail.com"}
# What people write in two ways. Whole words only.
_SHORT = {
    "apartment": "flat", "apt": "flat", "unit": "flat", "fl": "flat", "street": "st", "road": "rd", "avenue": "ave",
    "av": "ave", "lane": "ln", "drive": "dr", "building": "bldg", "bld": "bldg", "floor": "flr", "number": "no", "house": "no",
    "hno": "no", "society": "soc", "sector": "sec", "block": "blk", "near": "nr", "opposite": "opp", "saint": "st",
}  # fmt: skip
PLACE = "place"


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of a buyer. Anything may be missing; emails are all that are known for them."""

    user_id: UUID | None = None
    emails: tuple[str, ...] = ()
    phone: str = ""
    address: Mapping[str, str] = field(default_factory=dict)


def keys_of(person: Person) -> list[str]:
    """The person's keys, sorted: whoever locks them does it in this order."""
    named = {("mail", plain_email(email)) for email in person.emails if email}
    if person.user_id:
        named.add(("user", str(person.user_id)))
    if digits := plain_phone(person.phone):
        named.add(("phone", digits))
    if place := plain_place(person.address):
        named.add((PLACE, place))
    return sorted(
        f"{kind}:{salted_hmac('noirel.drops.person', text, algorithm='sha256').hexdigest()[:40]}" for kind, text in named
    )


def plain_email(email: str) -> str:
    """`I.Ra+drop@GoogleMail.com` is `ira@gmail.com`."""
    local, _, domain = unicodedata.normalize("NFKC", email).strip().lower().rpartition("@")
    local = local.partition("+")[0] or local
    if domain in _GMAIL:
        local, domain = local.replace(".", ""), "gmail.com"
    return f"{local}@{domain}"


def plain_phone(phone: str) -> str:
    """The last ten digits: with or without the country's code, or a 0 in front, it rings in the same pocket."""
    digits = "".join(str(unicodedata.digit(letter)) for letter in phone if letter.isdigit())
    return digits[-10:] if len(digits) >= 6 else ""


def plain_place(address: Mapping[str, str]) -> str:
    """One spelling of a delivery address: its lines as one, without accents, signs and case, then postcode and country."""
    lines = f"{address.get('line1', '')} {address.get('line2', '')}"
    bare = "".join(letter for letter in unicodedata.normalize("NFKD", lines).casefold() if not unicodedata.combining(letter))
    # "12b" and "12 B", "flat-4" and "Flat 4": letters and numbers each for themselves.
    words = [_SHORT.get(word, word) for word in re.findall(r"[^\W\d_]+|\d+", bare)]
    if not words:
        return ""
    code = re.sub(r"\W", "", address.get("postcode", "")).casefold()
    return f"{''.join(words)}|{code or address.get('city', '').casefold()}|{address.get('country', '')}"
