"""How signing in says no."""

from noirel.core.domain.errors import ShopError


class InvalidCredentials(ShopError):
    """This e-mail and password don't go together."""

    code, status, title = "invalid_credentials", 401, "Not signed in"


class SessionEnded(ShopError):
    """Sign in again."""

    code, status, title = "session_ended", 401, "The session has ended"


class EmailTaken(ShopError):
    """There is an account with this e-mail already. Sign in, or ask for a new password."""

    code, status, title = "email_taken", 409, "The e-mail has an account"


class LinkInvalid(ShopError):
    """This link was used, or is too old. Ask for a new one."""

    code, status, title = "link_invalid", 400, "The link doesn't work any more"


class LastOwner(ShopError):
    """This is the only account that can manage staff. Give someone else that role first."""

    code, status, title = "last_owner", 409, "The last owner stays"
