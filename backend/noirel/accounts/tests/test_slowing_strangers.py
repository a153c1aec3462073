"""Guessing and flooding are slowed for strangers, whatever they send along, and never for the owner of an account."""

import re
from collections.abc import Iterator
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from noirel.accounts.services import links
from noirel.core import events
from noirel.core.domain.money import inr
from noirel.core.http.throttling import client_ip, client_network
from noirel.core.models import OutboxEvent, ThrottleCount
from noirel.orders.tests.test_staff_orders import make_order
from tests.client import Client, signed_in
from tests.make import PASSWORD, make_drop, make_user, make_variant
from tests.shopping import ADDRESS

pytestmark = pytest.mark.django_db
EMAIL = "noor@example.com"
LOGIN = {"email": EMAIL, "password": PASSWORD}
WRONG = {"email": EMAIL, "password": "a guess"}


@pytest.fixture(autouse=True)
def _counting() -> Iterator[None]:
    with override_settings(THROTTLE_SCALE=1), time_machine.travel("2026-11-23T21:12:00Z", tick=False):
        yield


def _from(address: str) -> dict[str, Any]:
    return {"HTTP_X_FORWARDED_FOR": address}


ANONYMOUS_CALLS = [
    ("auth/login", lambda n: {"email": f"n{n}@example.com", "password": "x"}, 20),
    ("auth/register", lambda n: {"email": f"n{n}@example.com", "password": "short"}, 10),
    ("auth/password/forgot", lambda n: {"email": f"n{n}@example.com"}, 10),
    ("auth/password/reset", lambda n: {"token": f"{n}", "password": "x"}, 10),
    ("auth/verify-email", lambda n: {"token": f"{n}"}, 10),
    ("orders/lookup", lambda n: {"number": f"NE-{n}", "email": f"n{n}@example.com"}, 10),
    ("carts", lambda _: {}, 60),
]


@pytest.mark.parametrize(("path", "body", "tries"), ANONYMOUS_CALLS, ids=[path for path, *_ in ANONYMOUS_CALLS])
def test_another_accounts_token_is_no_way_round_the_address(path: str, body: Any, tries: int) -> None:
    """As many accounts as an attacker likes, one try each."""
    people = [signed_in(make_user()) for _ in range(4)]
    answers = [people[n % 4].post(path, body(n), **_from("203.0.113.9")).status_code for n in range(tries + 3)]
    assert 429 not in answers[:tries]
    assert answers[tries:] == [429] * 3
    assert people[0].post(path, body(99), **_from("203.0.113.10")).status_code != 429


def test_a_token_that_has_run_out_does_not_keep_anybody_from_signing_in() -> None:
    make_user(email=EMAIL)
    assert Client(HTTP_AUTHORIZATION="Bearer nonsense").post("auth/login", LOGIN).status_code == 200


def test_a_customer_with_a_whole_ipv6_network_is_one_caller(client: Client) -> None:
    answers = [
        client.post("auth/password/forgot", {"email": f"n{n}@example.com"}, **_from(f"2001:db8:1:2::{n:x}")).status_code
        for n in range(1, 14)
    ]
    assert answers == [204] * 10 + [429] * 3
    assert client.post("auth/password/forgot", {"email": EMAIL}, **_from("2001:db8:1:3::1")).status_code == 204


def test_what_the_browser_writes_about_its_address_is_worth_nothing(client: Client) -> None:
    answers = [
        client.post("auth/verify-email", {"token": "x"}, **_from(f"198.51.100.{n}, 203.0.113.9")).status_code for n in range(12)
    ]
    assert answers == [400] * 10 + [429] * 2


@pytest.mark.parametrize(
    ("forwarded", "hops", "address", "network"),
    [
        ("203.0.113.9", 1, "203.0.113.9", "203.0.113.9"),
        ("203.0.113.9:4711", 1, "203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", 1, "203.0.113.9", "203.0.113.9"),
        ("[2001:db8::7]:443", 1, "2001:db8::7", "2001:db8::/64"),
        ("fe80::1%eth0", 1, "fe80::1", "fe80::/64"),
        ("1.1.1.1, 203.0.113.9, 10.0.0.1", 2, "203.0.113.9", "203.0.113.9"),
        ("203.0.113.9", 0, "127.0.0.1", "127.0.0.1"),
        ("203.0.113.9", 2, "127.0.0.1", "127.0.0.1"),
        ("not an address", 1, "127.0.0.1", "127.0.0.1"),
        ("", 1, "127.0.0.1", "127.0.0.1"),
    ],
)
def test_the_address_is_what_our_own_proxies_say(
    rf: Any, settings: Any, forwarded: str, hops: int, address: str, network: str
) -> None:
    settings.TRUSTED_PROXY_HOPS = hops
    request = rf.post("/", HTTP_X_FORWARDED_FOR=forwarded)
    assert (client_ip(request), client_network(request)) == (address, network)
    ip_network(client_network(request))


