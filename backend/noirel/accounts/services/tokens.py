"""Signing in lasts by a family of refresh tokens: each is used once, and one that comes back twice ends them all."""

import hashlib
import hmac
import secrets
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from rest_framework_simplejwt.tokens import AccessToken

from noirel.accounts.errors import SessionEnded
from noirel.accounts.models import RefreshToken, User
from noirel.core.ids import uuid7


def access_token(user: User) -> str:
    return str(AccessToken.for_user(user))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _successor(token: str) -> str:
    # Derived, not random: two tabs that refresh at once get the same next token, and only its digest is stored.
    return hmac.new(settings.SECRET_KEY.encode(), f"refresh:{token}".encode(), hashlib.sha256).hexdigest()


def begin_family(user: User) -> str:
    """The first refresh token of a sign-in."""
    token = secrets.token_hex(32)
    _store(token, user_id=user.pk, family=uuid7())
    return token


def _store(token: str, *, user_id: UUID, family: UUID) -> None:
    RefreshToken.objects.create(
        user_id=user_id,
        family=family,
        digest=_digest(token),
        expires_at=timezone.now() + settings.REFRESH_TOKEN_LIFETIME,
    )


def rotate(token: str) -> tuple[User, str]:
    """The user of a refresh token, and the token that takes its place.

    The same token again within REFRESH_TOKEN_GRACE (two tabs) gets the same successor, as long as that is unused;
    later it was stolen, or its successor was, and the family ends. Locks the token's row. Raises SessionEnded.
    """
    with transaction.atomic():
        row = RefreshToken.objects.select_for_update(of=("self",)).select_related("user").filter(digest=_digest(token)).first()
        now = timezone.now()
        if row is None or row.revoked_at or row.expires_at <= now or not row.user.is_active:
            raise SessionEnded
        successor = _successor(token)
        if row.rotated_at is None:
            row.rotated_at = now
            row.save(update_fields=["rotated_at"])
            _store(successor, user_id=row.user_id, family=row.family)
            return row.user, successor
        in_grace = now - row.rotated_at <= settings.REFRESH_TOKEN_GRACE
        if in_grace and RefreshToken.objects.filter(digest=_digest(successor), rotated_at=None, revoked_at=None).exists():
            return row.user, successor
        stolen = row.family
    # After the block: raising inside would roll the revocation back.
    _revoke(family=stolen)
    raise SessionEnded


def _revoke(*, family: UUID) -> None:
    RefreshToken.objects.filter(family=family, revoked_at=None).update(revoked_at=timezone.now())


def end_family(token: str) -> None:
    """Sign out: the token's whole family. A token nobody knows is signed out already."""
    row = RefreshToken.objects.filter(digest=_digest(token)).first()
    if row:
        _revoke(family=row.family)


def end_all_families(user: User) -> None:
    """After a new password, or when the account closes."""
    RefreshToken.objects.filter(user=user, revoked_at=None).update(revoked_at=timezone.now())


def forget_ended_families() -> None:
    RefreshToken.objects.filter(expires_at__lt=timezone.now() - timedelta(days=1)).delete()
