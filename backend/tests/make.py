"""Plain functions that make what a test needs: `make_user(email="a@b.example")`. Each owner of a table adds their own."""

from itertools import count
from typing import Any

from noirel.accounts.models import Role, User
from noirel.accounts.permissions import ROLES

PASSWORD = "a night in Grasse, 21:12"
_numbers = count(1)


def make_user(*, email: str = "", password: str | None = PASSWORD, **fields: Any) -> User:
    return User.objects.create_user(email=email or f"buyer{next(_numbers)}@example.com", password=password, **fields)


def make_staff(*, role: str = "owner", **fields: Any) -> User:
    user = make_user(**{"email": f"{role}{next(_numbers)}@noirel.example", "is_staff": True, **fields})
    title, permissions = ROLES[role]
    user.roles.add(Role.objects.get_or_create(name=role, defaults={"title": title, "permissions": sorted(permissions)})[0])
    return user
