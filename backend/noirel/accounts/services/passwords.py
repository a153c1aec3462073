"""Choosing, changing and forgetting a password."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from noirel.accounts.errors import InvalidCredentials
from noirel.accounts.models import User, normal_email
from noirel.accounts.services import links, tokens
from noirel.core.errors import FieldError, Invalid
from noirel.core.events import publish


def check_new_password(password: str, *, user: User, field: str = "password") -> None:
    """Raises Invalid with one error for each rule it breaks."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Invalid(
            errors=[
                FieldError(field, broken.code or "invalid", str(broken.message % (broken.params or {})))
                for broken in error.error_list
            ]
        ) from None


def change_password(user: User, *, current_password: str, new_password: str) -> str:
    """Every sign-in ends but a new one, whose refresh token is returned. Raises InvalidCredentials, Invalid."""
    if not user.check_password(current_password):
        raise InvalidCredentials
    check_new_password(new_password, user=user, field="new_password")
    with transaction.atomic():
        _set(user, new_password)
        return tokens.begin_family(user)


def ask_for_reset(*, email: str) -> None:
    """Mail a link if somebody has this address; the caller answers the same either way."""
    user = User.objects.filter(email=normal_email(email), is_active=True).first()
    if user:
        with transaction.atomic():
            # The link is made when the mail is: the outbox holds nothing that signs anyone in.
            publish("accounts.reset_asked", key=str(user.pk), payload={"user_id": str(user.pk)})


def reset_password(*, token: str, password: str) -> None:
    """Raises LinkInvalid, Invalid. The link proves the mailbox, so the address counts as verified."""
    user = links.user_of_reset(token)
    check_new_password(password, user=user)
    with transaction.atomic():
        _set(user, password)
        User.objects.filter(pk=user.pk).update(email_verified=True)


def verify_email(*, token: str) -> User:
    """Raises LinkInvalid. A second press is as good as the first."""
    user = links.user_of_verify(token)
    User.objects.filter(pk=user.pk).update(email_verified=True)
    return user


def _set(user: User, password: str) -> None:
    user.set_password(password)
    user.save(update_fields=["password"])
    tokens.end_all_families(user)
