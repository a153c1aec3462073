"""EMAIL_URL: how mail leaves."""

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

_LOOKS = (
    "EMAIL_URL has to look like file:///folder, smtp://user:password@host:587, smtps://user:password@host or smtp://host:25."
)
_SUBMISSION, _SUBMISSION_TLS = 587, 465  # RFC 6409 with STARTTLS, RFC 8314


_THIS_MACHINE = {"localhost", "127.0.0.1", "::1"}


def email_settings(url: str) -> tuple[str, dict[str, Any]]:
    """Django's backend for EMAIL_URL, and the settings that go with it.

    `smtps://` and port 465 begin with TLS; port 587, and any other with a password, demands STARTTLS, so that neither password
    nor mail is ever sent in the clear. `?tls=1` demands it elsewhere, `?tls=0` switches it off, for a relay on this machine.
    Raises ImproperlyConfigured, without the URL: it may hold a password.
    """
    parts = urlsplit(url)
    if parts.scheme == "file" and parts.path and not parts.netloc:
        return "noirel.notifications.backends.FolderBackend", {"MAIL_FOLDER": unquote(parts.path)}
    try:
        port = parts.port
    except ValueError:
        raise ImproperlyConfigured("EMAIL_URL has a port that is no number.") from None
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    tls = options.pop("tls", "")
    is_mail_server = parts.scheme in {"smtp", "smtps"} and parts.hostname and parts.path in {"", "/"}
    if not is_mail_server or options or tls not in {"", "0", "1"}:
        raise ImproperlyConfigured(_LOOKS)
    implicit = parts.scheme == "smtps" or port == _SUBMISSION_TLS
    if parts.scheme == "smtps" and port == _SUBMISSION:
        raise ImproperlyConfigured("EMAIL_URL: port 587 begins without TLS and then demands it. Write smtp://…:587.")
    if implicit and tls == "0":
        raise ImproperlyConfigured("EMAIL_URL: tls=0 contradicts smtps and port 465.")
    if tls == "0" and parts.password and parts.hostname not in _THIS_MACHINE:
        raise ImproperlyConfigured("EMAIL_URL: tls=0 would send the password in the clear.")
    starttls = not implicit and (tls == "1" or (not tls and (port == _SUBMISSION or bool(parts.password))))
    return "django.core.mail.backends.smtp.EmailBackend", {
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": port or (_SUBMISSION_TLS if implicit else 25),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": implicit,
        "EMAIL_USE_TLS": starttls,
    }
