"""Access tokens: short, signed, bound to a session, and never a query for an anonymous request."""

from uuid import UUID

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken

from noirel.accounts.models import User
from noirel.accounts.selectors import viewer_for
from noirel.accounts.services.tokens import SESSION_CLAIM
from noirel.core.viewer import Viewer


def claims(request: Request) -> tuple[UUID, UUID] | None:
    """The user and session that the bearer token names, None without one. Asks nobody whether they are still there.

    Raises AuthenticationFailed for a token that is not ours or has run out.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    try:
        access = AccessToken(token.strip().encode())  # type: ignore[arg-type]
        return UUID(str(access["sub"])), UUID(str(access[SESSION_CLAIM]))
    except (TokenError, KeyError, ValueError):
        raise AuthenticationFailed("The access token is not valid, or has run out.", code="token_invalid") from None


class BearerAuthentication(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[User, Viewer] | None:
        named = claims(request)
        if named is None:
            return None
        user_id, session = named
        viewer = viewer_for(user_id, session=session)
        if viewer is None or not isinstance(viewer.user, User):
            raise AuthenticationFailed("This session has ended.", code="token_invalid")
        return viewer.user, viewer

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'
