"""Parsing of telephone numbers as people write them."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from noirel.core.domain.addresses import COUNTRIES
from noirel.core.phones import PhoneInvalid, e164


@pytest.mark.parametrize(
    "written",
    [
        "+919886012345", "+91 98860 12345", "(+91) 98860-12345", "98860 12345", "098860 12345", "0091 98860 12345",
        "00919886012345", "91 9886012345", "\u202a+91 98860 12345\u202c", "+91\u00a098860\u00a012345", "+91-98860-12345",
        "\u200e9886012345\u200f", "९८८६०१२३४५",
        "＋９１９８８６０１２３４５", "98860.12345", "+91 (0) 98860 12345",
    ],
)  # fmt: skip
def test_every_common_spelling_of_a_number_is_accepted(written: str) -> None:
    assert e164(written, country="IN") == "+919886012345"


@pytest.mark.parametrize(
    "written",
    ["------", "()()()", "+", "+91", "12345", "000000000000", "98860 12345 x12", "98860-FLOWERS", "none", "",
     "+1 23", "+99 9886012345", "98860123456789"],
)  # fmt: skip
def test_a_number_that_cannot_be_dialled_is_refused(written: str) -> None:
    with pytest.raises(PhoneInvalid):
        e164(written, country="IN")


@pytest.mark.parametrize(
    ("country", "written", "number"),
    [
        ("GB", "020 7946 0018", "+442079460018"), ("US", "(415) 555-2671", "+14155552671"), ("DE", "030/123456", "+4930123456"),
        ("AE", "050 123 4567", "+971501234567"), ("SG", "6123 4567", "+6561234567"),
        ("IN", "+44 20 7946 0018", "+442079460018"),
    ],
)  # fmt: skip
def test_a_number_without_a_country_code_belongs_to_the_country_of_the_address(country: str, written: str, number: str) -> None:
    assert e164(written, country=country) == number


@pytest.mark.parametrize("country", sorted(COUNTRIES))
@pytest.mark.parametrize("form", ["INTERNATIONAL", "NATIONAL", "E164"])
def test_the_national_format_of_every_country_is_accepted(country: str, form: str) -> None:
    example = phonenumbers.example_number_for_type(country, phonenumbers.PhoneNumberType.MOBILE)
    assert example is not None
    written = phonenumbers.format_number(example, getattr(phonenumbers.PhoneNumberFormat, form))
    number = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
    assert e164(written, country=country) == number


@given(st.text(max_size=48) | st.from_regex(r"[+0-9 ()./-]{6,30}", fullmatch=True), st.sampled_from(sorted(COUNTRIES)))
def test_the_result_is_e164_and_parsing_it_again_changes_nothing(written: str, country: str) -> None:
    try:
        number = e164(written, country=country)
    except PhoneInvalid:
        return
    assert number.startswith("+")
    assert number[1:].isascii()
    assert number[1:].isdigit()
    assert len(number) <= 16
    assert e164(number, country=country) == number