def test_the_counts_have_no_address_and_no_mailbox_in_them(client: Client) -> None:
    client.post("auth/login", WRONG, **_from("203.0.113.9"))
    kept = " ".join(ThrottleCount.objects.values_list("key", flat=True))
    assert kept
    assert "203.0.113.9" not in kept
    assert EMAIL not in kept


# The owner.


def _guess_from_everywhere(tries: int = 12) -> list[int]:
    return [Client().post("auth/login", WRONG, **_from(f"198.51.100.{n}")).status_code for n in range(tries)]


def test_an_account_is_guessed_at_ten_times_from_all_addresses_together() -> None:
    make_user(email=EMAIL)
    assert _guess_from_everywhere() == [401] * 10 + [429] * 2
    assert Client().post("auth/login", LOGIN, **_from("192.0.2.1")).status_code == 429


def test_strangers_do_not_lock_out_a_device_that_has_signed_in_before() -> None:
    make_user(email=EMAIL)
    owner = Client()
    assert owner.post("auth/login", LOGIN, **_from("192.0.2.1")).status_code == 200
    owner.post("auth/logout")
    assert _guess_from_everywhere(30)[-1] == 429
    assert owner.post("auth/login", LOGIN, **_from("192.0.2.77")).status_code == 200


@pytest.mark.parametrize("way", ["register", "reset", "refresh"])
def test_a_device_is_known_after_registering_a_reset_and_a_refresh(way: str) -> None:
    owner = Client()
    if way == "register":
        assert owner.post("auth/register", LOGIN, **_from("192.0.2.1")).status_code == 201
    elif way == "reset":
        token = links.reset_link(make_user(email=EMAIL)).partition("token=")[2]
        _guess_from_everywhere()  # the way out for an owner with a new device
        assert (
            owner.post("auth/password/reset", {"token": token, "password": PASSWORD}, **_from("192.0.2.1")).status_code == 204
        )
    else:
        make_user(email=EMAIL)
        assert owner.post("auth/login", LOGIN).status_code == 200
        del owner.cookies["noirel_device"]
        assert owner.post("auth/refresh").status_code == 200
    _guess_from_everywhere()
    assert owner.post("auth/login", LOGIN, **_from("192.0.2.1")).status_code == 200


def test_a_known_device_gets_ten_guesses_of_its_own_and_no_more() -> None:
    make_user(email=EMAIL)
    device = Client()
    assert device.post("auth/login", LOGIN, **_from("192.0.2.1")).status_code == 200
    answers = [device.post("auth/login", WRONG, **_from(f"192.0.2.{n}")).status_code for n in range(11)]
    assert answers == [401] * 10 + [429]
    assert Client().post("auth/login", LOGIN, **_from("192.0.2.99")).status_code == 200  # a stranger's have not begun


def test_a_device_is_known_to_the_accounts_it_has_signed_in_to_alone() -> None:
    make_user(email=EMAIL)
    make_user(email="thief@example.com")
    thief = Client()
    thief.post("auth/login", {"email": "thief@example.com", "password": PASSWORD}, **_from("192.0.2.1"))
    assert thief.cookies["noirel_device"].value
    _guess_from_everywhere()
    assert thief.post("auth/login", WRONG, **_from("192.0.2.1")).status_code == 429


def test_a_device_cookie_that_we_did_not_sign_is_a_strangers() -> None:
    make_user(email=EMAIL)
    owner = Client()
    owner.post("auth/login", LOGIN, **_from("192.0.2.1"))
    forged = owner.cookies["noirel_device"].value[:-4] + "AAAA"
    _guess_from_everywhere()
    for cookie in (forged, "x", ""):
        client = Client(HTTP_COOKIE=f"noirel_device={cookie}")
        assert client.post("auth/login", WRONG, **_from("192.0.2.2")).status_code == 429


