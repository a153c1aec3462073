"""Who works here."""

from django.db import transaction

from noirel.accounts.models import Role, User, normal_email
from noirel.accounts.permissions import ROLES
from noirel.accounts.services.tokens import end_all_sessions


def ensure_roles() -> None:
    """The roles of ROLES exist with exactly those permissions."""
    for name, (title, permissions) in ROLES.items():
        Role.objects.update_or_create(name=name, defaults={"title": title, "permissions": sorted(permissions)})


def ensure_staff(*, email: str, password: str, role: str = "owner", name: str = "") -> bool:
    """A member of staff with this password and role exists afterwards; says whether they were new.

    Running it again with the same password changes nothing and ends no sign-in.
    """
    with transaction.atomic():
        ensure_roles()
        user = User.objects.filter(email=normal_email(email)).first()
        is_new = user is None
        if user is None:
            user = User.objects.create_user(email=email, password=password, name=name, is_staff=True, email_verified=True)
        elif not user.check_password(password):
            user.set_password(password)
            end_all_sessions(user)
        user.is_staff = user.is_active = True
        user.save()
        user.roles.add(Role.objects.get(name=role))
    return is_new
