"""Access tokens: short, signed, and never a query for an anonymous request."""

from uuid import UUID

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken

from noirel.accounts.models import User
from noirel.accounts.selectors import viewer_for
from noirel.core.viewer import Viewer


class BearerAuthentication(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[User, Viewer] | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        try:
            user_id = UUID(str(AccessToken(token.strip().encode())["sub"]))  # type: ignore[arg-type]
        except (TokenError, KeyError, ValueError):
            raise AuthenticationFailed("The access token is not valid, or has run out.", code="token_invalid") from None
        viewer = viewer_for(user_id)
        if viewer is None or not isinstance(viewer.user, User):
            raise AuthenticationFailed("This account is closed.", code="token_invalid")
        return viewer.user, viewer

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'
