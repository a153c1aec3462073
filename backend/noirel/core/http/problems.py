"""problem+json (RFC 9457): one format for the errors of our code, of DRF and of Django itself."""

import logging
from collections.abc import Callable, Iterator
from typing import Any

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.response import HttpResponseBase
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from noirel.core.domain import errors
from noirel.core.domain.errors import FieldError, ShopError
from noirel.core.error_description import describe
from noirel.core.http.json import BodyTooLarge, dumps
from noirel.core.request_id import current_request_id

MEDIA_TYPE = "application/problem+json"
log = logging.getLogger("noirel.problems")

# DRF's error codes that have another name in our contract.
_CODES = {"authentication_failed": "token_invalid", "parse_error": "malformed", "error": "refused"}
_TITLES = {
    400: "The request is not valid", 401: "Not signed in", 403: "Not allowed", 404: "Not found",
    405: "Not possible here", 406: "Not available in this form", 411: "A length is needed", 412: "Changed in the meantime",
    413: "Too large", 415: "Not a format we read", 429: "Too many requests",
}  # fmt: skip


def problem(
    *, code: str, status: int, title: str, detail: str = "", field_errors: list[FieldError] | None = None, **extra: Any
) -> dict[str, Any]:
    body: dict[str, Any] = {
        "type": f"urn:noirel:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
        **extra,
    }
    if field_errors:
        body["errors"] = [{"field": error.field, "code": error.code, "message": error.message} for error in field_errors]
    if request_id := current_request_id():
        body["request_id"] = request_id
    return body


def from_shop_error(error: ShopError) -> dict[str, Any]:
    return problem(
        code=error.code, status=error.status, title=error.title, detail=error.detail, field_errors=error.errors, **error.extra
    )


def exception_handler(error: Exception, context: dict[str, Any]) -> Response:
    """DRF's EXCEPTION_HANDLER. Turns every exception into a problem; unexpected ones are logged here, once."""
    set_rollback()
    headers: dict[str, str] = {}
    match error:
        case ShopError():
            body = _from_refusal(error, headers)
        case exceptions.ValidationError():
            body = from_shop_error(errors.Invalid(errors=list(flatten(error.get_full_details()))))
        case exceptions.APIException():
            body = _from_api_exception(error, headers)
        case Http404():
            body = from_shop_error(errors.NotFound())
        case DjangoPermissionDenied():
            body = from_shop_error(errors.PermissionDenied())
        case RequestDataTooBig():
            body = _from_api_exception(BodyTooLarge(), headers)
        case SuspiciousOperation() | BadRequest() | UnreadablePostError():
            body = _malformed()
        case DataError():  # out of a column's range, or a character that PostgreSQL can't store
            log.error("invalid input passed validation: %s", describe(error), exc_info=error)
            body = _malformed()
        case OperationalError() | InterfaceError():
            log.error("the database is unavailable", exc_info=error)
            body = from_shop_error(errors.Unavailable())
            headers["Retry-After"] = "5"
        case _:
            log.error("unexpected error: %s", describe(error), exc_info=error)
            body = _server_error()
    if body["status"] == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="api"'
    return Response(body, status=body["status"], headers=headers, content_type=MEDIA_TYPE)


def _from_refusal(error: ShopError, headers: dict[str, str]) -> dict[str, Any]:
    if error.status >= 500 or error.retry_after:
        headers["Retry-After"] = str(error.retry_after or 5)
    if error.status >= 500:
        log.warning("%s: %s", error.code, error.detail, exc_info=error.__cause__)
    if isinstance(error, errors.Moved):
        headers["Location"] = error.location
    return from_shop_error(error)


def _from_api_exception(error: exceptions.APIException, headers: dict[str, str]) -> dict[str, Any]:
    code = getattr(error.detail, "code", error.default_code)
    if isinstance(error, exceptions.Throttled):
        seconds = max(1, int(getattr(error, "wait", None) or 1))
        headers["Retry-After"] = str(seconds)
        return problem(
            code="throttled", status=429, title=_TITLES[429], detail=f"Try again in {seconds} seconds.", retry_after=seconds
        )
    return problem(
        code=_CODES.get(str(code), str(code)),
        status=error.status_code,
        title=_TITLES.get(error.status_code, "The request was refused"),
        detail=str(error.detail),
    )


def flatten(details: Any, path: str = "") -> Iterator[FieldError]:
    """Flatten DRF's nested error details into one FieldError per message, with paths like `lines.0.quantity`."""
    if isinstance(details, dict) and set(details) == {"message", "code"} and isinstance(details["code"], str):
        yield FieldError(path, str(details["code"]), str(details["message"]))
    elif isinstance(details, dict):
        for name, inner in details.items():
            own = "" if name == "non_field_errors" else str(name)
            yield from flatten(inner, ".".join(part for part in (path, own) if part))
    elif isinstance(details, list):
        for index, inner in enumerate(details):
            # A list holds either the messages of one field or one entry per item, empty for items without errors.
            is_message = isinstance(inner, dict) and set(inner) == {"message", "code"} and isinstance(inner["code"], str)
            yield from flatten(inner, path if is_message else f"{path}.{index}".lstrip("."))


def _server_error() -> dict[str, Any]:
    return problem(
        code="server_error",
        status=500,
        title="Something broke on our side",
        detail="The error has been logged under the request id. Try again in a moment.",
    )


def _malformed() -> dict[str, Any]:
    return problem(code="malformed", status=400, title=_TITLES[400], detail="The request can't be parsed.")


def plain(body: dict[str, Any]) -> HttpResponse:
    """A problem as a plain Django response, for errors that never reach DRF."""
    response = HttpResponse(dumps(body), status=body["status"], content_type=MEDIA_TYPE)
    response["Cache-Control"] = "no-store"
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return plain(_malformed())


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return plain(from_shop_error(errors.PermissionDenied()))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return plain(from_shop_error(errors.NotFound("There is nothing at this address.")))


def server_error(request: HttpRequest) -> HttpResponse:
    return plain(_server_error())


class ProblemMiddleware:
    """Turns errors outside DRF's views into problems, so that no HTML error page is sent, not even with DEBUG."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if "HTTP_TRANSFER_ENCODING" in request.META and not request.META.get("CONTENT_LENGTH"):
            # Django ignores a body without a length, and it must not be mistaken for an empty one. Our own server decodes
            # chunked bodies and sets their length (fastpath/worker.py).
            return plain(problem(code="length_required", status=411, title=_TITLES[411], detail="Send a Content-Length."))
        response = self.get_response(request)
        if response.status_code >= 400 and not response.get("Content-Type", "").startswith(MEDIA_TYPE):
            return self._reshape(request, response)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, Http404 | SuspiciousOperation | DjangoPermissionDenied):
            return None  # Django sets the status for these, and __call__ replaces the response
        if isinstance(exception, exceptions.Throttled):
            headers: dict[str, str] = {}
            response = plain(_from_api_exception(exception, headers))
            for name, value in headers.items():
                response[name] = value
            return response
        log.error("unexpected error: %s", describe(exception), exc_info=exception)
        return server_error(request)

    def _reshape(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        match response.status_code:
            case 404:
                return not_found(request, Http404())
            case 403:
                return forbidden(request, DjangoPermissionDenied())
            case 405:
                reshaped = plain(
                    problem(code="method_not_allowed", status=405, title=_TITLES[405], detail=f"No {request.method} here.")
                )
                if allow := response.get("Allow"):
                    reshaped["Allow"] = allow
                return reshaped
            case status if status >= 500:
                return server_error(request)
            case _:
                return bad_request(request, ValueError())
