"""A mailbox has one spelling, wherever an address comes in."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from hypothesis import given
from hypothesis import strategies as st
from rest_framework import serializers

from noirel.accounts.models import User
from noirel.config.urls import APPS
from noirel.core.emails import canonical_email
from noirel.core.http import EmailField, In
from tests.client import Client
from tests.make import PASSWORD, make_user


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [
        ("Ira@Example.com", "Ira@Example.com"),
        ("ira@ex\u200bample.com", "ira@example.com"),
        ("ira@exam\u00adple.com", "ira@example.com"),
        ("ira@ｅｘａｍｐｌｅ.com", "ira@example.com"),
        ("ira@example。com", "ira@example.com"),
        ("ira@MU\u0308NCHEN.example", "ira@xn--mnchen-3ya.example"),
        ("ira@xn--mnchen-3ya.example", "ira@xn--mnchen-3ya.example"),
        ("ira@straße.example", "ira@xn--strae-oqa.example"),
        ("ira@उदाहरण.भारत", "ira@xn--p1b6ci4b4b3a.xn--h2brj9c"),
    ],
)
def test_a_domain_has_one_spelling(typed: str, canonical: str) -> None:
    assert canonical_email(typed) == canonical


REFUSED = [
    "ira@\u202eexample.com", "ira@exam\u2066ple.com", '"ira"@example.com', "ira@[127.0.0.1]", "ira@[IPv6:::1]", "ira@xn--a.com",
    "ira@ex\u2028ample.com", "ira@é" + "é" * 300 + ".com",
]  # fmt: skip


@pytest.mark.parametrize("typed", REFUSED)
def test_an_address_with_another_spelling_or_a_hidden_character_is_refused(typed: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        canonical_email(typed)


@given(st.text(), st.text(max_size=80))
def test_a_canonical_address_stays_as_it_is(local: str, domain: str) -> None:
    try:
        once = canonical_email(f"{local}@{domain}")
    except ValueError:
        return
    assert canonical_email(once) == once


def _shapes(base: type[In]) -> Iterator[type[In]]:
    for shape in base.__subclasses__():
        yield shape
        yield from _shapes(shape)


def test_every_address_that_comes_in_is_read_by_this_rule() -> None:
    for app in APPS:
        import_module(f"noirel.{app}.urls")
    fields = [
        (shape.__name__, name, field)
        for shape in _shapes(In)
        if shape.__module__.startswith("noirel.") and ".tests." not in shape.__module__
        for name, field in shape().fields.items()
        if isinstance(field, serializers.EmailField)
    ]
    assert len(fields) >= 8
    assert [found for found in fields if not isinstance(found[2], EmailField)] == []


@pytest.mark.django_db
def test_the_spellings_of_a_mailbox_are_one_account(client: Client) -> None:
    make_user(email="ira@xn--mnchen-3ya.example")
    for typed in ("IRA@MÜNCHEN.example", "ira@mün\u200bchen.example", "ira@xn--mnchen-3ya.example"):
        assert client.post("auth/login", {"email": typed, "password": PASSWORD}).status_code == 200
    answer = client.post("auth/register", {"email": "ira@mün\u00adchen.example", "password": PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (409, "email_taken")


@pytest.mark.django_db
def test_accounts_from_before_get_the_one_spelling_unless_somebody_has_it() -> None:
    make_user(email="taken@xn--mnchen-3ya.example")
    before = ["ira@münchen.example", "taken@münchen.example", "odd@a\u202eb.example", "plain@example.com"]
    ids = {email: make_user(email=email).pk for email in before}
    migration = import_module("noirel.accounts.migrations.0003_email_domains")
    for _ in range(2):
        migration.spell_domains(apps, None)
    after = {email: User.objects.get(pk=pk).email for email, pk in ids.items()}
    assert after == {email: email for email in before} | {"ira@münchen.example": "ira@xn--mnchen-3ya.example"}


@pytest.mark.django_db
@pytest.mark.parametrize("typed", REFUSED)
def test_an_address_that_is_refused_is_a_field_error(client: Client, typed: str) -> None:
    answer: Any = client.post("auth/register", {"email": typed, "password": PASSWORD})
    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (400, ["email"])
