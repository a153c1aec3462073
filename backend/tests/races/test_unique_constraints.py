"""Visitors at the same moment: PostgreSQL never has to refuse a row, which it would log, and each gets a clear answer."""

import hashlib
import hmac
import json
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

import psycopg.errors
import pytest
from django.conf import settings
from django.db import connections

from noirel.accounts.models import User
from noirel.accounts.services import links
from noirel.cart.models import Cart, CartLine
from noirel.core.domain.money import inr
from noirel.drops.models import Entry
from tests.client import Client, signed_in
from tests.make import PASSWORD, make_drop, make_user, make_variant

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
ROUNDS = 4
Press = Callable[[], Any]


@pytest.fixture(autouse=True)
def no_violated_constraint(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Every error that the server sends, whether it was caught or not."""
    sent: list[str] = []
    original = psycopg.errors.error_from_result

    def recorded(*args: Any, **kwargs: Any) -> Any:
        error = original(*args, **kwargs)
        if (error.sqlstate or "").startswith("23"):
            sent.append(f"{error.sqlstate} {error.diag.constraint_name}")
        return error

    monkeypatch.setattr(psycopg.errors, "error_from_result", recorded)
    yield
    assert sent == []


def together(presses: Sequence[Press]) -> list[Any]:
    """The answers to requests that begin at the same moment, each on a connection of its own."""
    barrier = Barrier(len(presses))

    def press(one: Press) -> Any:
        try:
            barrier.wait()
            return one()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(presses)) as pool:
        return list(pool.map(press, presses))


def statuses(answers: Sequence[Any]) -> Counter[int]:
    for answer in answers:
        if answer.status_code >= 400:
            assert answer.json()["code"] not in ("server_error", "malformed")
    return Counter(answer.status_code for answer in answers)


def test_one_of_many_registrations_makes_the_account_and_the_others_are_told_so() -> None:
    for n in range(ROUNDS):
        account = {"email": f"noor{n}@example.com", "password": PASSWORD}
        answers = together([partial(Client().post, "auth/register", account)] * 6)
        assert statuses(answers) == {201: 1, 409: 5}
        assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"email_taken"}


def test_an_address_that_is_registered_while_others_change_to_it_goes_to_one_of_them() -> None:
    for n in range(ROUNDS):
        wanted = f"wanted{n}@example.com"
        tokens = [
            links.email_change_link(make_user(pending_email=wanted)).partition("token=")[2]
            for _ in range(3)
        ]  # fmt: skip
        presses: list[Press] = [partial(Client().post, "auth/verify-email", {"token": token}) for token in tokens]
        presses += [partial(Client().post, "auth/register", {"email": wanted, "password": PASSWORD})] * 3
        counted = statuses(together(presses))
        assert (counted[201] + counted[204], counted[409]) == (1, 5)
        assert User.objects.filter(email=wanted).count() == 1


def test_an_account_has_one_cart_whoever_makes_it_or_brings_it_along() -> None:
    variant = make_variant(price=inr(900_00))
    for n in range(ROUNDS):
        account = {"email": f"ira{n}@example.com", "password": PASSWORD}
        user = make_user(email=account["email"])
        guests = [Client().post("carts", {"lines": [{"sku": variant.sku, "quantity": 1}]}).json()["id"] for _ in range(3)]
        presses: list[Press] = [partial(Client().post, "auth/login", account | {"cart": guest}) for guest in guests]
        presses += [partial(signed_in(user).get, "cart") for _ in range(3)]
        assert statuses(together(presses)) == {200: 6}
        assert Cart.objects.filter(user=user).count() == 1
        assert CartLine.objects.filter(cart__user=user).count() == 1


def test_the_same_perfume_put_in_at_the_same_moment_is_one_line() -> None:
    variant = make_variant(price=inr(900_00), on_hand=50)
    for _ in range(ROUNDS):
        cart = Client().post("carts").json()["id"]
        line = {"sku": variant.sku, "quantity": 1}
        assert statuses(together([partial(Client().post, f"carts/{cart}/lines", line)] * 6)) == {201: 6}
        assert [row.quantity for row in CartLine.objects.filter(cart_id=cart)] == [6]


def test_a_person_who_enters_a_lottery_from_many_windows_has_one_entry() -> None:
    drop = make_drop(make_variant(price=inr(900_00), on_hand=5), mode="lottery", units=2)
    for n in range(ROUNDS):
        email = f"entrant{n}@example.com"
        user = make_user(email=email, email_verified=True)
        presses: list[Press] = [partial(signed_in(user).post, f"drops/{drop.slug}/entries") for _ in range(3)]
        presses += [partial(Client().post, f"drops/{drop.slug}/entries", {"email": email})] * 3
        assert statuses(together(presses)) == {200: 6}
        entry = Entry.objects.get(drop=drop, email=email)
        assert (entry.user_id, entry.state) == (user.pk, "entered")


def test_addresses_that_are_saved_at_the_same_moment_leave_one_default(shopper: Client) -> None:
    assert shopper.user
    address = {
        "name": "Ira Sen", "line1": "14 Marine Drive", "line2": "", "city": "Mumbai", "region": "MH", "postcode": "400020",
        "country": "IN", "phone": "+919820012345", "is_default": True,
    }  # fmt: skip
    answers = together([partial(signed_in(shopper.user).post, "me/addresses", address) for _ in range(6)])
    assert statuses(answers) == {201: 6}
    assert shopper.user.addresses.filter(is_default=True).count() == 1


def test_a_webhook_that_is_delivered_many_times_at_once_is_stored_once() -> None:
    body = json.dumps({"entity": "event", "event": "invoice.paid", "account_id": "acc_1", "payload": {}}).encode()
    signed = hmac.new(settings.RAZORPAY_WEBHOOK_SECRET.encode(), body, hashlib.sha256).hexdigest()

    def deliver(signature: str) -> Any:
        return Client().generic(
            "POST", "webhooks/razorpay", body, content_type="application/json",
            HTTP_X_RAZORPAY_SIGNATURE=signature, HTTP_X_RAZORPAY_EVENT_ID="evt_1",
        )  # fmt: skip

    assert statuses(together([lambda: deliver(signed)] * 6)) == {200: 6}
    assert statuses(together([lambda: deliver("0" * 64)] * 6)) == {400: 6}
