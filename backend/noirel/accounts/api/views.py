"""auth/… and me/…"""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.response import Response

from noirel.accounts.api import shapes
from noirel.accounts.api.authentication import claims
from noirel.accounts.models import User
from noirel.accounts.selectors import address_json, addresses_of, user_json
from noirel.accounts.services import email, passwords, profile, tokens
from noirel.accounts.services import sign_in as signing_in
from noirel.accounts.services.devices import Device, device_of
from noirel.core.domain.errors import NotAuthenticated
from noirel.core.http import APIView, Request, page_of, paginate, throttling, without_body

COOKIE_PATH = "/api/v1/auth"


def _me(request: Request) -> User:
    if not isinstance(request.user, User):
        raise NotAuthenticated
    return request.user


def _confirming(request: Request) -> User:
    """Who is signed in, before their password is asked for again: each session has its own number of tries.

    So a stolen one can't use up its owner's.
    """
    user = _me(request)
    throttling.limit("confirm_password", str(request.viewer.session_id))
    return user


def _device(request: Request) -> Device:
    return device_of(request.COOKIES.get(settings.DEVICE_COOKIE, ""))


def _set_cookie(response: Response, name: str, value: str, lifetime: timedelta) -> None:
    response.set_cookie(
        name,
        value,
        max_age=int(lifetime.total_seconds()),
        path=COOKIE_PATH,
        secure=settings.COOKIES_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _set_refresh(response: Response, token: str) -> Response:
    _set_cookie(response, settings.REFRESH_COOKIE, token, settings.REFRESH_TOKEN_LIFETIME)
    return response


def _remember_device(response: Response, request: Request, email: str) -> Response:
    device = _device(request).after_sign_in(email)
    _set_cookie(response, settings.DEVICE_COOKIE, device.cookie(), settings.DEVICE_LIFETIME)
    return response


def _signed_out(response: Response) -> Response:
    response.delete_cookie(settings.REFRESH_COOKIE, path=COOKIE_PATH, samesite="Lax")
    return response


def _session(request: Request, session: signing_in.SignedIn, *, status: int = 200) -> Response:
    response = Response({"access": session.access, "user": user_json(session.viewer)}, status=status)
    return _remember_device(_set_refresh(response, session.refresh), request, session.email)


def _named_session(request: Request) -> UUID | None:
    """The session of the access token, if there is a good one, on a view that takes none for signing in."""
    try:
        named = claims(request)
    except AuthenticationFailed:
        return None
    return named[1] if named else None


class AnonymousView(APIView):
    """For who isn't signed in. A token that comes along is not looked at: neither for a larger limit, nor to refuse it."""

    authentication_classes = ()


class RegisterView(AnonymousView):
    """Make an account and sign in to it."""

    throttle_scope = "register"

    @extend_schema(request=shapes.RegisterIn, responses={201: shapes.SessionOut})
    def post(self, request: Request) -> Response:
        given = shapes.RegisterIn.checked(request.data)
        return _session(request, signing_in.register(**given), status=201)


class LoginView(AnonymousView):
    """Sign in with an e-mail and a password."""

    refusals = frozenset({401})
    throttle_scope = "login"

    @extend_schema(request=shapes.LoginIn, responses=shapes.SessionOut)
    def post(self, request: Request) -> Response:
        given = shapes.LoginIn.checked(request.data)
        # An account is guessed at from many addresses, too; a device that its owner has used is not held up by that.
        throttling.limit("login_account", _device(request).caller(given["email"]))
        return _session(request, signing_in.sign_in(**given))


class RefreshView(AnonymousView):
    """A new access token, and the next refresh cookie. The cookie is all it takes: a post from another site has none."""

    refusals = frozenset({401})
    throttle_scope = "refresh"

    @without_body(responses=shapes.SessionOut)
    def post(self, request: Request) -> Response:
        return _session(request, signing_in.refresh(request.COOKIES.get(settings.REFRESH_COOKIE, "")))


class LogoutView(AnonymousView):
    """Ends the session of the cookie, and of the access token if there is one. Without either it is a success, too."""

    @without_body(responses={204: None})
    def post(self, request: Request) -> Response:
        tokens.end_session_of(request.COOKIES.get(settings.REFRESH_COOKIE, ""))
        if session := _named_session(request):
            tokens.end_session(session)
        return _signed_out(Response(status=204))


class VerifyEmailView(AnonymousView):
    """Follow a link that came by mail: it confirms the e-mail, or the new one after `auth/email/change`.

    A change ends the account's sessions, but not the one that asked for it and the one that this browser is signed in by.
    """

    throttle_scope = "password"

    @extend_schema(request=shapes.VerifyEmailIn, responses={204: None})
    def post(self, request: Request) -> Response:
        here = [tokens.session_of(request.COOKIES.get(settings.REFRESH_COOKIE, "")), _named_session(request)]
        email.verify_email(**shapes.VerifyEmailIn.checked(request.data), here=[session for session in here if session])
        return Response(status=204)


class ForgotPasswordView(AnonymousView):
    """Ask for a link by which a new password is chosen. The answer is the same whether or not the address is known."""

    throttle_scope = "password"

    @extend_schema(request=shapes.ForgotIn, responses={204: None})
    def post(self, request: Request) -> Response:
        given = shapes.ForgotIn.checked(request.data)
        # Past the limit there is no further mail and the answer is the same: the links that strangers have asked for came to
        # the owner's mailbox, and work until the password changes.
        if not throttling.hit("forgot_email", _device(request).caller(given["email"])):
            passwords.ask_for_reset(**given)
        return Response(status=204)


class ResetPasswordView(AnonymousView):
    """Choose a new password by the link that came by mail. Every session ends."""

    throttle_scope = "password"

    @extend_schema(request=shapes.ResetIn, responses={204: None})
    def post(self, request: Request) -> Response:
        user = passwords.reset_password(**shapes.ResetIn.checked(request.data))
        # The link has proved whose device this is: its owner can sign in, however many strangers have tried.
        return _remember_device(Response(status=204), request, user.email)


class ChangePasswordView(APIView):
    """Ends every session, this one's access token too, and sets the cookie of a new one."""

    throttle_scope = "password"
    permission = "signed_in"

    @extend_schema(request=shapes.ChangePasswordIn, responses={204: None})
    def post(self, request: Request) -> Response:
        given = shapes.ChangePasswordIn.checked(request.data)
        return _set_refresh(Response(status=204), passwords.change_password(_confirming(request), **given))


class ChangeEmailView(APIView):
    """Mails a link to the new address. The answer is the same whether or not somebody else has it."""

    permission = "signed_in"
    refusals = frozenset({429})

    @extend_schema(request=shapes.ChangeEmailIn, responses={204: None})
    def post(self, request: Request) -> Response:
        given = shapes.ChangeEmailIn.checked(request.data)
        email.ask_for_email_change(_confirming(request), session=request.viewer.session_id, **given)
        return Response(status=204)


class MeView(APIView):
    permission = "signed_in"
    takes_body_on_delete = True
    refusals = frozenset({429})

    @extend_schema(responses=shapes.UserOut)
    def get(self, request: Request) -> Response:
        return Response(user_json(request.viewer))

    @extend_schema(request=shapes.MeIn, responses=shapes.UserOut)
    def patch(self, request: Request) -> Response:
        profile.change_profile(_me(request), **shapes.MeIn.checked(request.data, partial=True))
        return Response(user_json(request.viewer))

    @extend_schema(request=shapes.EraseIn, responses={204: None})
    def delete(self, request: Request) -> Response:
        """Erase the account. The last owner of the shop stays (409 `last_owner`)."""
        given = shapes.EraseIn.checked(request.data)
        user = _confirming(request)
        passwords.confirm_password(user, **given)
        profile.erase_user(user)
        return _signed_out(Response(status=204))


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
