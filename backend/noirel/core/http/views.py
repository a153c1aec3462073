"""The base class of all API views: authentication, permissions, limits on the request, and cache headers."""

import time
from typing import Any, ClassVar, Literal

from django.conf import settings
from django.http import HttpRequest
from rest_framework import request as drf
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.permissions import SAFE_METHODS
from rest_framework.response import Response
from rest_framework.views import APIView as DRFView

from noirel.core.domain.errors import FieldError, Invalid, NotAuthenticated, NotFound, PermissionDenied
from noirel.core.http.json import BodyTooLarge
from noirel.core.http.problems import MEDIA_TYPE
from noirel.core.viewer import ANONYMOUS, Viewer

_SHOPPERS = (None, "signed_in")


class Request(drf.Request):
    """DRF's request with the viewer, which the authentication class returns as `auth`."""

    # Set by @idempotent (core/http/idempotency.py).
    idempotency_key: str = ""
    idempotency_fingerprint: str = ""

    @property
    def viewer(self) -> Viewer:
        return self.auth if isinstance(self.auth, Viewer) else ANONYMOUS


class Negotiation(DefaultContentNegotiation):
    """Skips content negotiation for the usual case: a single renderer whose media type, or any, is accepted."""

    def select_renderer(self, request: drf.Request, renderers: Any, format_suffix: str | None = None) -> Any:
        if len(renderers) == 1 and request.META.get("HTTP_ACCEPT", "*/*") in {"*/*", renderers[0].media_type}:
            return renderers[0], renderers[0].media_type
        return super().select_renderer(request, renderers, format_suffix)


class APIView(DRFView):
    """The base class of all views.

    permission: None (anyone), "signed_in", "staff", or a staff permission like "orders.refund".
    """

    content_negotiation_class = Negotiation
    throttle_scope: ClassVar[str | None] = None
    permission: str | None = None
    takes_body_on_delete: ClassVar[bool] = False  # for the schema
    caching: ClassVar[Literal["public", "private"]] = "private"
    if_match: ClassVar[frozenset[str]] = frozenset()  # the methods that refuse a stale If-Match (check_if_match)
    refusals: ClassVar[frozenset[int]] = frozenset()  # statuses of its problems that don't follow from the rest, for the schema
    max_body_bytes: ClassVar[int | None] = None  # of a request, where it is more than settings.MAX_BODY_BYTES

    def permission_for(self, method: str) -> str | None:
        """Override where reading and writing need different permissions."""
        return self.permission

    def idempotency_subject(self, request: Request, **path: Any) -> str:
        """What lets a guest make this call: a cart or an order; empty where anybody may make it. For a view with `@idempotent`.

        Raises as the call itself for who may not make it.
        """
        return ""

    def check_replay(self, request: Request, **path: Any) -> None:
        """Check again, before a stored answer is given, that the viewer may make this call: their right may have ended since.

        Raises as the call itself.
        """
        self.idempotency_subject(request, **path)

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        context = self.get_parser_context(request)
        return Request(
            request,
            parsers=self.get_parsers(),
            authenticators=self.get_authenticators(),
            negotiator=self.get_content_negotiator(),
            parser_context=context,
        )

    def initial(self, request: drf.Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isascii() and length.isdigit() and int(length) > (self.max_body_bytes or settings.MAX_BODY_BYTES):
            raise BodyTooLarge
        # PostgreSQL can't store NUL in text. Checked here once, so that no query fails with a 500.
        if any(isinstance(part, str) and "\x00" in part for part in kwargs.values()):
            raise NotFound
        for name, values in request.query_params.lists():
            if any("\x00" in value for value in values):
                raise Invalid(errors=[FieldError(name, "invalid", "It contains a NUL character.")])

    def check_permissions(self, request: drf.Request) -> None:
        required = self.permission_for(request.method or "")
        if required is None:
            return
        viewer = request.viewer if isinstance(request, Request) else ANONYMOUS
        if viewer.is_anonymous:
            raise NotAuthenticated
        if required == "signed_in" or (required == "staff" and viewer.is_staff) or viewer.has(required):
            return
        raise PermissionDenied

    def finalize_response(self, request: drf.Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        final = super().finalize_response(request, response, *args, **kwargs)
        if "Cache-Control" not in final or final.status_code >= 400:
            final["Cache-Control"] = "no-store"
        if isinstance(final, Response) and final.status_code >= 400:
            final.content_type = MEDIA_TYPE
        if request.method not in SAFE_METHODS and self.permission_for(request.method or "") not in _SHOPPERS:
            # Processes may serve cached responses for this long without revalidation (core/cache/responses.py). With the delay,
            # staff see their change in the next request.
            time.sleep(settings.READS_TRUSTED_MS / 1000)
        return final
