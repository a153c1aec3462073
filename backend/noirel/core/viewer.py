"""Who is asking: the first argument of every selector that could tell a secret."""

from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID


class Person(Protocol):
    """What core needs to know of a user; the model lives above, in accounts."""

    pk: UUID
    email: str
    is_staff: bool


@dataclass(frozen=True, slots=True)
class Viewer:
    user: Person | None = None
    permissions: frozenset[str] = field(default_factory=frozenset)
    is_system: bool = False
    session_id: UUID | None = None  # of the sign-in that the access token belongs to

    @property
    def is_anonymous(self) -> bool:
        return self.user is None and not self.is_system

    @property
    def is_staff(self) -> bool:
        return self.is_system or (self.user is not None and self.user.is_staff)

    @property
    def user_id(self) -> UUID | None:
        return self.user.pk if self.user else None

    @property
    def name(self) -> str:
        """For audit rows and timelines: an e-mail, `system`, or `guest`."""
        if self.user:
            return self.user.email
        return "system" if self.is_system else "guest"

    def has(self, permission: str) -> bool:
        return self.is_system or (self.is_staff and permission in self.permissions)


ANONYMOUS = Viewer()
SYSTEM = Viewer(is_system=True)
