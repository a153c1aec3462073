"""Reads about people."""

from typing import Any
from uuid import UUID

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Q, QuerySet, Value

from noirel.accounts.models import SavedAddress, User
from noirel.core.errors import NotAuthenticated
from noirel.core.viewer import Viewer


def viewer_for(user_id: UUID) -> Viewer | None:
    """The viewer behind an access token, None if the account is gone or closed. One statement, so a role that is taken
    away or an account that is closed counts from the next request on, not when the token ends."""
    user = (
        User.objects.filter(pk=user_id, is_active=True)
        .annotate(granted=ArrayAgg("roles__permissions", filter=Q(is_staff=True, roles__isnull=False), default=Value([])))
        .first()
    )
    if user is None:
        return None
    return Viewer(user=user, permissions=frozenset(name for names in user.granted for name in names))


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
