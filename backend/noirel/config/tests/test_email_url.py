"""Mail leaves encrypted wherever it takes a password, over real sockets."""

import smtplib
import ssl
from collections.abc import Iterator
from typing import Any

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from django.core.mail import EmailMessage, get_connection

from noirel.config.email_url import email_settings
from tests.shopping import free_port


@pytest.mark.parametrize(
    ("url", "port", "begins_with_tls", "starttls"),
    [
        ("smtp://u:p@mail.example:587", 587, False, True),
        ("smtp://mail.example:587", 587, False, True),
        ("smtp://u:p@mail.example:465", 465, True, False),
        ("smtps://u:p@mail.example", 465, True, False),
        ("smtps://u:p@mail.example:2465", 2465, True, False),
        ("smtp://u:p@mail.example", 25, False, True),
        ("smtp://u:p@mail.example:2525", 2525, False, True),
        ("smtp://mail.example", 25, False, False),
        ("smtp://mail.example?tls=1", 25, False, True),
        ("smtp://u:p@localhost:587?tls=0", 587, False, False),
    ],
)
def test_a_port_and_a_password_decide_how_mail_is_encrypted(url: str, port: int, begins_with_tls: bool, starttls: bool) -> None:
    _, settings = email_settings(url)
    assert (settings["EMAIL_PORT"], settings["EMAIL_USE_SSL"], settings["EMAIL_USE_TLS"]) == (port, begins_with_tls, starttls)


def test_a_name_and_a_password_may_hold_any_character() -> None:
    _, settings = email_settings("smtp://night%40shop.example:p%3A%2F%40@mail.example:587")
    assert (settings["EMAIL_HOST_USER"], settings["EMAIL_HOST_PASSWORD"]) == ("night@shop.example", "p:/@")
    assert email_settings("file:///a%20folder/mail")[1] == {"MAIL_FOLDER": "/a folder/mail"}


class Mailbox:
    """What a server has taken in, and whether each mail and each password came over TLS."""

    def __init__(self) -> None:
        self.mails: list[tuple[bool, str]] = []
        self.passwords: list[tuple[bool, bytes]] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  (aiosmtpd's name)
        self.mails.append((server.transport.get_extra_info("ssl_object") is not None, envelope.content.decode()))
        return "250 OK"

    def authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, given: LoginPassword) -> AuthResult:
        self.passwords.append((server.transport.get_extra_info("ssl_object") is not None, given.password))
        return AuthResult(success=True)


@pytest.fixture
def authority(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    made = trustme.CA()
    made.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    return made


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture(params=["starttls", "implicit", "none"])
def server(request: pytest.FixtureRequest, authority: trustme.CA, mailbox: Mailbox) -> Iterator[tuple[str, int]]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    ways: dict[str, dict[str, Any]] = {
        "starttls": {"tls_context": context},
        "implicit": {"ssl_context": context, "auth_require_tls": False},
        "none": {"auth_require_tls": False},
    }
    port = free_port()
    running = Controller(mailbox, hostname="localhost", port=port, authenticator=mailbox.authenticate, **ways[request.param])
    running.start()
    yield request.param, port
    running.stop()


def send(url: str) -> None:
    backend, settings = email_settings(url)
    connection = get_connection(
        backend, host=settings["EMAIL_HOST"], port=settings["EMAIL_PORT"], username=settings["EMAIL_HOST_USER"],
        password=settings["EMAIL_HOST_PASSWORD"], use_tls=settings["EMAIL_USE_TLS"], use_ssl=settings["EMAIL_USE_SSL"],
        timeout=5,
    )  # fmt: skip
    try:
        EmailMessage("Your order", "A link.", "night@noirel.example", ["ira@example.com"], connection=connection).send()
    finally:
        connection.close()


def test_password_and_mail_are_encrypted_or_not_sent(server: tuple[str, int], mailbox: Mailbox) -> None:
    kind, port = server
    scheme = "smtps" if kind == "implicit" else "smtp"
    if kind == "none":  # a server, or somebody between, that offers no STARTTLS
        with pytest.raises(smtplib.SMTPException):
            send(f"{scheme}://night:secret@localhost:{port}")
        assert (mailbox.mails, mailbox.passwords) == ([], [])
        return
    send(f"{scheme}://night:secret@localhost:{port}")
    ((encrypted, text),) = mailbox.mails
    assert encrypted
    assert "Subject: Your order" in text
    assert mailbox.passwords == [(True, b"secret")]


@pytest.mark.parametrize("server", ["starttls"], indirect=True)
def test_a_server_with_a_strangers_certificate_gets_neither_password_nor_mail(
    server: tuple[str, int], mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "another.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "another.pem"))
    with pytest.raises(ssl.SSLCertVerificationError):
        send(f"smtp://night:secret@localhost:{server[1]}")
    assert (mailbox.mails, mailbox.passwords) == ([], [])
