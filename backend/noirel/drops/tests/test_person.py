"""One person is one person, however they write themselves."""

import uuid

import pytest

from noirel.drops.person import Person, keys_of, plain_email, plain_phone, plain_place

HOME = {
    "name": "Ira Sen",
    "line1": "Flat 4, 14 Marine Drive",
    "line2": "",
    "city": "Mumbai",
    "postcode": "400020",
    "country": "IN",
}


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("Ira@Example.com ", "ira@example.com"),
        ("ira+drop@example.com", "ira@example.com"),
        ("i.r.a+x+y@gmail.com", "ira@gmail.com"),
        ("I.RA@googlemail.com", "ira@gmail.com"),
        ("i.ra@example.com", "i.ra@example.com"),
        ("+@example.com", "+@example.com"),
    ],
)
def test_an_address_has_one_spelling(written: str, plain: str) -> None:
    assert plain_email(written) == plain


@pytest.mark.parametrize("written", ["+91 98200 12345", "09820012345", "98200-12345", "(+91)9820012345", "९८२००१२३४५"])
def test_a_phone_rings_in_one_pocket(written: str) -> None:
    assert plain_phone(written) == "9820012345"


def test_no_phone_is_nobodys_phone() -> None:
    assert plain_phone("") == plain_phone("110") == ""


@pytest.mark.parametrize(
    "changes",
    [
        {"line1": "flat 4,14 marine dr."},
        {"line1": "Apartment 4", "line2": "14, MARINE  DRIVE"},
        {"line1": "Flat-4 14 Mariné Drive", "postcode": "400 020"},
        {"name": "R. Sen", "city": "Bombay", "region": "MH", "phone": "1"},
    ],
)
def test_a_door_has_one_spelling(changes: dict[str, str]) -> None:
    assert plain_place(HOME | changes) == plain_place(HOME)


@pytest.mark.parametrize("changes", [{"line1": "Flat 14, 4 Marine Drive"}, {"postcode": "400021"}, {"country": "AE"}])
def test_another_door_is_another_door(changes: dict[str, str]) -> None:
    assert plain_place(HOME | changes) != plain_place(HOME)


def test_a_persons_keys_are_sorted_and_say_nothing() -> None:
    keys = keys_of(Person(uuid.uuid4(), ("ira@example.com", "IRA+2@example.com"), "+919820012345", HOME))
    assert keys == sorted(keys)
    assert [key.partition(":")[0] for key in keys] == ["mail", "phone", "place", "user"]
    assert not any("ira" in key or "9820012345" in key for key in keys)
    assert max(map(len, keys)) <= 48


def test_who_says_nothing_has_no_keys() -> None:
    assert keys_of(Person()) == []
