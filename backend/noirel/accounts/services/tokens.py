"""A session lasts by its refresh tokens: each is used once, and one that comes back twice ends the session.

Access tokens name their session. `selectors.viewer_for` reads the session in the statement that reads its user, so an ended
session opens nothing from the next request on, in every process.
"""

import hashlib
import hmac
import secrets
from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from rest_framework_simplejwt.tokens import AccessToken

from noirel.accounts.errors import SessionEnded
from noirel.accounts.models import RefreshToken, Session, User

SESSION_CLAIM = "sid"  # as in OpenID Connect


def access_token(user: User, *, session: UUID | None = None) -> str:
    """A short-lived token of this session; without one, of a new session that can't be refreshed."""
    token = AccessToken.for_user(user)
    token[SESSION_CLAIM] = str(session or _new_session(user).pk)
    return str(token)


def start_session(user: User) -> tuple[UUID, str]:
    """Sign in: the new session's id and its first refresh token."""
    session = _new_session(user)
    token = secrets.token_hex(32)
    _store(token, user_id=user.pk, family=session.pk)
    return session.pk, token


def _new_session(user: User) -> Session:
    return Session.objects.create(user=user, expires_at=timezone.now() + settings.REFRESH_TOKEN_LIFETIME)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _successor(token: str) -> str:
    # Derived, not random: two tabs that refresh at once get the same next token, and only its digest is stored.
    return hmac.new(settings.SECRET_KEY.encode(), f"refresh:{token}".encode(), hashlib.sha256).hexdigest()


def _store(token: str, *, user_id: UUID, family: UUID) -> None:
    RefreshToken.objects.create(
        user_id=user_id,
        family=family,
        digest=_digest(token),
        expires_at=timezone.now() + settings.REFRESH_TOKEN_LIFETIME,
    )


def rotate(token: str) -> tuple[User, UUID, str]:
    """The user and session of a refresh token, and the token that takes its place.

    The same token again within REFRESH_TOKEN_GRACE (two tabs) gets the same successor, as long as that is unused;
    later it was stolen, or its successor was, and the session ends. Locks the token's row. Raises SessionEnded.
    """
    with transaction.atomic():
        row = RefreshToken.objects.select_for_update(of=("self",)).select_related("user").filter(digest=_digest(token)).first()
        now = timezone.now()
        if row is None or row.revoked_at or row.expires_at <= now or not row.user.is_active:
            raise SessionEnded
        successor = _successor(token)
        if row.rotated_at is None:
            if not _prolong(row):
                raise SessionEnded
            row.rotated_at = now
            row.save(update_fields=["rotated_at"])
            _store(successor, user_id=row.user_id, family=row.family)
            return row.user, row.family, successor
        in_grace = now - row.rotated_at <= settings.REFRESH_TOKEN_GRACE
        if in_grace and RefreshToken.objects.filter(digest=_digest(successor), rotated_at=None, revoked_at=None).exists():
            return row.user, row.family, successor
        stolen = row.family
    # After the block: raising inside would roll the revocation back.
    end_session(stolen)
    raise SessionEnded


def _prolong(row: RefreshToken) -> bool:
    """Keep the session as long as its newest refresh token; whether it goes on."""
    now = timezone.now()
    # A sign-in by the release before this one has tokens and no session yet.
    Session.objects.bulk_create(
        [Session(pk=row.family, user_id=row.user_id, expires_at=now + settings.REFRESH_TOKEN_LIFETIME)], ignore_conflicts=True
    )
    going_on = Session.objects.filter(pk=row.family, user_id=row.user_id, ended_at=None)
    return bool(going_on.update(refreshed_at=now, expires_at=now + settings.REFRESH_TOKEN_LIFETIME))


@transaction.atomic
def end_session(session: UUID) -> None:
    """Sign one device out: its refresh token and its access tokens stop working at once."""
    now = timezone.now()
    Session.objects.filter(pk=session, ended_at=None).update(ended_at=now)
    RefreshToken.objects.filter(family=session, revoked_at=None).update(revoked_at=now)


def end_session_of(token: str) -> None:
    """End the session of a refresh token. A token nobody knows is signed out already."""
    row = RefreshToken.objects.filter(digest=_digest(token)).first()
    if row:
        end_session(row.family)


def session_of(token: str) -> UUID | None:
    """The session of a refresh token that is still good."""
    row = RefreshToken.objects.filter(digest=_digest(token), revoked_at=None, expires_at__gt=timezone.now()).first()
    return row.family if row else None


@transaction.atomic
def end_all_sessions(user: User, *, but: Collection[UUID] = ()) -> None:
    """Sign every device out: after a new password, or when the account closes; after a new e-mail all `but` the present one."""
    now = timezone.now()
    Session.objects.filter(user=user, ended_at=None).exclude(pk__in=but).update(ended_at=now)
    RefreshToken.objects.filter(user=user, revoked_at=None).exclude(family__in=but).update(revoked_at=now)


def forget_ended_sessions() -> None:
    """Delete what has expired. A session that is not there has ended."""
    day_ago = timezone.now() - timedelta(days=1)
    RefreshToken.objects.filter(expires_at__lt=day_ago).delete()
    Session.objects.filter(expires_at__lt=day_ago).delete()
