"""Postal addresses and the rules of each country for them."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from noirel.core import postcodes
from noirel.core.domain.errors import FieldError, Invalid
from noirel.core.http import In, Out, TextField, without_link
from noirel.core.phones import PhoneInvalid, e164
from noirel.core.regions import INDIA, region_code


@dataclass(frozen=True, slots=True)
class Country:
    code: str  # ISO 3166-1 alpha-2
    name: str
    postcode_label: str
    postcode_pattern: str | None = None  # a lenient check for browsers; core/postcodes.py is authoritative; None: no rule
    postcode_hint: str = ""
    regions: tuple[tuple[str, str], ...] = ()  # ISO 3166-2 without the country; empty: free text


_CANADA = r"[A-Za-z][0-9][A-Za-z][ -]?[0-9][A-Za-z][0-9]"
_BRITAIN = r"[A-Za-z]{1,2}[0-9][A-Za-z0-9]? ?[0-9][A-Za-z]{2}"

COUNTRIES: dict[str, Country] = {
    country.code: country
    for country in (
        Country("IN", "India", "PIN code", r"[1-9][0-9]{2}[ -]?[0-9]{3}", "A PIN code has 6 digits.", INDIA),
        Country("AE", "United Arab Emirates", "Postcode"),
        Country("AU", "Australia", "Postcode", r"[0-9]{4}", "An Australian postcode has 4 digits."),
        Country("CA", "Canada", "Postal code", _CANADA, "A Canadian postal code looks like K1A 0B1."),
        Country("DE", "Germany", "Postleitzahl", r"[0-9]{5}", "A German postcode has 5 digits."),
        Country("FR", "France", "Code postal", r"[0-9]{5}", "A French postcode has 5 digits."),
        Country("GB", "United Kingdom", "Postcode", _BRITAIN, "A UK postcode looks like SW1A 1AA."),
        Country("JP", "Japan", "Postal code", r"[0-9]{3}-?[0-9]{4}", "A Japanese postal code has 7 digits."),
        Country("SG", "Singapore", "Postal code", r"[0-9]{6}", "A Singapore postal code has 6 digits."),
        Country("US", "United States", "ZIP code", r"[0-9]{5}([ -]?[0-9]{4})?", "A ZIP code has 5 digits, or 9."),
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


def must_be_postcode(country: Country, text: str) -> str:
    """Return the postal code in its country's format. Raises Invalid if it can't exist or is unknown."""
    code = postcodes.canonical(country.code, text)
    if code is None:
        raise Invalid(errors=[FieldError("postcode", "invalid", country.postcode_hint)])
    if postcodes.place_of(country.code, code) is None:
        message = f"We don't know this {country.postcode_label}. Check the digits."
        raise Invalid(errors=[FieldError("postcode", "unknown", message)])
    return code


def must_be_phone(text: str, *, country: str) -> str:
    """Return the telephone number in E.164; an empty text stays empty. Raises Invalid if it can't be called."""
    if not text:
        return ""
    try:
        return e164(text, country=country)
    except PhoneInvalid:
        name = COUNTRIES[country].name if country in COUNTRIES else country
        message = f"This isn't a phone number in {name}. Check the digits, or begin with + and the country code."
        raise Invalid(errors=[FieldError("phone", "invalid", message)]) from None


class AddressIn(In):
    """A postal address. Postcode, region and phone number are accepted as people write them and stored in canonical form."""

    # Usage: Address(**AddressIn.checked(data)). The docstring is the description in the schema.

    name = TextField(max_length=120, validators=[without_link])
    line1 = TextField(max_length=200, validators=[without_link])
    line2 = TextField(max_length=200, allow_blank=True, default="", validators=[without_link])
    city = TextField(max_length=120, validators=[without_link])
    region = TextField(max_length=120, allow_blank=True, default="", validators=[without_link])
    postcode = TextField(max_length=32, allow_blank=True, default="")
    country = serializers.CharField(min_length=2, max_length=2)
    phone = TextField(max_length=48, allow_blank=True, default="")

    def validate_country(self, value: str) -> str:
        if value.upper() not in COUNTRIES:
            raise serializers.ValidationError("We don't deliver to this country.", code="not_served")
        return value.upper()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        # On a partial update, fields that are not sent have their present values (`context["address"]`).
        merged: dict[str, Any] = {**self.context.get("address", {}), **attrs}
        country = COUNTRIES[merged["country"]]
        errors: dict[str, ErrorDetail] = {}

        def validate_field(field: str, check: Callable[[], str]) -> None:
            try:
                value = check()
            except Invalid as refusal:
                errors.update({error.field: ErrorDetail(error.message, code=error.code) for error in refusal.errors})
            else:
                if field in attrs:
                    attrs[field] = value

        validate_field("postcode", lambda: must_be_postcode(country, str(merged.get("postcode", ""))))
        validate_field("phone", lambda: must_be_phone(str(merged.get("phone", "")), country=country.code))
        if country.regions:
            validate_field("region", lambda: _must_be_region(country, str(merged.get("region", ""))))
        if errors:
            raise serializers.ValidationError(errors)
        return attrs


def _must_be_region(country: Country, text: str) -> str:
    code = region_code(country.code, country.regions, text)
    if code is None:
        raise Invalid(errors=[FieldError("region", "invalid", "Choose a state from the list.")])
    return code


class AddressOut(Out):
    name = serializers.CharField()
    line1 = serializers.CharField()
    line2 = serializers.CharField()
    city = serializers.CharField()
    region = serializers.CharField()
    postcode = serializers.CharField()
    country = serializers.CharField()
    phone = serializers.CharField()
