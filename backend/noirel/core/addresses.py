"""Postal addresses, and what a country asks of one."""

import re
from dataclasses import asdict, dataclass
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from noirel.core.api import In, Out


@dataclass(frozen=True, slots=True)
class Country:
    code: str  # ISO 3166-1 alpha-2
    name: str
    postcode_label: str
    postcode_pattern: str | None = None  # for browsers and for us; None: no postcodes, or no rule
    postcode_hint: str = ""
    regions: tuple[tuple[str, str], ...] = ()  # ISO 3166-2 without the country; empty: free text


_INDIA = (
    ("AN", "Andaman and Nicobar Islands"), ("AP", "Andhra Pradesh"), ("AR", "Arunachal Pradesh"), ("AS", "Assam"),
    ("BR", "Bihar"), ("CH", "Chandigarh"), ("CG", "Chhattisgarh"), ("DH", "Dadra and Nagar Haveli and Daman and Diu"),
    ("DL", "Delhi"), ("GA", "Goa"), ("GJ", "Gujarat"), ("HR", "Haryana"), ("HP", "Himachal Pradesh"),
    ("JK", "Jammu and Kashmir"), ("JH", "Jharkhand"), ("KA", "Karnataka"), ("KL", "Kerala"), ("LA", "Ladakh"),
    ("LD", "Lakshadweep"), ("MP", "Madhya Pradesh"), ("MH", "Maharashtra"), ("MN", "Manipur"), ("ML", "Meghalaya"),
    ("MZ", "Mizoram"), ("NL", "Nagaland"), ("OD", "Odisha"), ("PY", "Puducherry"), ("PB", "Punjab"), ("RJ", "Rajasthan"),
    ("SK", "Sikkim"), ("TN", "Tamil Nadu"), ("TS", "Telangana"), ("TR", "Tripura"), ("UP", "Uttar Pradesh"),
    ("UK", "Uttarakhand"), ("WB", "West Bengal"),
)  # fmt: skip

_CANADA = r"[A-Za-z][0-9][A-Za-z] ?[0-9][A-Za-z][0-9]"
_BRITAIN = r"[A-Za-z]{1,2}[0-9][A-Za-z0-9]? ?[0-9][A-Za-z]{2}"

COUNTRIES: dict[str, Country] = {
    country.code: country
    for country in (
        Country("IN", "India", "PIN code", r"[1-9][0-9]{5}", "A PIN code has 6 digits.", _INDIA),
        Country("AE", "United Arab Emirates", "Postcode"),
        Country("AU", "Australia", "Postcode", r"[0-9]{4}", "An Australian postcode has 4 digits."),
        Country("CA", "Canada", "Postal code", _CANADA, "A Canadian postal code looks like K1A 0B1."),
        Country("DE", "Germany", "Postleitzahl", r"[0-9]{5}", "A German postcode has 5 digits."),
        Country("FR", "France", "Code postal", r"[0-9]{5}", "A French postcode has 5 digits."),
        Country("GB", "United Kingdom", "Postcode", _BRITAIN, "A UK postcode looks like SW1A 1AA."),
        Country("JP", "Japan", "Postal code", r"[0-9]{3}-?[0-9]{4}", "A Japanese postal code has 7 digits."),
        Country("SG", "Singapore", "Postal code", r"[0-9]{6}", "A Singapore postal code has 6 digits."),
        Country("US", "United States", "ZIP code", r"[0-9]{5}(-[0-9]{4})?", "A ZIP code has 5 digits."),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Address:
    name: str
    line1: str
    city: str
    postcode: str
    country: str
    line2: str = ""
    region: str = ""
    phone: str = ""

    def json(self) -> dict[str, str]:
        return asdict(self)


def postcode_is_valid(country: str, postcode: str) -> bool:
    pattern = COUNTRIES[country].postcode_pattern if country in COUNTRIES else None
    return pattern is None or re.fullmatch(pattern, postcode) is not None


class AddressIn(In):
    """Checks as `.checked(data)` a dict of Address's fields: `Address(**AddressIn.checked(data))`."""

    name = serializers.CharField(max_length=120)
    line1 = serializers.CharField(max_length=200)
    line2 = serializers.CharField(max_length=200, allow_blank=True, default="")
    city = serializers.CharField(max_length=120)
    region = serializers.CharField(max_length=120, allow_blank=True, default="")
    postcode = serializers.CharField(max_length=16, allow_blank=True, default="")
    country = serializers.CharField(min_length=2, max_length=2)
    phone = serializers.CharField(max_length=32, allow_blank=True, default="")

    def validate_country(self, value: str) -> str:
        if value.upper() not in COUNTRIES:
            raise serializers.ValidationError("We don't deliver to this country.", code="not_served")
        return value.upper()

    def validate_phone(self, value: str) -> str:
        if value and not re.fullmatch(r"\+?[0-9 ()./-]{6,30}", value):
            raise serializers.ValidationError("A phone number has digits, and perhaps a + in front.", code="invalid")
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        # A partial change is checked against what it doesn't change (`context["address"]`).
        known: dict[str, Any] = {**self.context.get("address", {}), **attrs}
        country = COUNTRIES[known["country"]]
        errors: dict[str, ErrorDetail] = {}
        postcode = str(known.get("postcode", ""))
        if not postcode_is_valid(country.code, postcode):
            errors["postcode"] = ErrorDetail(country.postcode_hint, code="invalid")
        if country.regions:
            region = _region(country, str(known.get("region", "")))
            if region is None:
                errors["region"] = ErrorDetail("Choose a state from the list.", code="invalid")
            elif "region" in attrs:
                attrs["region"] = region
        if errors:
            raise serializers.ValidationError(errors)
        if "postcode" in attrs:
            attrs["postcode"] = postcode.upper()
        return attrs


def _region(country: Country, text: str) -> str | None:
    """The region's code, from its code or its name: browsers' autofill writes either."""
    for code, name in country.regions:
        if text.casefold() in {code.casefold(), name.casefold()}:
            return code
    return None


class AddressOut(Out):
    name = serializers.CharField()
    line1 = serializers.CharField()
    line2 = serializers.CharField()
    city = serializers.CharField()
    region = serializers.CharField()
    postcode = serializers.CharField()
    country = serializers.CharField()
    phone = serializers.CharField()
