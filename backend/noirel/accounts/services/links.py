"""The links in our mails: signed, short, and good until what they are about has changed. Nothing is stored."""

from collections.abc import Callable
from uuid import UUID

from django.conf import settings
from django.core import signing

from noirel.accounts.errors import LinkInvalid
from noirel.accounts.models import User

VERIFY_SECONDS = 7 * 24 * 3600
_RESET, _VERIFY = "accounts.reset", "accounts.verify"


def _password_stamp(user: User) -> str:
    return user.password[-16:]  # the hash's end: a new password makes every older link useless


def _email_stamp(user: User) -> str:
    return user.email


def reset_link(user: User) -> str:
    return f"{settings.PUBLIC_URL}/reset?token={signing.dumps([str(user.pk), _password_stamp(user)], salt=_RESET)}"


def verify_link(user: User) -> str:
    return f"{settings.PUBLIC_URL}/verify?token={signing.dumps([str(user.pk), _email_stamp(user)], salt=_VERIFY)}"


def user_of_reset(token: str) -> User:
    """Raises LinkInvalid."""
    return _user_of(token, salt=_RESET, seconds=settings.PASSWORD_RESET_TIMEOUT, stamp=_password_stamp)


def user_of_verify(token: str) -> User:
    """Raises LinkInvalid."""
    return _user_of(token, salt=_VERIFY, seconds=VERIFY_SECONDS, stamp=_email_stamp)


def _user_of(token: str, *, salt: str, seconds: int, stamp: Callable[[User], str]) -> User:
    try:
        user_id, stamped = signing.loads(token, salt=salt, max_age=seconds)
    except (signing.BadSignature, ValueError):
        raise LinkInvalid from None
    user = User.objects.filter(pk=UUID(user_id), is_active=True).first()
    if user is None or stamp(user) != stamped:
        raise LinkInvalid
    return user
