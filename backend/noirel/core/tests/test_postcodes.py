"""Parsing and location of postal codes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noirel.core.domain.addresses import COUNTRIES
from noirel.core.postcodes import MAX_LENGTH, Place, canonical, place_of
from noirel.core.regions import INDIA


@pytest.mark.parametrize(
    "written", ["560001", "560 001", " 560-001 ", "IN-560001", "\u202a560001\u202c", "５６０００１", "५६०००१"]
)
def test_every_common_spelling_of_a_pin_is_accepted(written: str) -> None:
    assert place_of("IN", written) == Place("560001", "KA", "Bengaluru")


@pytest.mark.parametrize("written", ["000000", "99999", "5600011", "560OO1", "56 00 0", "", "-", "560001 x"])
def test_a_text_that_is_not_a_pin_has_no_location(written: str) -> None:
    assert canonical("IN", written) is None


@pytest.mark.parametrize("written", ["999999", "100000", "560999"])
def test_an_unassigned_pin_has_no_location(written: str) -> None:
    assert canonical("IN", written) == written
    assert place_of("IN", written) is None


def test_a_pin_newer_than_the_directory_can_be_added(settings: object) -> None:
    settings.EXTRA_PIN_CODES = {"560999": "KA"}  # type: ignore[attr-defined]
    assert place_of("IN", "560 999") == Place("560999", "KA")


@pytest.mark.parametrize(
    ("pin", "region"),
    [
        ("823001", "BR"),  # Gaya: Bihar among PINs of Jharkhand
        ("813208", "JH"),  # Godda: Jharkhand among PINs of Bihar
        ("246701", "UP"),  # Bijnor: among PINs of Uttarakhand
        ("247667", "UK"),  # Roorkee: among PINs of Uttar Pradesh
        ("160055", "PB"),  # Mohali, not Chandigarh
        ("194101", "LA"),  # Leh, not Jammu and Kashmir
        ("673310", "PY"),  # Mahé: Puducherry within Kerala
        ("609602", "PY"),  # Karaikal: Puducherry within Tamil Nadu
        ("362520", "DH"),  # Diu, within Gujarat
        ("682555", "LD"),  # Lakshadweep, with Kerala's digits
        ("334002", "RJ"),  # a row of the directory says Chhattisgarh
        ("799001", "TR"),  # a row says Telangana
        ("504346", "TS"),  # a row says Andhra Pradesh
        ("900056", ""),  # the army's post offices lie nowhere
    ],
)
def test_a_pin_lies_in_the_state_that_most_of_its_post_offices_are_in(pin: str, region: str) -> None:
    place = place_of("IN", pin)
    assert place is not None
    assert place.region == region


def test_every_state_has_pins_and_every_pin_a_known_state() -> None:
    places = [place_of("IN", str(pin)) for pin in range(100_000, 1_000_000)]
    assert sum(place is not None for place in places) > 19_000
    assert {place.region for place in places if place} == {code for code, _ in INDIA} | {""}


@pytest.mark.parametrize(
    ("country", "written", "code"),
    [
        ("GB", "sw1a1aa", "SW1A 1AA"), ("GB", "GB-W1A 0AX", "W1A 0AX"), ("GB", "GIR 0AA", "GIR 0AA"), ("GB", "ZZ1 1ZZ", None),
        ("GB", "SW1A", None), ("US", "94103", "94103"), ("US", "94103-1234", "94103-1234"), ("US", "941031234", "94103-1234"),
        ("US", "00501", "00501"), ("US", "00000", None), ("US", "9410", None), ("CA", "k1a-0b1", "K1A 0B1"),
        ("CA", "D1A 0B1", None), ("DE", "D-80331", "80331"), ("DE", "00999", None), ("FR", "F-75001", "75001"),
        ("JP", "〒１００-０００１", "100-0001"), ("JP", "1000001", "100-0001"), ("AU", "0800", "0800"), ("AU", "0000", None),
        ("SG", "018989", "018989"), ("SG", "990000", None), ("AE", "", ""), ("AE", "00000", "00000"),
        ("AE", "P.O. Box 1", "P.O. BOX 1"), ("AE", "x" * (MAX_LENGTH + 1), None),
    ],
)  # fmt: skip
def test_codes_of_other_countries_are_formatted_by_their_rules(country: str, written: str, code: str | None) -> None:
    assert canonical(country, written) == code


@given(st.sampled_from(sorted(COUNTRIES)), st.text(max_size=20) | st.from_regex(r"[A-Z0-9 -]{3,12}", fullmatch=True))
def test_formatting_a_code_again_changes_nothing(country: str, written: str) -> None:
    code = canonical(country, written)
    if code is not None:
        assert canonical(country, code) == code
        assert len(code) <= MAX_LENGTH
