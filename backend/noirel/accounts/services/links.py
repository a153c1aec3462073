"""The links in our mails: signed, short-lived, and good until what they are about has changed. Nothing is stored.

A link holds the user's id and a keyed hash of what must not have changed since: no e-mail address, no part of a password hash.
"""

from uuid import UUID

from django.conf import settings
from django.core import signing
from django.utils.crypto import constant_time_compare, salted_hmac

from noirel.accounts.errors import LinkInvalid
from noirel.accounts.models import User

VERIFY_SECONDS = 7 * 24 * 3600
EMAIL_CHANGE_SECONDS = 24 * 3600
_RESET, _VERIFY, _EMAIL_CHANGE = "accounts.reset", "accounts.verify", "accounts.email_change"


def reset_link(user: User) -> str:
    return f"{settings.PUBLIC_URL}/reset?token={_token(user, _RESET)}"


def verify_link(user: User) -> str:
    return f"{settings.PUBLIC_URL}/verify?token={_token(user, _VERIFY)}"


def email_change_link(user: User) -> str:
    """For the mailbox of `pending_email`."""
    return f"{settings.PUBLIC_URL}/verify?change&token={_token(user, _EMAIL_CHANGE)}"


def user_of_reset(token: str) -> User:
    """Raises LinkInvalid."""
    return _user_of(token, _RESET, seconds=settings.PASSWORD_RESET_TIMEOUT)


def user_of_verify(token: str) -> User:
    """Raises LinkInvalid."""
    return _user_of(token, _VERIFY, seconds=VERIFY_SECONDS)


def user_of_email_change(token: str) -> User:
    """Raises LinkInvalid."""
    return _user_of(token, _EMAIL_CHANGE, seconds=EMAIL_CHANGE_SECONDS)


def _token(user: User, purpose: str) -> str:
    return signing.dumps([str(user.pk), _stamp(user, purpose)], salt=purpose)


def _stamp(user: User, purpose: str) -> str:
    """A new password or e-mail makes every older link useless; confirming an address may be done twice."""
    facts = {
        _RESET: [user.email, user.password],
        _VERIFY: [user.email],
        _EMAIL_CHANGE: [user.email, user.password, user.pending_email],
    }[purpose]
    return salted_hmac(purpose, "\n".join([str(user.pk), *facts]), algorithm="sha256").hexdigest()[:32]


def _user_of(token: str, purpose: str, *, seconds: int) -> User:
    try:
        user_id, stamp = signing.loads(token, salt=purpose, max_age=seconds)
        user = User.objects.filter(pk=UUID(user_id), is_active=True).first()
    except (signing.BadSignature, ValueError):
        raise LinkInvalid from None
    if user is None or not constant_time_compare(stamp, _stamp(user, purpose)):
        raise LinkInvalid
    return user
