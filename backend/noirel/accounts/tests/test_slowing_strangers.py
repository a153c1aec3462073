"""Guessing and flooding are slowed for strangers, whatever they send along, and never for the owner of an account."""

from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any

import pytest
import time_machine
from django.test import override_settings

from noirel.accounts.services import links
from noirel.core.http.throttling import client_ip, client_network
from noirel.core.models import OutboxEvent, ThrottleCount
from tests.client import Client, signed_in
from tests.make import PASSWORD, make_user

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
    assert answers == [204] * 5 + [429] * 3
    assert OutboxEvent.objects.filter(name="accounts.reset_asked").count() == 5
    unknown = [
        Client().post("auth/password/forgot", {"email": "nobody@example.com"}, **_from(f"198.51.100.{n}")).status_code
        for n in range(8)
    ]
    assert unknown == answers  # the limit doesn't tell who has an account


def test_asking_for_somebody_elses_mailbox_does_not_use_up_its_owners_links(client: Client) -> None:
    make_user(email=EMAIL)
    stranger = signed_in(make_user())
    asked = [stranger.post("auth/email/change", {"email": EMAIL, "password": "a guess"}).status_code for _ in range(7)]
    assert asked == [401] * 5 + [429] * 2
    assert client.post("auth/password/forgot", {"email": EMAIL}).status_code == 204


def test_an_order_is_looked_up_five_times_from_all_addresses_together() -> None:
    answers = []
    for n in range(7):
        body = {"number": "ne-777", "email": f"n{n}@example.com"}
        answers.append(Client().post("orders/lookup", body, **_from(f"198.51.100.{n}")).status_code)
    assert answers == [202] * 5 + [429] * 2


def test_a_mailbox_is_tried_at_registration_five_times_from_all_addresses_together() -> None:
    answers = [
        Client().post("auth/register", {"email": EMAIL, "password": "short"}, **_from(f"198.51.100.{n}")).status_code
        for n in range(7)
    ]
    assert answers == [400] * 5 + [429] * 2
