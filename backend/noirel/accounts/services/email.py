"""Confirming and changing the e-mail of an account."""

from django.db import transaction

from noirel.accounts.errors import EmailTaken, LinkInvalid
from noirel.accounts.models import User, lock_email, normal_email
from noirel.accounts.services import links
from noirel.accounts.services.passwords import confirm_password
from noirel.core.domain.errors import FieldError, Invalid
from noirel.core.events import publish


def ask_for_email_change(user: User, *, email: str, password: str) -> None:
    """Mail a link to the new address; the e-mail changes when it is followed, and the old address is told of it now.

    Answers the same whether or not somebody else has the new address: then no link is sent. Raises InvalidCredentials; Invalid
    for the address that the account has already.
    """
    confirm_password(user, password)
    wanted = normal_email(email)
    if wanted == user.email:
        raise Invalid(errors=[FieldError("email", "email_unchanged", "This is your e-mail address already.")])
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(pending_email=wanted)
        publish("accounts.email_change_asked", key=str(user.pk), payload={"user_id": str(user.pk)})


def verify_email(*, token: str) -> User:
    """Follow a link that came by mail: the address is confirmed, or, after a change was asked for, becomes the e-mail.

    Raises LinkInvalid, EmailTaken. A second press on a confirmation is as good as the first.
    """
    try:
        user = links.user_of_verify(token)
    except LinkInvalid:
        return _change_email(links.user_of_email_change(token))
    User.objects.filter(pk=user.pk).update(email_verified=True)
    return user


def _change_email(user: User) -> User:
    if not user.pending_email:
        raise LinkInvalid
    with transaction.atomic():
        lock_email(user.pending_email)
        if is_taken(user.pending_email):
            raise EmailTaken
        before = User.objects.filter(pk=user.pk, email=user.email, pending_email=user.pending_email)
        changed = before.update(email=user.pending_email, pending_email="", email_verified=True)
    if not changed:
        raise LinkInvalid
    user.refresh_from_db()
    return user


def is_taken(email: str) -> bool:
    return User.objects.filter(email=normal_email(email)).exists()
