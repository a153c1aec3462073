"""auth/… and me/…"""

from uuid import UUID

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from noirel.accounts.api import shapes
from noirel.accounts.models import User, normal_email
from noirel.accounts.selectors import address_json, addresses_of, user_json
from noirel.accounts.services import passwords, profile, tokens
from noirel.accounts.services import sign_in as signing_in
from noirel.core import throttling
from noirel.core.api import APIView, Request, page_of, paginate
from noirel.core.errors import NotAuthenticated

COOKIE = "noirel_refresh"
COOKIE_PATH = "/api/v1/auth"


def _me(request: Request) -> User:
    if not isinstance(request.user, User):
        raise NotAuthenticated
    return request.user


def _set_cookie(response: Response, token: str) -> Response:
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(settings.REFRESH_TOKEN_LIFETIME.total_seconds()),
        path=COOKIE_PATH,
        secure=settings.REFRESH_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def _session(session: signing_in.SignedIn, *, status: int = 200) -> Response:
    return _set_cookie(Response({"access": session.access, "user": user_json(session.viewer)}, status=status), session.refresh)


class RegisterView(APIView):
    throttle_scope = "register"

    @extend_schema(request=shapes.RegisterIn, responses={201: shapes.SessionOut})
    def post(self, request: Request) -> Response:
        return _session(signing_in.register(**shapes.RegisterIn.checked(request.data)), status=201)


class LoginView(APIView):
    throttle_scope = "login"

    @extend_schema(request=shapes.LoginIn, responses=shapes.SessionOut)
    def post(self, request: Request) -> Response:
        given = shapes.LoginIn.checked(request.data)
        # An account is guessed at from many addresses, too.
        throttling.limit("login_account", normal_email(given["email"]))
        return _session(signing_in.sign_in(**given))


class RefreshView(APIView):
    """The cookie is all it takes; a post from another site doesn't carry it (SameSite=Lax)."""

    authentication_classes = ()
    throttle_scope = "refresh"

    @extend_schema(request=None, responses=shapes.SessionOut)
    def post(self, request: Request) -> Response:
        return _session(signing_in.refresh(request.COOKIES.get(COOKIE, "")))


class LogoutView(APIView):
    authentication_classes = ()

    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request) -> Response:
        tokens.end_family(request.COOKIES.get(COOKIE, ""))
        response = Response(status=204)
        response.delete_cookie(COOKIE, path=COOKIE_PATH, samesite="Lax")
        return response


class VerifyEmailView(APIView):
    throttle_scope = "password"

    @extend_schema(request=shapes.VerifyEmailIn, responses={204: None})
    def post(self, request: Request) -> Response:
        passwords.verify_email(**shapes.VerifyEmailIn.checked(request.data))
        return Response(status=204)


class ForgotPasswordView(APIView):
    throttle_scope = "password"

    @extend_schema(request=shapes.ForgotIn, responses={204: None})
    def post(self, request: Request) -> Response:
        passwords.ask_for_reset(**shapes.ForgotIn.checked(request.data))
        return Response(status=204)


class ResetPasswordView(APIView):
    throttle_scope = "password"

    @extend_schema(request=shapes.ResetIn, responses={204: None})
    def post(self, request: Request) -> Response:
        passwords.reset_password(**shapes.ResetIn.checked(request.data))
        return Response(status=204)


class ChangePasswordView(APIView):
    throttle_scope = "password"
    permission = "signed_in"

    @extend_schema(request=shapes.ChangePasswordIn, responses={204: None})
    def post(self, request: Request) -> Response:
        token = passwords.change_password(_me(request), **shapes.ChangePasswordIn.checked(request.data))
        return _set_cookie(Response(status=204), token)


class MeView(APIView):
    permission = "signed_in"

    @extend_schema(responses=shapes.UserOut)
    def get(self, request: Request) -> Response:
        return Response(user_json(request.viewer))

    @extend_schema(request=shapes.MeIn, responses=shapes.UserOut)
    def patch(self, request: Request) -> Response:
        profile.change_profile(_me(request), **shapes.MeIn.checked(request.data, partial=True))
        return Response(user_json(request.viewer))

    @extend_schema(responses={204: None})
    def delete(self, request: Request) -> Response:
        profile.erase_user(_me(request))
        response = Response(status=204)
        response.delete_cookie(COOKIE, path=COOKIE_PATH, samesite="Lax")
        return response


class AddressesView(APIView):
    permission = "signed_in"

    @extend_schema(responses=page_of(shapes.SavedAddressOut))
    def get(self, request: Request) -> Response:
        return Response(paginate(addresses_of(request.viewer), request, order=("-is_default", "-id"), out=address_json))

    @extend_schema(request=shapes.SavedAddressIn, responses={201: shapes.SavedAddressOut})
    def post(self, request: Request) -> Response:
        address = profile.save_address(_me(request), shapes.SavedAddressIn.checked(request.data))
        return Response(address_json(address), status=201)


class AddressView(APIView):
    permission = "signed_in"

    @extend_schema(request=shapes.SavedAddressIn, responses=shapes.SavedAddressOut)
    def put(self, request: Request, address_id: UUID) -> Response:
        fields = shapes.SavedAddressIn.checked(request.data)
        return Response(address_json(profile.save_address(_me(request), fields, address_id=address_id)))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, address_id: UUID) -> Response:
        profile.remove_address(_me(request), address_id)
        return Response(status=204)
