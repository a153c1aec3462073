"""Confirming and changing the e-mail of an account."""

from collections.abc import Collection
from uuid import UUID

from django.db import transaction

from noirel.accounts.errors import EmailTaken, LinkInvalid
from noirel.accounts.models import User, lock_email, normal_email
from noirel.accounts.services import links, tokens
from noirel.accounts.services.passwords import confirm_password
from noirel.core.domain.errors import FieldError, Invalid
from noirel.core.events import publish
from noirel.core.http.throttling import limit


def ask_for_email_change(user: User, *, email: str, password: str, session: UUID | None = None) -> None:
    """Mail a link to the new address; the e-mail changes when it is followed, and the old address is told of it now.

    session: the one that asks, which the change does not end.

    Answers the same whether or not somebody else has the new address: then no link is sent. An account with a confirmed address
    has a limit of its own; all others share the limit of each mailbox they name, so that strangers neither flood a mailbox nor
    use up its owner's requests. Raises InvalidCredentials; Invalid for the address that the account has already; Throttled.
    """
    confirm_password(user, password)
    wanted = normal_email(email)
    if wanted == user.email:
        raise Invalid(errors=[FieldError("email", "email_unchanged", "This is your e-mail address already.")])
    limit("change_email", f"account {user.pk}" if user.email_verified else wanted)
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(pending_email=wanted, pending_email_session=session)
        publish("accounts.email_change_asked", key=str(user.pk), payload={"user_id": str(user.pk)})


def verify_email(*, token: str, here: Collection[UUID] = ()) -> User:
    """Follow a link that came by mail: the address is confirmed, or, after a change was asked for, becomes the e-mail.

    here: the sessions of the browser that follows it. A change of the e-mail ends all but these and the one that asked.
    Raises LinkInvalid, EmailTaken. A second press on a confirmation is as good as the first.
    """
    try:
        user = links.user_of_verify(token)
    except LinkInvalid:
        return _change_email(links.user_of_email_change(token), here=here)
    User.objects.filter(pk=user.pk).update(email_verified=True)
    return user


def _change_email(user: User, *, here: Collection[UUID]) -> User:
    if not user.pending_email:
        raise LinkInvalid
    with transaction.atomic():
        lock_email(user.pending_email)
        if is_taken(user.pending_email):
            raise EmailTaken
        before = User.objects.filter(pk=user.pk, email=user.email, pending_email=user.pending_email)
        changed = before.update(email=user.pending_email, pending_email="", pending_email_session=None, email_verified=True)
        if changed:
            asking = [user.pending_email_session] if user.pending_email_session else []
            tokens.end_all_sessions(user, but=[*here, *asking])
    if not changed:
        raise LinkInvalid
    user.refresh_from_db()
    return user


def is_taken(email: str) -> bool:
    return User.objects.filter(email=normal_email(email)).exists()
