"""Access tokens end with their session; what a stolen session must not do asks for the password."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test import override_settings
from django.utils import timezone

from noirel.accounts.models import RefreshToken, Session, User
from noirel.accounts.services import links, tokens
from noirel.core import events
from tests.client import Client, signed_in
from tests.make import PASSWORD, make_staff, make_user

NEW = "another night, 23:40"
WRONG = "not it at all, 21:12"


def _signed_in_by_password(user: User) -> Client:
    """As a browser does it: with the cookie, and the access token of the answer."""
    client = Client()
    answer = client.post("auth/login", {"email": user.email, "password": PASSWORD})
    assert answer.status_code == 200
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {answer.json()['access']}")
    return client


def _is_out(client: Client) -> bool:
    answer = client.get("me")
    if answer.status_code == 200:
        return False
    assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid")
    return True


@pytest.mark.django_db
def test_signing_out_ends_the_access_token_at_once() -> None:
    user = make_user()
    here, elsewhere = _signed_in_by_password(user), _signed_in_by_password(user)
    assert here.post("auth/logout").status_code == 204
    assert _is_out(here)
    assert not _is_out(elsewhere)


@pytest.mark.django_db
def test_signing_out_without_the_cookie_ends_the_session_of_the_token() -> None:
    client = _signed_in_by_password(make_user())
    stolen = client.cookies["noirel_refresh"].value
    client.cookies.clear()
    assert client.post("auth/logout").status_code == 204
    assert _is_out(client)
    assert Client(HTTP_COOKIE=f"noirel_refresh={stolen}").post("auth/refresh").status_code == 401


@pytest.mark.django_db
def test_signing_out_with_a_token_that_has_run_out_is_a_success_too() -> None:
    client = _signed_in_by_password(make_user())
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        assert client.post("auth/logout").status_code == 204
        assert client.post("auth/refresh").status_code == 401
    assert Client(HTTP_AUTHORIZATION="Bearer nonsense").post("auth/logout").status_code == 204


@pytest.mark.django_db
def test_a_new_password_ends_every_access_token_at_once() -> None:
    user = make_user()
    owner, thief = _signed_in_by_password(user), _signed_in_by_password(user)
    changed = owner.post("auth/password/change", {"current_password": PASSWORD, "new_password": NEW})
    assert changed.status_code == 204
    assert _is_out(thief)
    assert thief.delete("me", {"password": PASSWORD}).status_code == 401
    assert _is_out(owner)  # this one's as well: it may be the stolen one
    renewed = owner.post("auth/refresh")
    assert renewed.status_code == 200
    owner.credentials(HTTP_AUTHORIZATION=f"Bearer {renewed.json()['access']}")
    assert not _is_out(owner)


@pytest.mark.django_db
def test_a_reset_password_ends_every_access_token_at_once(client: Client) -> None:
    user = make_user()
    thief = _signed_in_by_password(user)
    token = links.reset_link(user).partition("token=")[2]
    assert client.post("auth/password/reset", {"token": token, "password": NEW}).status_code == 204
    assert _is_out(thief)


@pytest.mark.django_db
def test_a_stolen_refresh_token_that_comes_back_ends_the_access_tokens_of_its_family() -> None:
    client = _signed_in_by_password(make_user())
    stolen = client.cookies["noirel_refresh"].value
    client.post("auth/refresh")
    assert not _is_out(client)
    RefreshToken.objects.exclude(rotated_at=None).update(rotated_at=timezone.now() - timedelta(minutes=1))
    assert Client(HTTP_COOKIE=f"noirel_refresh={stolen}").post("auth/refresh").status_code == 401
    assert _is_out(client)


@pytest.mark.django_db
def test_a_token_without_a_session_or_of_somebody_elses_opens_nothing() -> None:
    from rest_framework_simplejwt.tokens import AccessToken

    user, other = make_user(), make_user()
    session, _ = tokens.start_session(other)
    without = AccessToken.for_user(user)
    for token in (str(without), tokens.access_token(user, session=session)):
        assert Client(HTTP_AUTHORIZATION=f"Bearer {token}").get("me").status_code == 401


@pytest.mark.django_db
def test_who_asks_and_whether_the_session_goes_on_is_one_statement(django_assert_num_queries: Any) -> None:
    client = _signed_in_by_password(make_staff())
    with django_assert_num_queries(1):
        assert client.get("me").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_another_process_stops_at_once_too() -> None:
    """Nothing is cached: the next request of any connection sees the end."""
    client = _signed_in_by_password(make_user())
    assert not _is_out(client)

    def in_another_connection() -> None:
        try:
            tokens.end_session(Session.objects.get().pk)
        finally:
            connection.close()

    thread = threading.Thread(target=in_another_connection)
    thread.start()
    thread.join()
    assert _is_out(client)


@pytest.mark.django_db
def test_a_sign_in_of_the_release_before_goes_on() -> None:
    client = _signed_in_by_password(make_user())
    Session.objects.all().delete()
    assert _is_out(client)
    renewed = client.post("auth/refresh")
    assert renewed.status_code == 200
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {renewed.json()['access']}")
    assert not _is_out(client)


@pytest.mark.django_db
def test_ended_sessions_are_forgotten_and_stay_ended() -> None:
    client = _signed_in_by_password(make_user())
    with time_machine.travel(timezone.now() + timedelta(days=32)):
        tokens.forget_ended_sessions()
    assert (Session.objects.count(), RefreshToken.objects.count()) == (0, 0)
    assert _is_out(client)


# What a stolen session must not do.


@pytest.mark.django_db
@pytest.mark.parametrize("body", [{}, {"password": ""}, {"password": WRONG}])
def test_erasing_an_account_asks_for_the_password(shopper: Client, body: dict[str, str]) -> None:
    assert shopper.user is not None
    answer = shopper.delete("me", body)
    assert answer.status_code == (401 if body.get("password") else 400)
    if body.get("password"):
        assert answer.json()["code"] == "invalid_credentials"
    shopper.user.refresh_from_db()
    assert (shopper.user.is_active, shopper.user.erased_at) == (True, None)


@pytest.mark.django_db
def test_an_erased_account_leaves_no_session() -> None:
    user = make_user()
    here, elsewhere = _signed_in_by_password(user), _signed_in_by_password(user)
    assert here.delete("me", {"password": PASSWORD}).status_code == 204
    assert _is_out(here)
    assert _is_out(elsewhere)
    assert elsewhere.post("auth/refresh").status_code == 401


@pytest.mark.django_db
@override_settings(THROTTLE_SCALE=1)
def test_a_stolen_session_gets_ten_guesses_and_does_not_use_up_its_owners() -> None:
    user = make_user()
    thief, owner = _signed_in_by_password(user), _signed_in_by_password(user)
    with time_machine.travel("2026-11-23T21:12:00Z", tick=False):
        thief, owner = _signed_in_by_password(user), _signed_in_by_password(user)
        guesses = [
            lambda: thief.delete("me", {"password": WRONG}),
            lambda: thief.post("auth/email/change", {"email": "thief@example.com", "password": WRONG}),
            lambda: thief.post("auth/password/change", {"current_password": WRONG, "new_password": NEW}),
        ]
        answers = [guesses[number % 3]().status_code for number in range(12)]
        assert answers == [401] * 10 + [429] * 2
        changed = owner.post("auth/password/change", {"current_password": PASSWORD, "new_password": NEW})
        assert changed.status_code == 204


@pytest.mark.django_db
def test_the_last_owner_cannot_be_erased() -> None:
    owner = make_staff()
    make_staff(role="manager")
    make_staff(is_active=False)
    client = signed_in(owner)
    answer = client.delete("me", {"password": PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (409, "last_owner")
    owner.refresh_from_db()
    assert (owner.is_active, owner.roles.count()) == (True, 1)
    assert not _is_out(client)
    make_staff()
    assert client.delete("me", {"password": PASSWORD}).status_code == 204


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_two_owners_who_leave_at_once_one_stays() -> None:
    owners = [signed_in(make_staff()), signed_in(make_staff())]
    together = threading.Barrier(2)

    def leave(client: Client) -> int:
        try:
            together.wait()
            return int(client.delete("me", {"password": PASSWORD}).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(leave, owners)) == [204, 409]
    assert User.objects.filter(is_active=True, roles__name="owner").count() == 1


# Another e-mail.


def _told() -> dict[str, str]:
    """The mails so far: who got which subject."""
    events.deliver_due()
    return {message.to[0]: str(message.subject) for message in mail.outbox}


def _link_to(address: str) -> str:
    (message,) = [message for message in mail.outbox if message.to == [address]]
    return str(message.body).partition("token=")[2].split()[0]


@pytest.mark.django_db(transaction=True)
def test_an_e_mail_changes_once_its_mailbox_has_confirmed_it(shopper: Client, client: Client) -> None:
    assert shopper.user is not None
    old = shopper.user.email
    refused = shopper.post("auth/email/change", {"email": "new@example.com", "password": WRONG})
    assert (refused.status_code, refused.json()["code"]) == (401, "invalid_credentials")
    assert shopper.post("auth/email/change", {"email": "New@example.com", "password": PASSWORD}).status_code == 204
    assert shopper.get("me").json()["email"] == old
    assert _told() == {"new@example.com": "Confirm your new e-mail", old: "Your e-mail is about to change"}
    token = _link_to("new@example.com")
    assert client.post("auth/verify-email", {"token": token}).status_code == 204
    assert (shopper.get("me").json()["email"], shopper.get("me").json()["email_verified"]) == ("new@example.com", True)
    assert client.post("auth/verify-email", {"token": token}).json()["code"] == "link_invalid"
    assert client.post("auth/login", {"email": old, "password": PASSWORD}).status_code == 401
    assert client.post("auth/login", {"email": "new@example.com", "password": PASSWORD}).status_code == 200


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("by", ["cookie", "access token"])
def test_a_new_e_mail_ends_all_sessions_but_the_one_that_asked_and_the_one_that_confirmed(by: str) -> None:
    user = make_user()
    asking, confirming, thief = (_signed_in_by_password(user) for _ in range(3))
    stranger = _signed_in_by_password(make_user())
    assert asking.post("auth/email/change", {"email": "new@example.com", "password": PASSWORD}).status_code == 204
    _told()
    assert not _is_out(thief)  # nothing has changed yet
    kept_cookie = confirming.cookies["noirel_refresh"].value
    if by == "cookie":
        confirming = Client(HTTP_COOKIE=f"noirel_refresh={kept_cookie}")
    else:
        confirming.cookies.clear()
    assert confirming.post("auth/verify-email", {"token": _link_to("new@example.com")}).status_code == 204
    assert _is_out(thief)
    assert thief.post("auth/refresh").status_code == 401
    assert not _is_out(asking)
    assert asking.post("auth/refresh").status_code == 200
    assert Client(HTTP_COOKIE=f"noirel_refresh={kept_cookie}").post("auth/refresh").status_code == 200
    assert not _is_out(stranger)


@pytest.mark.django_db
@pytest.mark.parametrize("call", ["auth/logout", "auth/refresh"])
def test_a_body_that_no_call_takes_is_refused_and_ends_nothing(call: str) -> None:
    client = _signed_in_by_password(make_user())
    refused = client.post(call, {"everywhere": True})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "unknown_field")
    assert not _is_out(client)
    assert client.post(call, {}).status_code in {200, 204}


@pytest.mark.django_db(transaction=True)
def test_a_new_password_stops_a_change_of_e_mail_that_was_under_way(shopper: Client, client: Client) -> None:
    shopper.post("auth/email/change", {"email": "thief@example.com", "password": PASSWORD})
    _told()
    assert shopper.post("auth/password/change", {"current_password": PASSWORD, "new_password": NEW}).status_code == 204
    assert client.post("auth/verify-email", {"token": _link_to("thief@example.com")}).json()["code"] == "link_invalid"


@pytest.mark.django_db(transaction=True)
def test_asking_for_an_e_mail_that_somebody_has_tells_nobody(shopper: Client) -> None:
    assert shopper.user is not None
    taken = make_user().email
    free = shopper.post("auth/email/change", {"email": "free@example.com", "password": PASSWORD})
    answer = shopper.post("auth/email/change", {"email": taken, "password": PASSWORD})
    assert (answer.status_code, answer.content) == (free.status_code, free.content)
    assert taken not in _told()


@pytest.mark.django_db(transaction=True)
def test_an_address_that_was_taken_meanwhile_stays_its_owners(shopper: Client, client: Client) -> None:
    shopper.post("auth/email/change", {"email": "both@example.com", "password": PASSWORD})
    _told()
    make_user(email="both@example.com")
    answer = client.post("auth/verify-email", {"token": _link_to("both@example.com")})
    assert (answer.status_code, answer.json()["code"]) == (409, "email_taken")


# Links.


@pytest.mark.django_db
def test_a_link_holds_no_part_of_the_password_hash_and_no_address() -> None:
    from base64 import urlsafe_b64decode

    user = make_user(email="noor@example.com")
    user.pending_email = "new@example.com"
    for link in (links.reset_link(user), links.verify_link(user), links.email_change_link(user)):
        payload = link.partition("token=")[2].split(":")[0]
        written = urlsafe_b64decode(payload + "=" * (-len(payload) % 4)).decode()
        assert "example.com" not in written
        for start in range(len(user.password) - 6):
            assert user.password[start : start + 6] not in written


@pytest.mark.django_db
def test_a_link_of_one_purpose_serves_no_other(client: Client) -> None:
    user = make_user()
    verify, reset = (link(user).partition("token=")[2] for link in (links.verify_link, links.reset_link))
    assert client.post("auth/password/reset", {"token": verify, "password": NEW}).json()["code"] == "link_invalid"
    assert client.post("auth/verify-email", {"token": reset}).json()["code"] == "link_invalid"


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_reset_link_that_is_used_twice_at_once_works_once() -> None:
    token = links.reset_link(make_user()).partition("token=")[2]
    together = threading.Barrier(4)

    def use(number: int) -> int:
        try:
            together.wait()
            return int(Client().post("auth/password/reset", {"token": token, "password": f"{NEW} {number}"}).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(use, range(4))) == [204, 400, 400, 400]
