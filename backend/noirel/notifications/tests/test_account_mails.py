"""Mails about an account."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.test import override_settings

from noirel.core import events
from tests.client import Client
from tests.make import PASSWORD, make_user

pytestmark = pytest.mark.django_db


def _link_in(message: Any, page: str) -> str:
    found = re.search(rf"http://localhost:8000/{page}\?token=(\S+)", message.body)
    assert found
    return found[1]


def _html_of(message: Any) -> str:
    return str(message.alternatives[0].content)


def test_a_new_account_gets_one_welcome_whose_link_confirms_it(client: Client) -> None:
    client.post("auth/register", {"email": "noor@example.com", "password": PASSWORD, "name": "Noor & <b>"})
    assert mail.outbox == []  # nothing leaves inside the request
    events.deliver_due()
    (message,) = mail.outbox
    assert (message.to, message.subject) == (["noor@example.com"], "Confirm your e-mail")
    html = _html_of(message)
    assert "Welcome, Noor & <b>." in message.body
    assert "Welcome, Noor &amp; &lt;b&gt;." in html
    assert client.post("auth/verify-email", {"token": _link_in(message, "verify")}).status_code == 204


def test_telling_it_twice_writes_once(client: Client) -> None:
    from noirel.notifications.services.accounts import send_welcome

    user = make_user()
    send_welcome({"user_id": str(user.pk)})
    send_welcome({"user_id": str(user.pk)})
    assert len(mail.outbox) == 1


def test_a_forgotten_password_is_chosen_anew_by_the_mailed_link(client: Client) -> None:
    user = make_user()
    client.post("auth/password/forgot", {"email": user.email.upper()})
    events.deliver_due()
    token = _link_in(mail.outbox[0], "reset")
    assert client.post("auth/password/reset", {"token": token, "password": "another night, 23:40"}).status_code == 204


def test_in_the_demo_mail_is_a_file(client: Client, tmp_path: Path) -> None:
    from noirel.notifications.services.accounts import send_welcome

    backend = "noirel.notifications.backends.FolderBackend"
    with override_settings(EMAIL_BACKEND=backend, MAIL_FOLDER=str(tmp_path / "mail")):
        send_welcome({"user_id": str(make_user().pk)})
    (letter,) = (tmp_path / "mail").iterdir()
    # Its link opens an account: nobody else on this machine reads it, whatever the umask.
    assert [path.stat().st_mode & 0o777 for path in (letter.parent, letter)] == [0o700, 0o600]
    assert letter.suffix == ".eml"
    assert b"Subject: Confirm your e-mail" in letter.read_bytes()
