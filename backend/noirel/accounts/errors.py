"""How signing in says no."""

from noirel.core.domain.errors import ShopError


class InvalidCredentials(ShopError):
    """This e-mail and password don't go together."""

    code, status, title = "invalid_credentials", 401, "Not signed in"
    default_detail = "That e-mail and password don't match."


class SessionEnded(ShopError):
    """Sign in again."""

    code, status, title = "session_ended", 401, "The session has ended"
    default_detail = "Your session has ended. Sign in again."


class EmailTaken(ShopError):
    code, status, title = "email_taken", 409, "The e-mail has an account"
    default_detail = "There is an account with this e-mail already. Sign in, or ask for a new password."


class LinkInvalid(ShopError):
    """This link was used, or is too old. Ask for a new one."""

    code, status, title = "link_invalid", 400, "The link doesn't work any more"
    default_detail = "This link was used already or has expired. Ask for a new one."


class LastOwner(ShopError):
    code, status, title = "last_owner", 409, "The last owner stays"
    default_detail = "This is the only account that can manage staff. Give someone else that role first."


class TooManyAddresses(ShopError):
    code, status, title = "too_many_addresses", 409, "The address book is full"
    default_detail = "You can save up to 50 addresses. Remove one first."
