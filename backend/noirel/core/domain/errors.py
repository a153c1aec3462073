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

    `code` is stable and for machines, `title` is the same for every occurrence, `detail` is about this one and shown to people;
    each class has a `default_detail`. Docstrings are for developers and are never sent. `retry_after` is the Retry-After header
    in seconds where the same request may succeed later. Keyword arguments become top-level members (`lines=[...]`).
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400
    title: ClassVar[str] = "The request was refused"
    retry_after: ClassVar[int | None] = None
    default_detail: ClassVar[str] = "The request was refused."

    def __init__(self, detail: str = "", *, errors: Sequence[FieldError] = (), **extra: Any) -> None:
        self.detail = detail or self.default_detail
        self.errors = list(errors)
        self.extra = extra
        super().__init__(self.detail)


class Invalid(ShopError):
    """Some fields need another look."""

    code, status, title = "invalid", 400, "The request is not valid"
    default_detail = "Some fields need your attention."


class NotFound(ShopError):
    code, status, title = "not_found", 404, "Not found"
    default_detail = "There is nothing here."


class Moved(ShopError):
    """It lives at another address now."""

    code, status, title = "moved", 301, "Moved"
    default_detail = "This has moved to another address."

    def __init__(self, *, location: str, moved_to: str) -> None:
        """location is the API's address of it, moved_to its slug."""
        super().__init__(moved_to=moved_to)
        self.location = location


class PermissionDenied(ShopError):
    """Your account may not do this."""

    code, status, title = "permission_denied", 403, "Not allowed"
    default_detail = "Your account doesn't have permission to do this."


class NotAuthenticated(ShopError):
    code, status, title = "not_authenticated", 401, "Not signed in"
    default_detail = "Sign in first."


class Conflict(ShopError):
    """The request does not fit what is there now."""

    code, status, title = "conflict", 409, "Conflict"
    default_detail = "The request conflicts with the current state."


class PreconditionFailed(ShopError):
    """It was changed since you read it. Read it again."""

    code, status, title = "precondition_failed", 412, "Changed in the meantime"
    default_detail = "This was changed since you loaded it. Reload it and try again."


class Unavailable(ShopError):
    """This can't be answered right now. Try again in a moment."""

    code, status, title = "unavailable", 503, "Not available right now"
    default_detail = "This isn't available right now. Try again in a moment."
