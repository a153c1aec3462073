"""One's details and address book."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from noirel.accounts.errors import LastOwner, TooManyAddresses
from noirel.accounts.models import SavedAddress, User
from noirel.accounts.permissions import MANAGE_STAFF
from noirel.core.domain.errors import NotFound
from noirel.core.events import publish


def change_profile(user: User, **fields: str) -> None:
    """name and phone, whichever is given."""
    for field, value in fields.items():
        setattr(user, field, value)
    if fields:
        user.save(update_fields=list(fields))


# Active members of staff with a role that may manage staff.
_OWNERS = """
SELECT u.* FROM accounts_user u WHERE u.is_active AND u.is_staff AND EXISTS (
    SELECT 1 FROM accounts_user_roles m JOIN accounts_role r ON r.name = m.role_id
    WHERE m.user_id = u.id AND %s = ANY (r.permissions)
)
"""


def erase_user(user: User) -> None:
    """Take the person out and keep the books: orders hold what the law asks for, under the erased account's id.

    Raises LastOwner. Locks every account that can manage staff, in id order, so that two owners can't both be the last but one.
    """
    with transaction.atomic():
        owners = list(
            User.objects.raw(_OWNERS + " ORDER BY u.id FOR NO KEY UPDATE OF u", [MANAGE_STAFF])  # see the docstring
        )
        if [owner.pk for owner in owners] == [user.pk]:
            raise LastOwner
        publish("accounts.erased", key=str(user.pk), payload={"user_id": str(user.pk)})
        user.sessions.all().delete()
        user.refresh_tokens.all().delete()
        user.addresses.all().delete()
        user.roles.clear()
        user.set_unusable_password()
        User.objects.filter(pk=user.pk).update(
            email=f"{user.pk}@erased.invalid",
            pending_email="",
            name="",
            phone="",
            password=user.password,
            email_verified=False,
            is_active=False,
            is_staff=False,
            erased_at=timezone.now(),
        )


MAX_ADDRESSES = 50  # of an account; removing one makes room


def save_address(user: User, fields: dict[str, Any], *, address_id: UUID | None = None) -> SavedAddress:
    """Add an address, or change the one named; the first is the default. Raises NotFound, TooManyAddresses. Locks the user."""
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).only("pk").get(pk=user.pk)  # one default, however many presses
        others = user.addresses.exclude(pk=address_id) if address_id else user.addresses.all()
        if fields.get("is_default"):
            others.filter(is_default=True).update(is_default=False)
        if address_id is None:
            if others.count() >= MAX_ADDRESSES:
                raise TooManyAddresses
            is_default = bool(fields.get("is_default")) or not others.filter(is_default=True).exists()
            return SavedAddress.objects.create(user=user, **{**fields, "is_default": is_default})
        address = user.addresses.filter(pk=address_id).first()
        if address is None:
            raise NotFound
        for field, value in fields.items():
            setattr(address, field, value)
        address.save()
        return address


def remove_address(user: User, address_id: UUID) -> None:
    """The default's place goes to the newest of the others. Raises NotFound."""
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).only("pk").get(pk=user.pk)
        address = user.addresses.filter(pk=address_id).first()
        if address is None:
            raise NotFound
        address.delete()
        if address.is_default and (heir := user.addresses.order_by("-created_at", "-id").first()):
            heir.is_default = True
            heir.save(update_fields=["is_default"])
