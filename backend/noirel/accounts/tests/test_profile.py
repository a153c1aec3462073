"""One's details, password and address book."""

from typing import Any

import pytest

from noirel.accounts.errors import TooManyAddresses
from noirel.accounts.models import User
from noirel.accounts.services import links, profile
from noirel.core.models import OutboxEvent
from tests.client import Client
from tests.make import PASSWORD, make_user

pytestmark = pytest.mark.django_db
HOME = {
    "name": "Noor", "line1": "12 Lane", "city": "Mumbai", "region": "Maharashtra", "postcode": "400001",
    "country": "IN", "phone": "+91 98200 00000",
}  # fmt: skip
NEW = "another night, 23:40"


def _token(link: str) -> str:
    return link.partition("token=")[2]


def test_name_and_phone_change_alone(shopper: Client) -> None:
    answer = shopper.patch("me", {"name": "Noor"})
    assert (answer.status_code, answer.json()["name"]) == (200, "Noor")
    assert shopper.patch("me", {"email": "x@example.com"}).json()["errors"] == [
        {"field": "email", "code": "unknown_field", "message": "There is no such field."}
    ]


def test_a_guest_has_no_profile(client: Client) -> None:
    answer = client.get("me")
    assert (answer.status_code, answer.json()["code"], answer["Cache-Control"]) == (401, "not_authenticated", "no-store")


def test_an_erased_person_is_gone_and_cannot_come_back(shopper: Client) -> None:
    assert shopper.user is not None
    email = shopper.user.email
    shopper.post("me/addresses", HOME)
    assert shopper.delete("me", {"password": PASSWORD}).status_code == 204
    user = User.objects.get(pk=shopper.user.pk)
    assert (user.email, user.name, user.addresses.count()) == (f"{user.pk}@erased.invalid", "", 0)
    assert shopper.get("me").status_code == 401
    assert shopper.post("auth/login", {"email": email, "password": PASSWORD}).status_code == 401


def test_the_first_address_is_the_default_until_another_is(shopper: Client, django_assert_num_queries: Any) -> None:
    first = shopper.post("me/addresses", HOME).json()
    assert (first["is_default"], first["region"]) == (True, "MH")
    second = shopper.post("me/addresses", HOME | {"name": "Work", "is_default": True}).json()
    with django_assert_num_queries(3):  # who asks, how many, which
        page = shopper.get("me/addresses").json()
    assert [(row["id"], row["is_default"]) for row in page["results"]] == [(second["id"], True), (first["id"], False)]
    assert (page["total"], page["next"]) == (2, None)
    assert shopper.delete(f"me/addresses/{second['id']}").status_code == 204
    assert shopper.get("me/addresses").json()["results"][0]["is_default"] is True


def test_a_pin_code_has_six_digits(shopper: Client) -> None:
    answer = shopper.post("me/addresses", HOME | {"postcode": "4000"})
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["errors"] == [{"field": "postcode", "code": "invalid", "message": "A PIN code has 6 digits."}]


def test_nobody_touches_another_ones_address(shopper: Client) -> None:
    from tests.client import signed_in

    mine = shopper.post("me/addresses", HOME).json()["id"]
    stranger = signed_in(make_user())
    assert stranger.put(f"me/addresses/{mine}", HOME).status_code == 404
    assert stranger.delete(f"me/addresses/{mine}").status_code == 404
    assert shopper.get("me/addresses").json()["total"] == 1


def test_a_new_password_needs_the_old_one_and_ends_other_sign_ins(shopper: Client) -> None:
    assert shopper.user is not None
    login = {"email": shopper.user.email, "password": PASSWORD}
    elsewhere = Client()
    elsewhere.post("auth/login", login)
    wrong = shopper.post("auth/password/change", {"current_password": "no", "new_password": NEW})
    assert (wrong.status_code, wrong.json()["code"]) == (401, "invalid_credentials")
    assert shopper.post("auth/password/change", {"current_password": PASSWORD, "new_password": NEW}).status_code == 204
    assert elsewhere.post("auth/refresh").status_code == 401
    assert shopper.post("auth/refresh").status_code == 200
    assert elsewhere.post("auth/login", login | {"password": NEW}).status_code == 200


def test_forgetting_answers_the_same_for_everyone(client: Client) -> None:
    user = make_user()
    known = client.post("auth/password/forgot", {"email": user.email})
    unknown = client.post("auth/password/forgot", {"email": "nobody@example.com"})
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content) == (204, b"")
    assert OutboxEvent.objects.filter(name="accounts.reset_asked", payload__user_id=str(user.pk)).count() == 1


def test_a_reset_link_works_once(client: Client) -> None:
    user = make_user()
    token = _token(links.reset_link(user))
    assert client.post("auth/password/reset", {"token": token, "password": NEW}).status_code == 204
    again = client.post("auth/password/reset", {"token": token, "password": PASSWORD})
    assert (again.status_code, again.json()["code"]) == (400, "link_invalid")
    assert client.post("auth/login", {"email": user.email, "password": NEW}).status_code == 200


def test_a_confirmed_address_is_verified(client: Client) -> None:
    user = make_user()
    assert client.post("auth/verify-email", {"token": _token(links.verify_link(user))}).status_code == 204
    assert client.post("auth/verify-email", {"token": "forged"}).json()["code"] == "link_invalid"
    user.refresh_from_db()
    assert user.email_verified


def test_an_address_book_has_a_limit_and_room_again_after_a_removal(shopper: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profile, "MAX_ADDRESSES", 2)
    first, _ = (shopper.post("me/addresses", HOME).json() for _ in range(2))
    full = shopper.post("me/addresses", HOME)
    assert (full.status_code, full.json()["code"]) == (409, "too_many_addresses")
    assert shopper.get("me/addresses").json()["total"] == 2
    assert shopper.put(f"me/addresses/{first['id']}", HOME | {"name": "Work"}).status_code == 200
    assert shopper.delete(f"me/addresses/{first['id']}").status_code == 204
    assert shopper.post("me/addresses", HOME).status_code == 201


def test_the_limit_of_addresses_is_the_one_that_shoppers_are_told() -> None:
    assert f"up to {profile.MAX_ADDRESSES} addresses" in TooManyAddresses.default_detail
