"""Coming in: by a new account, by a password, by the refresh cookie."""

import secrets
from dataclasses import dataclass
from functools import cache
from uuid import UUID

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction

from noirel.accounts.errors import EmailTaken, InvalidCredentials, SessionEnded
from noirel.accounts.models import User, normal_email
from noirel.accounts.selectors import viewer_for
from noirel.accounts.services import tokens
from noirel.accounts.services.email import is_taken
from noirel.accounts.services.passwords import check_new_password, is_password_of
from noirel.core.events import publish
from noirel.core.http.throttling import limit
from noirel.core.viewer import Viewer


@dataclass(frozen=True, slots=True)
class SignedIn:
    viewer: Viewer
    access: str
    refresh: str
    email: str


def register(*, email: str, password: str, name: str = "", cart: UUID | None = None) -> SignedIn:
    """Make an account and sign it in; the welcome mail asks to confirm the address.

    Raises Invalid for a weak password, EmailTaken (the sign-in page would tell the same; registering is throttled), Throttled.
    Only accounts that are created count against a mailbox, so that strangers can't use up its owner's requests.
    """
    check_new_password(password, user=User(email=normal_email(email), name=name))
    if is_taken(email):
        raise EmailTaken
    limit("register_email", normal_email(email))
    with transaction.atomic():
        user = User.objects.create_if_new(email=email, password=password, name=name)
        if user is None:
            raise EmailTaken
        publish("accounts.registered", key=str(user.pk), payload={"user_id": str(user.pk)})
        return _begin(user, cart)


def sign_in(*, email: str, password: str, cart: UUID | None = None) -> SignedIn:
    """Raises InvalidCredentials, which takes as long for an address that nobody has."""
    user = User.objects.filter(email=normal_email(email), is_active=True).first()
    if user is None:
        check_password(password, _nobodys_password())
        raise InvalidCredentials
    if not is_password_of(user, password):
        raise InvalidCredentials
    with transaction.atomic():
        return _begin(user, cart)


def refresh(token: str) -> SignedIn:
    """Raises SessionEnded."""
    user, session, successor = tokens.rotate(token)
    return _signed_in(user, session, successor)


def _begin(user: User, cart: UUID | None) -> SignedIn:
    signed_in = _signed_in(user, *tokens.start_session(user))
    publish("accounts.signed_in", key=str(user.pk), payload={"user_id": str(user.pk), "cart_id": str(cart) if cart else None})
    return signed_in


def _signed_in(user: User, session: UUID, refresh_token: str) -> SignedIn:
    viewer = viewer_for(user.pk, session=session)
    if viewer is None:
        raise SessionEnded
    return SignedIn(viewer=viewer, access=tokens.access_token(user, session=session), refresh=refresh_token, email=user.email)


@cache
def _nobodys_password() -> str:
    return make_password(secrets.token_urlsafe())
