"""Mails about accounts."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.test import override_settings

from noirel.accounts.models import User
from noirel.accounts.services import links
from noirel.core import events
from tests.client import Client, signed_in
from tests.make import PASSWORD, make_user

pytestmark = pytest.mark.django_db


def _link_in(message: Any, page: str) -> str:
    match = re.search(rf"http://localhost:8000/{page}\?token=(\S+)", message.body)
    assert match
    return match[1]


def _html_of(message: Any) -> str:
    return str(message.alternatives[0].content)


def test_a_new_account_gets_one_welcome_mail_whose_link_confirms_the_address(client: Client) -> None:
    client.post("auth/register", {"email": "noor@example.com", "password": PASSWORD, "name": "Noor & <b>"})
    assert mail.outbox == []  # mails are not sent within the request
    events.deliver_due()
    (message,) = mail.outbox
    assert (message.to, message.subject) == (["noor@example.com"], "Confirm your e-mail")
    html = _html_of(message)
    for part in (message.body, html):
        assert "Welcome." in part
        assert "Noor" not in part  # nobody knows yet that whoever typed the name has the mailbox
    assert client.post("auth/verify-email", {"token": _link_in(message, "verify")}).status_code == 204


def test_a_repeated_event_sends_one_mail(client: Client) -> None:
    from noirel.notifications.services.accounts import send_welcome

    user = make_user()
    send_welcome({"user_id": str(user.pk)})
    send_welcome({"user_id": str(user.pk)})
    assert len(mail.outbox) == 1


def test_the_mailed_link_resets_a_forgotten_password(client: Client) -> None:
    user = make_user()
    client.post("auth/password/forgot", {"email": user.email.upper()})
    events.deliver_due()
    token = _link_in(mail.outbox[0], "reset")
    assert client.post("auth/password/reset", {"token": token, "password": "another night, 23:40"}).status_code == 204


@pytest.mark.parametrize("ask", ["register", "forgot", "email_change"])
def test_what_a_stranger_types_does_not_go_out_to_a_mailbox_nobody_has_confirmed(client: Client, ask: str) -> None:
    name = "You have won - call 0 900 555"
    victim = "victim@example.com"
    stranger = {"email": "stranger@example.com" if ask == "email_change" else victim, "password": PASSWORD, "name": name}
    registered = client.post("auth/register", stranger)
    assert registered.status_code == 201
    if ask == "forgot":
        assert client.post("auth/password/forgot", {"email": victim}).status_code == 204
    if ask == "email_change":
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {registered.json()['access']}")
        assert client.post("auth/email/change", {"email": victim, "password": PASSWORD}).status_code == 204
    events.deliver_due()
    mails = [message for message in mail.outbox if message.to == [victim]]
    assert mails
    for message in mails:
        assert "won" not in f"{message.subject} {message.body} {_html_of(message)}"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", ["reset", "change"])
def test_the_owner_is_told_of_each_new_password(client: Client, way: str) -> None:
    user = make_user()
    for number in (1, 2):
        new, before = f"another night, 23:4{number}", PASSWORD if number == 1 else "another night, 23:41"
        if way == "reset":
            token = links.reset_link(User.objects.get(pk=user.pk)).partition("token=")[2]
            answer = client.post("auth/password/reset", {"token": token, "password": new})
        else:
            answer = signed_in(user).post("auth/password/change", {"current_password": before, "new_password": new})
        assert answer.status_code == 204
        events.deliver_due()
        told = [message for message in mail.outbox if message.subject == "Your password was changed"]
        assert [message.to for message in told] == [[user.email]] * number
        assert "http://localhost:8000/forgot" in told[-1].body
        assert new not in told[-1].body


def test_a_refused_new_password_is_no_news(client: Client) -> None:
    user = make_user()
    wrong = {"current_password": "not it", "new_password": "another night, 23:40"}
    assert signed_in(user).post("auth/password/change", wrong).status_code == 401
    events.deliver_due()
    assert mail.outbox == []


def test_the_folder_backend_writes_a_private_file_for_each_mail(client: Client, tmp_path: Path) -> None:
    from noirel.notifications.services.accounts import send_welcome

    backend = "noirel.notifications.backends.FolderBackend"
    with override_settings(EMAIL_BACKEND=backend, MAIL_FOLDER=str(tmp_path / "mail")):
        send_welcome({"user_id": str(make_user().pk)})
    (mail_file,) = (tmp_path / "mail").iterdir()
    # Its link opens an account, so other users of the machine must not read it, whatever the umask.
    assert [path.stat().st_mode & 0o777 for path in (mail_file.parent, mail_file)] == [0o700, 0o600]
    assert mail_file.suffix == ".eml"
    assert b"Subject: Confirm your e-mail" in mail_file.read_bytes()