def test_the_device_cookie_says_nothing_and_is_for_the_auth_path_alone() -> None:
    make_user(email=EMAIL)
    owner = Client()
    cookie = owner.post("auth/login", LOGIN).cookies["noirel_device"]
    assert (cookie["path"], cookie["httponly"], cookie["secure"], cookie["samesite"]) == ("/api/v1/auth", True, True, "Lax")
    assert EMAIL not in cookie.value
    for number in range(12):
        make_user(email=f"{number}@example.com")
        owner.post("auth/login", {"email": f"{number}@example.com", "password": PASSWORD}, **_from(f"192.0.2.{number}"))
    assert len(owner.cookies["noirel_device"].value) < 400


# Targets.


def test_a_mailbox_is_flooded_from_nowhere() -> None:
    make_user(email=EMAIL)
    answers = [
        Client().post("auth/password/forgot", {"email": EMAIL.upper()}, **_from(f"198.51.100.{n}")).status_code
        for n in range(8)
    ]
    assert answers == [204] * 8
    assert OutboxEvent.objects.filter(name="accounts.reset_asked").count() == 5
    unknown = [
        Client().post("auth/password/forgot", {"email": "nobody@example.com"}, **_from(f"198.51.100.{n}")).status_code
        for n in range(8)
    ]
    assert unknown == answers  # the limit doesn't tell who has an account


def test_strangers_who_ask_for_an_owners_links_leave_the_owner_a_link_that_works() -> None:
    make_user(email=EMAIL)
    for n in range(9):
        Client().post("auth/password/forgot", {"email": EMAIL}, **_from(f"198.51.100.{n}"))
    assert Client().post("auth/password/forgot", {"email": EMAIL}, **_from("192.0.2.1")).status_code == 204
    events.deliver_due()
    assert [message.to for message in mail.outbox] == [[EMAIL]] * 5
    for message in (mail.outbox[-1], mail.outbox[0]):
        token = message.body.partition("token=")[2].split()[0]
        answer = Client().post("auth/password/reset", {"token": token, "password": PASSWORD + "!"}, **_from("192.0.2.1"))
        assert answer.status_code == (204 if message is mail.outbox[-1] else 400)  # each works, until the password changes


def _statements(path: str, body: dict[str, str]) -> list[str]:
    with CaptureQueriesContext(connection) as seen:
        assert Client().post(path, body).status_code in {202, 204}
    return [re.sub(r"'[^']*'|%s|[0-9a-f-]{20,}|[0-9]+", "?", query["sql"]) for query in seen.captured_queries]


def test_forgot_and_lookup_do_the_same_work_whether_or_not_there_is_anything() -> None:
    make_user(email=EMAIL)
    order = make_order((make_variant(price=inr(900_00)), 1), email=EMAIL, paid=False)
    for path, known, unknown in (
        ("auth/password/forgot", {"email": EMAIL}, {"email": "nobody@example.com"}),
        ("orders/lookup", {"number": order.number, "email": EMAIL}, {"number": "NE-00000000", "email": "nobody@example.com"}),
        ("orders/lookup", {"number": order.number, "email": EMAIL}, {"number": order.number, "email": "nobody@example.com"}),
    ):
        assert _statements(path, known) == _statements(path, unknown)
    events.deliver_due()
    assert {message.to[0] for message in mail.outbox} == {EMAIL}


def test_asking_for_somebody_elses_mailbox_does_not_use_up_its_owners_links(client: Client) -> None:
    make_user(email=EMAIL)
    stranger = signed_in(make_user())
    asked = [stranger.post("auth/email/change", {"email": EMAIL, "password": "a guess"}).status_code for _ in range(7)]
    assert asked == [401] * 7  # a wrong password asks for nothing
    assert client.post("auth/password/forgot", {"email": EMAIL}).status_code == 204


def test_strangers_do_not_use_up_the_tries_of_an_account_that_changes_to_its_owners_other_mailbox() -> None:
    other = "other@example.com"
    body = {"email": other, "password": PASSWORD}
    answers = [signed_in(make_user()).post("auth/email/change", body).status_code for _ in range(7)]
    assert answers == [204] * 5 + [429] * 2  # accounts whose own address nobody has confirmed share a mailbox's tries
    owner = signed_in(make_user(email=EMAIL, email_verified=True))
    assert [owner.post("auth/email/change", body).status_code for _ in range(6)] == [204] * 5 + [429]


