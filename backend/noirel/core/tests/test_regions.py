"""Recognition of the states of India in all their spellings."""

import pytest

from noirel.core.regions import INDIA, region_code


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("Jammu & Kashmir", "JK"), ("J&K", "JK"), ("JAMMU AND KASHMIR", "JK"), ("TG", "TS"), ("TS", "TS"), ("IN-TG", "TS"),
        ("Telengana", "TS"), ("IN-KA", "KA"), ("in_ka", "KA"), ("IN KA", "KA"), ("Orissa", "OD"), ("OR", "OD"), ("IN-OR", "OD"),
        ("Pondicherry", "PY"), ("Uttaranchal", "UK"), ("UT", "UK"), ("IN-UT", "UK"), ("Chattisgarh", "CG"), ("IN-CT", "CG"),
        ("Tamilnadu", "TN"), ("Tamil  Nadu", "TN"), ("New Delhi", "DL"), ("NCT of Delhi", "DL"), ("Daman & Diu", "DH"),
        ("The Dadra and Nagar Haveli and Daman and Diu", "DH"), ("Dadra & Nagar Haveli", "DH"), ("IN-DN", "DH"),
        ("Andaman & Nicobar Islands", "AN"), ("State of Goa", "GA"), ("\u200fKarnataka\u202c", "KA"), ("Ｋｅｒａｌａ", "KL"),
        ("Mahārāshtra", "MH"), ("Karnataka.", "KA"), ("W.B.", "WB"),
    ],
)  # fmt: skip
def test_a_state_is_recognised_by_its_codes_names_and_spellings(written: str, code: str) -> None:
    assert region_code("IN", INDIA, written) == code


@pytest.mark.parametrize("written", ["", "X", "Atlantis", "IN", "IN-", "US-CA", "Karnataka Kerala"])
def test_an_unknown_name_has_no_code(written: str) -> None:
    assert region_code("IN", INDIA, written) is None


def test_every_code_and_name_is_recognised() -> None:
    for code, name in INDIA:
        assert {region_code("IN", INDIA, text) for text in (code, code.lower(), name, name.upper(), f"IN-{code}")} == {code}
