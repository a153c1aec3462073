"""Reads about people."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from noirel.accounts.models import SavedAddress, User
from noirel.core.db import prepared
from noirel.core.domain.errors import NotAuthenticated
from noirel.core.viewer import Viewer

# One statement, prepared: it runs before every request of somebody who is signed in.
_VIEWER = f"""
SELECT {prepared.columns(User, "u")}, ARRAY(
    SELECT DISTINCT unnest(r.permissions) FROM accounts_user_roles m JOIN accounts_role r ON r.name = m.role_id
    WHERE m.user_id = u.id AND u.is_staff
)
FROM accounts_session s JOIN accounts_user u ON u.id = s.user_id
WHERE s.id = %s AND s.user_id = %s AND s.ended_at IS NULL AND u.is_active
"""  # noqa: S608


def viewer_for(user_id: UUID, *, session: UUID) -> Viewer | None:
    """The viewer behind an access token, None if the session has ended or the account is gone or closed.

    User, permissions and session are read by one statement and never cached, so signing out, a new password, a role that is
    taken away or an account that is closed counts from the next request on, in every process.
    """
    rows = prepared.execute(_VIEWER, session, user_id)
    if not rows:
        return None
    (user,) = prepared.hydrate(User, rows)
    return Viewer(user=user, permissions=frozenset(rows[0][-1]), session_id=session)


def user_json(viewer: Viewer) -> dict[str, Any]:
    user = viewer.user
    if not isinstance(user, User):
        raise NotAuthenticated
    return {
        "id": user.pk,
        "email": user.email,
        "name": user.name,
        "phone": user.phone,
        "email_verified": user.email_verified,
        "is_staff": user.is_staff,
        "permissions": sorted(viewer.permissions),
        "created_at": user.created_at,
    }


def staff_with(permission: str) -> list[User]:
    """Members of staff who have a permission, by any of their roles, in the order of their e-mails."""
    people = User.objects.filter(is_active=True, is_staff=True, roles__permissions__contains=[permission])
    return list(people.distinct().order_by("email"))


def names_by_email(emails: Iterable[str]) -> dict[str, str]:
    """The names of accounts by their e-mail address; who has given no name is left out."""
    emails = set(emails)
    return dict(User.objects.filter(email__in=emails).exclude(name="").values_list("email", "name")) if emails else {}


def addresses_of(viewer: Viewer) -> QuerySet[SavedAddress]:
    """The viewer's own address book. Raises NotAuthenticated for a guest, who has none."""
    if viewer.user_id is None:
        raise NotAuthenticated
    return SavedAddress.objects.filter(user_id=viewer.user_id)


def address_json(address: SavedAddress) -> dict[str, Any]:
    return {
        "id": address.pk,
        "name": address.name,
        "line1": address.line1,
        "line2": address.line2,
        "city": address.city,
        "region": address.region,
        "postcode": address.postcode,
        "country": address.country,
        "phone": address.phone,
        "is_default": address.is_default,
    }
