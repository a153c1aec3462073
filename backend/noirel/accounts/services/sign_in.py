"""Coming in: by a new account, by a password, by the refresh cookie."""

import secrets
from dataclasses import dataclass
from functools import cache
from uuid import UUID

from django.contrib.auth.hashers import check_password, make_password
from django.db import IntegrityError, transaction

from noirel.accounts.errors import EmailTaken, InvalidCredentials, SessionEnded
from noirel.accounts.models import User, normal_email
from noirel.accounts.selectors import viewer_for
from noirel.accounts.services import tokens
from noirel.accounts.services.passwords import check_new_password
from noirel.core.events import publish
from noirel.core.viewer import Viewer


@dataclass(frozen=True, slots=True)
class SignedIn:
    viewer: Viewer
    access: str
    refresh: str


def register(*, email: str, password: str, name: str = "", cart: UUID | None = None) -> SignedIn:
    """Make an account and sign it in; the welcome mail asks to confirm the address.

    Raises Invalid for a weak password, EmailTaken (the sign-in page would tell the same; registering is throttled).
    """
    check_new_password(password, user=User(email=normal_email(email), name=name))
    try:
        with transaction.atomic():
            user = User.objects.create_user(email=email, password=password, name=name)
            publish("accounts.registered", key=str(user.pk), payload={"user_id": str(user.pk)})
            return _begin(user, cart)
    except IntegrityError:
        raise EmailTaken from None


def sign_in(*, email: str, password: str, cart: UUID | None = None) -> SignedIn:
    """Raises InvalidCredentials, which takes as long for an address that nobody has."""
    user = User.objects.filter(email=normal_email(email), is_active=True).first()
    if not check_password(password, user.password if user else _nobodys_password()) or user is None:
        raise InvalidCredentials
    with transaction.atomic():
        return _begin(user, cart)


def refresh(token: str) -> SignedIn:
    """Raises SessionEnded."""
    user, successor = tokens.rotate(token)
    return _session(user, successor)


def _begin(user: User, cart: UUID | None) -> SignedIn:
    session = _session(user, tokens.begin_family(user))
    publish("accounts.signed_in", key=str(user.pk), payload={"user_id": str(user.pk), "cart_id": str(cart) if cart else None})
    return session


def _session(user: User, refresh_token: str) -> SignedIn:
    viewer = viewer_for(user.pk)
    if viewer is None:
        raise SessionEnded
    return SignedIn(viewer=viewer, access=tokens.access_token(user), refresh=refresh_token)


@cache
def _nobodys_password() -> str:
    return make_password(secrets.token_urlsafe())
