"""A rule that says no raises a ShopError; one exception handler makes it problem+json."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field's refusal; `field` is a path like `shipping_address.postcode` or `lines.0.quantity`."""

    field: str
    code: str
    message: str


class ShopError(Exception):
    """Base of every refusal.

    `code` is stable and for machines, `title` is the same for every occurrence, `detail` is about this one, `retry_after`
    is the Retry-After header in seconds where the same request may succeed later.
    Keyword arguments become top-level members of the problem (`lines=[...]`).
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400
    title: ClassVar[str] = "The request was refused"
    retry_after: ClassVar[int | None] = None

    def __init__(self, detail: str = "", *, errors: Sequence[FieldError] = (), **extra: Any) -> None:
        self.detail = detail or (self.__doc__ or "").strip().split("\n")[0]
        self.errors = list(errors)
        self.extra = extra
        super().__init__(self.detail)


class Invalid(ShopError):
    """Some fields need another look."""

    code, status, title = "invalid", 400, "The request is not valid"


class NotFound(ShopError):
    """There is nothing here."""

    code, status, title = "not_found", 404, "Not found"


class Moved(ShopError):
    """It lives at another address now."""

    code, status, title = "moved", 301, "Moved"

    def __init__(self, *, location: str, moved_to: str) -> None:
        """location is the API's address of it, moved_to its slug."""
        super().__init__(moved_to=moved_to)
        self.location = location


class PermissionDenied(ShopError):
    """Your account may not do this."""

    code, status, title = "permission_denied", 403, "Not allowed"


class NotAuthenticated(ShopError):
    """Sign in first."""

    code, status, title = "not_authenticated", 401, "Not signed in"


class Conflict(ShopError):
    """The request does not fit what is there now."""

    code, status, title = "conflict", 409, "Conflict"


class PreconditionFailed(ShopError):
    """It was changed since you read it. Read it again."""

    code, status, title = "precondition_failed", 412, "Changed in the meantime"


class Unavailable(ShopError):
    """This can't be answered right now. Try again in a moment."""

    code, status, title = "unavailable", 503, "Not available right now"
