"""Who works here."""

from django.db import transaction

from noirel.accounts.errors import EmailTaken
from noirel.accounts.models import Role, User, normal_email
from noirel.accounts.permissions import ROLES
from noirel.accounts.services.passwords import check_new_password, publish_password_changed
from noirel.accounts.services.tokens import end_all_sessions


def ensure_roles() -> None:
    """The roles of ROLES exist with exactly those permissions."""
    for name, (title, permissions) in ROLES.items():
        Role.objects.update_or_create(name=name, defaults={"title": title, "permissions": sorted(permissions)})


def create_staff(*, email: str, name: str, password: str, role: str = "owner") -> None:
    """Create the account of a member of staff, with its e-mail address confirmed: the operator vouches for it.

    An existing account is never promoted: whoever registered the address first would receive the role.
    Raises EmailTaken, or Invalid if the password breaks a rule.
    """
    check_new_password(password, user=User(email=normal_email(email), name=name))
    with transaction.atomic():
        ensure_roles()
        user = User.objects.create_if_new(email=email, password=password, name=name, is_staff=True, email_verified=True)
        if user is None:
            raise EmailTaken
        User.objects.get(pk=user.pk).roles.add(Role.objects.get(name=role))


def ensure_staff(*, email: str, password: str, role: str = "owner", name: str = "") -> bool:
    """A member of staff with this password and role exists afterwards; says whether they were new.

    Running it again with the same password changes nothing and ends no sign-in.
    Raises Invalid if a new password breaks a rule.
    """
    known = User.objects.filter(email=normal_email(email)).first()
    if known is None or not known.check_password(password):
        check_new_password(password, user=known or User(email=normal_email(email), name=name))
    with transaction.atomic():
        ensure_roles()
        user = User.objects.filter(email=normal_email(email)).first()
        is_new = user is None
        if user is None:
            user = User.objects.create_user(email=email, password=password, name=name, is_staff=True, email_verified=True)
        elif not user.check_password(password):
            user.set_password(password)
            end_all_sessions(user)
            publish_password_changed(user)
        user.is_staff = user.is_active = True
        user.save()
        user.roles.add(Role.objects.get(name=role))
    return is_new
