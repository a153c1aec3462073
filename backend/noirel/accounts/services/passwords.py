"""Choosing, changing, confirming and forgetting a password."""

from django.contrib.auth.hashers import check_password, get_hasher, identify_hasher, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from noirel.accounts.errors import InvalidCredentials, LinkInvalid
from noirel.accounts.models import User, normal_email
from noirel.accounts.services import links, tokens
from noirel.core.domain.errors import FieldError, Invalid
from noirel.core.domain.ids import uuid7
from noirel.core.events import publish


def check_new_password(password: str, *, user: User, field: str = "password") -> None:
    """Raises Invalid with one error for each rule it breaks (password_rules.py)."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Invalid(
            errors=[
                FieldError(field, broken.code or "invalid", str(broken.message % (broken.params or {})))
                for broken in error.error_list
            ]
        ) from None


def is_password_of(user: User, password: str) -> bool:
    """Whether this is the user's password. One that an older algorithm has hashed is hashed again when it is right.

    A wrong password costs at least what it costs for an address that nobody has, whatever has hashed the right one.
    """

    def rehash(right: str) -> None:
        verified, user.password = user.password, make_password(right)
        # Guarded by the hash that was verified: a password that is being changed at this moment is not put back.
        User.objects.filter(pk=user.pk, password=verified).update(password=user.password)

    is_right = check_password(password, user.password, rehash)
    if not is_right and user.has_usable_password() and not _is_current(user.password):
        make_password(password)
    return is_right


def _is_current(encoded: str) -> bool:
    """Whether a password hash is of the algorithm that new ones are."""
    return identify_hasher(encoded).algorithm == get_hasher("default").algorithm


def confirm_password(user: User, password: str) -> None:
    """Before something that a stolen session must not do. Raises InvalidCredentials."""
    if not is_password_of(user, password):
        raise InvalidCredentials("This is not your password.")


def change_password(user: User, *, current_password: str, new_password: str) -> str:
    """Every session ends, this one too; the refresh token of a new one is returned. Raises InvalidCredentials, Invalid."""
    confirm_password(user, current_password)
    check_new_password(new_password, user=user, field="new_password")
    if new_password == current_password:
        raise Invalid(errors=[FieldError("new_password", "password_unchanged", "This is your password already.")])
    with transaction.atomic():
        if not _replace(user, new_password):
            raise InvalidCredentials("Your password was changed a moment ago.")
        return tokens.start_session(user)[1]


def ask_for_reset(*, email: str) -> None:
    """Mail a link if somebody has this address; the caller answers the same either way.

    The work is the same, too, so that the time of the answer doesn't tell: an event without a user mails nothing.
    """
    user = User.objects.filter(email=normal_email(email), is_active=True).first()
    with transaction.atomic():
        # The link is made when the mail is: the outbox holds nothing that signs anyone in.
        user_id = str(user.pk) if user else None
        publish("accounts.reset_asked", key=user_id or str(uuid7()), payload={"user_id": user_id})


def reset_password(*, token: str, password: str) -> User:
    """Raises LinkInvalid, Invalid. The link proves the mailbox, so the address counts as verified."""
    user = links.user_of_reset(token)
    check_new_password(password, user=user)
    with transaction.atomic():
        if not _replace(user, password):
            raise LinkInvalid
        User.objects.filter(pk=user.pk).update(email_verified=True)
    return user


def publish_password_changed(user: User) -> None:
    """Have the owner told by mail; in the transaction of the change. Its id and its moment are of this change alone."""
    change = {"id": uuid7().hex, "at": timezone.now().isoformat()}
    publish("accounts.password_changed", key=str(user.pk), payload={"user_id": str(user.pk), "change": change})


def _replace(user: User, password: str) -> bool:
    """Set a new password and end all sessions, unless the password is no longer the one that was read; whether it was."""
    before = user.password
    user.set_password(password)
    if not User.objects.filter(pk=user.pk, password=before).update(password=user.password):
        return False
    tokens.end_all_sessions(user)
    publish_password_changed(user)
    return True
