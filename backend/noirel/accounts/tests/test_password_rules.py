"""Which passwords are refused and why, wherever one is chosen, and how they are hashed."""

import contextlib
from typing import Any

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher, PBKDF2PasswordHasher, identify_hasher
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from noirel.accounts.models import User
from noirel.accounts.services import links
from noirel.accounts.services.passwords import check_new_password
from noirel.config import settings as shop_settings
from noirel.core.domain.errors import Invalid
from tests.client import Client, signed_in
from tests.make import PASSWORD, make_user

REAL_HASHERS = shop_settings.PASSWORD_HASHERS
NOOR = {"email": "noor.jahan@example.com", "name": "Noor Jahān"}
REFUSED = [
    ("short 1", "password_too_short"),
    ("1234567890", "password_too_common"),
    ("qwertyuiop", "password_too_common"),
    ("QWERTYUIOP", "password_too_common"),
    ("P@ssw0rd2024", "password_too_guessable"),
    ("Password123!", "password_too_guessable"),
    ("iloveyou12", "password_too_common"),
    ("letmein12345", "password_too_guessable"),
    ("aaaaaaaaaaaaaaaaaaaa", "password_too_guessable"),
    ("abcdefghijklmnop", "password_too_guessable"),
    ("x" * 256, "password_too_guessable"),
    ("hunter2hunter2", "password_too_guessable"),
    ("noor walks home at nine", "password_too_similar"),
    ("the JAHĀN of Delhi, 1627", "password_too_similar"),
    ("n00r walks home at nine", "password_too_similar"),
    ("my-noor.jahan@example.com!", "password_too_similar"),
    ("naroj and NoorJahan 77", "password_too_similar"),
    ("N-O-I-R'-E-L for ever and a day", "password_too_similar"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("password", "code"), REFUSED)
def test_a_guessable_password_is_refused_at_registration(client: Client, password: str, code: str) -> None:
    answer = client.post("auth/register", {**NOOR, "password": password})
    assert answer.status_code == 400
    assert code in {error["code"] for error in answer.json()["errors"]}
    assert {error["field"] for error in answer.json()["errors"]} == {"password"}
    assert not User.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("password", ["1234567890", "Noor Jahan, 21:12", "short 1"])
def test_the_same_rules_hold_at_reset_and_change(client: Client, password: str) -> None:
    user = make_user(**NOOR)
    token = links.reset_link(user).partition("token=")[2]
    reset = client.post("auth/password/reset", {"token": token, "password": password})
    change = signed_in(user).post("auth/password/change", {"current_password": PASSWORD, "new_password": password})
    assert (reset.status_code, change.status_code) == (400, 400)
    assert {error["field"] for error in change.json()["errors"]} == {"new_password"}
    assert [error["message"] for error in reset.json()["errors"]] == [error["message"] for error in change.json()["errors"]]
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


@pytest.mark.django_db
def test_a_new_password_is_another_one(shopper: Client) -> None:
    answer = shopper.post("auth/password/change", {"current_password": PASSWORD, "new_password": PASSWORD})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "password_unchanged")


def test_every_refusal_is_in_our_own_words() -> None:
    with pytest.raises(Invalid) as refused:
        check_new_password("noor", user=User(**NOOR))
    assert [(error.code, error.message) for error in refused.value.errors] == [
        ("password_too_short", "Use at least 10 characters."),
        ("password_too_similar", "Leave out your name, e-mail address and phone number, and the name of the shop."),
    ]


@given(st.text(min_size=0, max_size=300))
def test_any_text_gets_an_answer(password: str) -> None:
    """A refusal with reasons, or nothing: no character makes it break."""
    with contextlib.suppress(Invalid):
        check_new_password(password, user=User(email="a@b.example", name=password[::-1], phone="+91 98200 00000"))


@given(name=st.text(min_size=1, max_size=40), around=st.text(alphabet="qzxkvj", min_size=20, max_size=30))
def test_a_name_is_found_in_whatever_stands_around_it(name: str, around: str) -> None:
    letters = [character for character in name if character.isalpha()]
    if len(letters) < 8 or len(letters) < len(name):
        return
    with pytest.raises(Invalid):
        check_new_password(f"{around[:10]} {name} {around[10:]}", user=User(email="a@b.example", name=name))


def test_new_passwords_are_hashed_by_pbkdf2_with_djangos_own_iterations() -> None:
    with override_settings(PASSWORD_HASHERS=REAL_HASHERS):
        user = User()
        user.set_password(PASSWORD)
        algorithm, iterations, *_ = user.password.split("$")
    assert (algorithm, int(iterations)) == ("pbkdf2_sha256", PBKDF2PasswordHasher.iterations)
    assert PBKDF2PasswordHasher.iterations >= 1_000_000


@pytest.mark.django_db
def test_an_argon2_hash_still_opens_and_becomes_pbkdf2_at_the_next_sign_in(client: Client) -> None:
    with override_settings(PASSWORD_HASHERS=REAL_HASHERS):
        user = make_user(email="noor@example.com")
        User.objects.filter(pk=user.pk).update(password=Argon2PasswordHasher().encode(PASSWORD, "a-salt-of-sixteen"))
        wrong = client.post("auth/login", {"email": user.email, "password": "not the one, 21:12"})
        user.refresh_from_db()
        assert (wrong.status_code, identify_hasher(user.password).algorithm) == (401, "argon2")
        assert client.post("auth/login", {"email": user.email, "password": PASSWORD}).status_code == 200
        user.refresh_from_db()
        assert identify_hasher(user.password).algorithm == "pbkdf2_sha256"
        assert client.post("auth/login", {"email": user.email, "password": PASSWORD}).status_code == 200


@pytest.mark.django_db
def test_a_wrong_password_costs_a_pbkdf2_whoever_is_asked_for(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise an answer that comes sooner would tell which addresses have an account."""
    spent: list[int] = []
    encode = PBKDF2PasswordHasher.encode

    def counted(self: Any, password: str, salt: str, iterations: int | None = None) -> str:
        spent.append(iterations or self.iterations)
        return encode(self, password, salt, 1)

    with override_settings(PASSWORD_HASHERS=REAL_HASHERS):
        monkeypatch.setattr(PBKDF2PasswordHasher, "iterations", 1)
        client.post("auth/login", {"email": "warm@example.com", "password": "up"})
        new, old, nobody = make_user(), make_user(), "nobody@example.com"
        closed = make_user(is_active=False)
        User.objects.filter(pk=old.pk).update(password=Argon2PasswordHasher().encode(PASSWORD, "a-salt-of-sixteen"))
        monkeypatch.setattr(PBKDF2PasswordHasher, "encode", counted)
        costs = []
        for email in (new.email, old.email, closed.email, nobody):
            spent.clear()
            assert client.post("auth/login", {"email": email, "password": "not it"}).status_code == 401
            costs.append(len(spent))
    assert costs == [1, 1, 1, 1]
