"""Mails about accounts."""

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
    assert "Welcome, Noor & <b>." in message.body
    assert "Welcome, Noor &amp; &lt;b&gt;." in html
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
