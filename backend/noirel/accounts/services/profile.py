"""One's details and address book."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from noirel.accounts.models import SavedAddress, User
from noirel.core.errors import NotFound
from noirel.core.events import publish


def change_profile(user: User, **fields: str) -> None:
    """name and phone, whichever is given."""
    for field, value in fields.items():
        setattr(user, field, value)
    if fields:
        user.save(update_fields=list(fields))


def erase_user(user: User) -> None:
    """Take the person out and keep the books: orders hold what the law asks for, under the erased account's id."""
    with transaction.atomic():
        publish("accounts.erased", key=str(user.pk), payload={"user_id": str(user.pk)})
        user.refresh_tokens.all().delete()
        user.addresses.all().delete()
        user.roles.clear()
        user.set_unusable_password()
        User.objects.filter(pk=user.pk).update(
            email=f"{user.pk}@erased.invalid",
            name="",
            phone="",
            password=user.password,
            email_verified=False,
            is_active=False,
            is_staff=False,
            erased_at=timezone.now(),
        )


def save_address(user: User, fields: dict[str, Any], *, address_id: UUID | None = None) -> SavedAddress:
    """Add an address, or change the one named; the first is the default. Locks the user's row. Raises NotFound."""
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).only("pk").get(pk=user.pk)  # one default, however many presses
        others = user.addresses.exclude(pk=address_id) if address_id else user.addresses.all()
        if fields.get("is_default"):
            others.filter(is_default=True).update(is_default=False)
        if address_id is None:
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
