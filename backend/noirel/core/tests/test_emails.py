"""Every e-mail address that is received is converted to its canonical spelling."""

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
def test_a_domain_is_converted_to_its_canonical_spelling(typed: str, canonical: str) -> None:
    assert canonical_email(typed) == canonical


REFUSED = [
    "ira@\u202eexample.com", "ira@exam\u2066ple.com", '"ira"@example.com', "ira@[127.0.0.1]", "ira@[IPv6:::1]", "ira@xn--a.com",
    "ira@ex\u2028ample.com", "ira@é" + "é" * 300 + ".com",
]  # fmt: skip


@pytest.mark.parametrize("typed", REFUSED)
def test_an_ambiguous_address_is_refused(typed: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        canonical_email(typed)


@given(st.text(), st.text(max_size=80))
def test_a_canonical_address_is_unchanged(local: str, domain: str) -> None:
    try:
        once = canonical_email(f"{local}@{domain}")
    except ValueError:
        return
    assert canonical_email(once) == once


def _input_serializers(base: type[In]) -> Iterator[type[In]]:
    for shape in base.__subclasses__():
        yield shape
        yield from _input_serializers(shape)


def test_every_email_field_of_the_api_is_an_email_field_of_ours() -> None:
    for app in APPS:
        import_module(f"noirel.{app}.urls")
    fields = [
        (shape.__name__, name, field)
        for shape in _input_serializers(In)
        if shape.__module__.startswith("noirel.") and ".tests." not in shape.__module__
        for name, field in shape().fields.items()
        if isinstance(field, serializers.EmailField)
    ]
    assert len(fields) >= 8
    assert [found for found in fields if not isinstance(found[2], EmailField)] == []


@pytest.mark.django_db
def test_all_spellings_of_a_mailbox_are_one_account(client: Client) -> None:
    make_user(email="ira@xn--mnchen-3ya.example")
    for typed in ("IRA@MÜNCHEN.example", "ira@mün\u200bchen.example", "ira@xn--mnchen-3ya.example"):
        assert client.post("auth/login", {"email": typed, "password": PASSWORD}).status_code == 200
    answer = client.post("auth/register", {"email": "ira@mün\u00adchen.example", "password": PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (409, "email_taken")


@pytest.mark.django_db
def test_the_migration_canonicalises_addresses_unless_taken() -> None:
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
def test_a_refused_address_is_a_field_error(client: Client, typed: str) -> None:
    answer: Any = client.post("auth/register", {"email": typed, "password": PASSWORD})
    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (400, ["email"])