def test_strangers_do_not_use_up_a_buyers_tries_to_find_their_order() -> None:
    order = make_order((make_variant(price=inr(900_00)), 1), email=EMAIL, paid=False)
    for n in range(12):
        guesses = ({"number": f"NE-{n:08d}", "email": EMAIL}, {"number": order.number, "email": f"n{n}@example.com"})
        for at, body in enumerate(guesses):
            assert Client().post("orders/lookup", body, **_from(f"198.51.{at}.{n}")).status_code == 202
    buyer = {"number": order.number, "email": EMAIL}
    assert Client().post("orders/lookup", buyer, **_from("192.0.2.1")).status_code == 202
    events.deliver_due()
    assert [message.to for message in mail.outbox] == [[EMAIL]]


def test_a_buyers_mailbox_is_not_flooded_with_links_to_an_order() -> None:
    order = make_order((make_variant(price=inr(900_00)), 1), email=EMAIL, paid=False)
    body = {"number": order.number, "email": EMAIL}
    answers = [Client().post("orders/lookup", body, **_from(f"198.51.100.{n}")).status_code for n in range(8)]
    assert answers == [202] * 8
    events.deliver_due()
    assert len(mail.outbox) == 5
    token = mail.outbox[0].body.partition("token=")[2].split()[0]
    assert Client().get(f"orders/{order.number}?token={token}").status_code == 200  # the oldest of them works


def test_refused_registrations_do_not_use_up_a_mailboxs_tries() -> None:
    for n in range(7):
        refused = Client().post("auth/register", {"email": EMAIL, "password": "short"}, **_from(f"198.51.100.{n}"))
        assert refused.status_code == 400
    assert Client().post("auth/register", LOGIN, **_from("192.0.2.1")).status_code == 201
    taken = [Client().post("auth/register", LOGIN, **_from(f"198.51.101.{n}")).status_code for n in range(7)]
    assert taken == [409] * 7


def test_no_more_than_five_accounts_an_hour_are_made_for_one_mailbox() -> None:
    answers = []
    for n in range(6):
        client = Client()
        answer = client.post("auth/register", LOGIN, **_from(f"198.51.100.{n}"))
        answers.append(answer.status_code)
        if answer.status_code == 201:
            client.credentials(HTTP_AUTHORIZATION=f"Bearer {answer.json()['access']}")
            assert client.delete("me", {"password": PASSWORD}).status_code == 204
    assert answers == [201] * 5 + [429]


@pytest.mark.parametrize("is_member", [False, True])
def test_strangers_do_not_keep_the_owner_of_a_mailbox_out_of_a_lottery(is_member: bool) -> None:
    """Guests who name the mailbox, or an account that was made with it and never confirmed."""
    lottery = make_drop(make_variant(price=inr(900_00)), mode="lottery", units=1, closes_at=timezone.now() + timedelta(days=1))
    path = f"drops/{lottery.slug}/entries"
    stranger, body = (signed_in(make_user(email=EMAIL)), {}) if is_member else (Client(), {"email": EMAIL})
    for n in range(6):
        assert stranger.post(path, body, **_from(f"198.51.100.{n}")).status_code == 200
    assert Client().post(path, {"email": EMAIL}, **_from("192.0.2.1")).status_code == 200
    events.deliver_due()
    assert [message.to for message in mail.outbox] == [[EMAIL]] * 3


@pytest.mark.parametrize(
    "name",
    ["You won! Go to http://evil.example/win", "www.evil.example", "evil.com", "Claim: prize.shop/now", "ｅｖｉｌ．ｃｏｍ"],
)
def test_no_name_and_no_address_has_a_web_address_in_it(name: str) -> None:
    refused = Client().post("auth/register", {"email": EMAIL, "password": PASSWORD, "name": name})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "link")
    member = signed_in(make_user())
    assert member.patch("me", {"name": name}).status_code == 400
    for field in ("name", "line1", "line2", "city"):
        refused = member.post("me/addresses", ADDRESS | {field: name})
        assert [error["field"] for error in refused.json()["errors"]] == [field]


@pytest.mark.parametrize("name", ["J.R.R. Tolkien", "Dr.Rao", "St.John Smythe", "O'Neil-Sen", "Noor & Sons", "नूर खान"])
def test_people_keep_their_names(name: str) -> None:
    assert Client().post("auth/register", {"email": EMAIL, "password": PASSWORD, "name": name}).status_code == 201
    for line in ("H.No.12/3, Plot.No/4", "No. 5, 2nd Cross, M.G.Road"):
        assert signed_in(make_user()).post("me/addresses", ADDRESS | {"name": name, "line1": line}).status_code == 201
