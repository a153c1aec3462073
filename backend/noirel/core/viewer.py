"""The viewer: who makes a request. It is the first argument of every selector that returns restricted data."""

from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID


class Person(Protocol):
    """What core needs to know about a user. The model is in accounts, which core must not import."""

    pk: UUID
    email: str
    is_staff: bool


@dataclass(frozen=True, slots=True)
class Viewer:
    user: Person | None = None
    permissions: frozenset[str] = field(default_factory=frozenset)
    is_system: bool = False
    session_id: UUID | None = None  # the session that the access token belongs to

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
        """The name shown in the audit log and timelines: an e-mail address, `system` or `guest`."""
        if self.user:
            return self.user.email
        return "system" if self.is_system else "guest"

    def has(self, permission: str) -> bool:
        return self.is_system or (self.is_staff and permission in self.permissions)


ANONYMOUS = Viewer()
SYSTEM = Viewer(is_system=True)
