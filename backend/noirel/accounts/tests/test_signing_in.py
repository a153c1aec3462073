"""Coming in, staying in, going out."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import override_settings
from django.utils import timezone

from tests.client import Client, signed_in
from tests.make import PASSWORD, make_staff, make_user

pytestmark = pytest.mark.django_db
LOGIN = {"email": "noor@example.com", "password": PASSWORD}


def _login(client: Client) -> Any:
    make_user(email="noor@example.com")
    return client.post("auth/login", LOGIN)


def test_a_new_account_is_signed_in_at_once(client: Client) -> None:
    answer = client.post("auth/register", {"email": "Noor@Example.com", "password": PASSWORD, "name": "Noor"})
    assert answer.status_code == 201
    user = answer.json()["user"]
    assert (user["email"], user["name"], user["is_staff"], user["permissions"]) == ("noor@example.com", "Noor", False, [])
    assert set(user) == {"id", "email", "name", "phone", "email_verified", "is_staff", "permissions", "created_at"}
    cookie = answer.cookies["noirel_refresh"]
    assert (cookie["path"], cookie["httponly"], cookie["secure"], cookie["samesite"]) == ("/api/v1/auth", True, True, "Lax")
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {answer.json()['access']}")
    assert client.get("me").json()["email"] == "noor@example.com"


def test_an_e_mail_has_one_account_whatever_its_case(client: Client) -> None:
    make_user(email="noor@example.com")
    answer = client.post("auth/register", {"email": "NOOR@example.com", "password": PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (409, "email_taken")


def test_a_weak_password_is_refused_with_its_reasons(client: Client) -> None:
    answer = client.post("auth/register", {"email": "noor@example.com", "password": "password"})
    assert answer.status_code == 400
    assert {error["code"] for error in answer.json()["errors"]} == {"password_too_short", "password_too_common"}


@pytest.mark.parametrize("given", [{"password": "not it"}, {"email": "nobody@example.com"}])
def test_a_wrong_sign_in_names_neither_field(client: Client, given: dict[str, str]) -> None:
    make_user(email="noor@example.com")
    answer = client.post("auth/login", LOGIN | given)
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_credentials")
    assert "noirel_refresh" not in answer.cookies


def test_refreshing_gives_a_new_cookie_each_time(client: Client) -> None:
    first = _login(client).cookies["noirel_refresh"].value
    answer = client.post("auth/refresh")
    assert answer.status_code == 200
    assert answer.json()["user"]["email"] == "noor@example.com"
    assert answer.cookies["noirel_refresh"].value != first


def test_two_tabs_that_refresh_at_once_both_stay(client: Client) -> None:
    first = _login(client).cookies["noirel_refresh"].value
    one = client.post("auth/refresh").cookies["noirel_refresh"].value
    client.cookies["noirel_refresh"] = first
    two = client.post("auth/refresh")
    assert two.status_code == 200
    assert two.cookies["noirel_refresh"].value == one


def test_a_used_token_that_comes_back_later_ends_the_family(client: Client) -> None:
    stolen = _login(client).cookies["noirel_refresh"].value
    current = client.post("auth/refresh").cookies["noirel_refresh"].value
    with time_machine.travel(timezone.now() + timedelta(seconds=30)):
        client.cookies["noirel_refresh"] = stolen
        again = client.post("auth/refresh")
        assert (again.status_code, again.json()["code"]) == (401, "session_ended")
        client.cookies["noirel_refresh"] = current
        assert client.post("auth/refresh").status_code == 401


def test_signing_out_ends_the_family(client: Client) -> None:
    token = _login(client).cookies["noirel_refresh"].value
    assert client.post("auth/logout").status_code == 204
    client.cookies["noirel_refresh"] = token
    assert client.post("auth/refresh").status_code == 401


def test_without_a_cookie_there_is_nothing_to_refresh(client: Client) -> None:
    assert client.post("auth/refresh").json()["code"] == "session_ended"


def test_an_access_token_runs_out_after_ten_minutes() -> None:
    client = signed_in(make_user())
    with time_machine.travel(timezone.now() + timedelta(minutes=10, seconds=1)):
        answer = client.get("me")
    assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid")
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_role_that_is_taken_away_counts_from_the_next_request() -> None:
    owner = make_staff(role="packer")
    client = signed_in(owner)
    assert client.get("me").json()["permissions"] == ["inventory.view", "orders.edit", "orders.view", "products.view"]
    owner.roles.clear()
    assert client.get("me").json()["permissions"] == []


def test_knowing_who_asks_takes_one_statement(django_assert_num_queries: Any) -> None:
    client = signed_in(make_staff())
    with django_assert_num_queries(1):
        assert client.get("me").status_code == 200


@override_settings(THROTTLE_SCALE=1)
def test_an_account_is_guessed_at_ten_times_and_no_more(client: Client) -> None:
    make_user(email="noor@example.com")
    with time_machine.travel("2026-11-23T21:12:00Z", tick=False):
        for _ in range(10):
            assert client.post("auth/login", LOGIN | {"password": "a guess"}).status_code == 401
        answer = client.post("auth/login", LOGIN)
    assert (answer.status_code, answer.json()["code"]) == (429, "throttled")
    assert answer["Retry-After"] == "180"
