"""Idempotency-Key: the same key and body get the first answer again, byte for byte, however many arrive at once."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import wraps
from typing import Any, TypeVar, cast, overload
from uuid import UUID

import orjson
from django.db.models import Model, QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response

from noirel.core.db import locks, prepared
from noirel.core.domain.errors import FieldError, Invalid, ShopError
from noirel.core.http.throttling import client_network
from noirel.core.http.views import APIView, Request
from noirel.core.models import IdempotencyRecord

WAIT_MS = 60_000  # the longest a second caller waits for the first one
RETENTION = timedelta(days=30)
_STORED_HEADERS = ("Content-Type", "Cache-Control", "Location", "ETag", "Retry-After")
_KEY_SCHEMA = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"}
View = TypeVar("View", bound=Callable[..., Any])
Made = TypeVar("Made", bound=Model)


class KeyRequired(ShopError):
    """This call needs an Idempotency-Key: a new one for each purchase, the same one for each retry."""

    code, status, title = "idempotency_key_required", 400, "Idempotency-Key is missing"


class KeyReused(ShopError):
    """This Idempotency-Key was used for another request. Make a new one."""

    code, status, title = "idempotency_key_reused", 422, "Idempotency-Key was used before"


class StillRunning(ShopError):
    """The first request with this Idempotency-Key is still running. Try again in a moment."""

    code, status, title = "idempotency_in_progress", 409, "Still running"


@overload
def idempotent(method: View) -> View: ...
@overload
def idempotent(*, required: bool) -> Callable[[View], View]: ...
def idempotent(method: View | None = None, *, required: bool = False) -> Any:
    """For a view method that spends money or stock.

    A lock on the key for the time of the call, and no transaction: the view makes its own. Answers under 500 are
    kept, so a failure of ours or of a partner can be tried again. A key belongs to whoever used it first (see _owner) and to
    one body. `request.idempotency_key` and `idempotency_fingerprint` are there for a view that recognises its own half-done
    work after a crash: that belongs to the same viewer and body, too. Raises KeyRequired, KeyReused, StillRunning.
    """

    def decorate(inner: View) -> View:
        @wraps(inner)
        def answer_once(self: APIView, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
            key = request.headers.get("Idempotency-Key")
            if key is None:
                if required:
                    raise KeyRequired
                return cast(HttpResponseBase, inner(self, request, *args, **kwargs))
            if not 1 <= len(key) <= 255 or not key.isascii() or not key.isprintable():
                raise Invalid(
                    errors=[FieldError("Idempotency-Key", "invalid", "A key has 1 to 255 printable ASCII characters.")]
                )
            # The owner first: whatever is cut off, two people never share a scope.
            scope = f"{_owner(request, kwargs)} {request.method} {request.path}"[:300]
            fingerprint = _fingerprint(request)
            with locks.session_lock(f"idempotency:{scope}:{key}", wait_ms=WAIT_MS) as held:
                if not held:
                    raise StillRunning
                for record in prepared.select(IdempotencyRecord, "scope = %s AND key = %s", scope, key):
                    if record.fingerprint != fingerprint:
                        raise KeyReused
                    return _replayed(record)
                request.idempotency_key, request.idempotency_fingerprint = key, fingerprint
                return _first(self, request, inner, args, kwargs, scope=scope, key=key, fingerprint=fingerprint)

        parameter = OpenApiParameter(
            "Idempotency-Key", _KEY_SCHEMA, OpenApiParameter.HEADER, required=required,
            description="The same key and body give the first answer again.",
        )  # fmt: skip
        answer_once.idempotency_key_required = required  # type: ignore[attr-defined]  # for core/http/schema.py
        return cast(View, extend_schema(parameters=[parameter])(answer_once))

    return decorate(method) if method else decorate


def _owner(request: Request, path: Mapping[str, Any]) -> str:
    """Whose key it is: the account's, else the guest's who holds the secret that the call needs.

    That is a cart's id or an order's token. A call that needs none (`POST carts`) has the client's address for it. Secrets are
    hashed: a record opens nothing.
    """
    if request.viewer.user_id:
        return user_scope(request.viewer.user_id)
    body = request.data if isinstance(request.data, dict) else {}
    secret = request.query_params.get("token") or path.get("cart_id") or body.get("cart")
    kind = "guest" if secret else "address"
    named = str(secret or client_network(request))
    return f"{kind}:{hashlib.blake2b(named.encode(), digest_size=16).hexdigest()}"


def user_scope(user_id: UUID) -> str:
    """What the scope of every record of an account begins with."""
    return f"user:{user_id}"


def request_key(request: Request, subject: str) -> str:
    """Names what one request makes of `subject`, for a row that a retry finds after a crash (`made_by`); 31 ASCII characters.

    The first part is of the viewer, the subject and the Idempotency-Key, the last of the body. Empty without a key.
    """
    if not request.idempotency_key:
        return ""
    named = f"{request.viewer.user_id} {subject} {request.idempotency_key}"
    return f"{hashlib.blake2b(named.encode(), digest_size=11).hexdigest()}-{request.idempotency_fingerprint[:8]}"


def made_by(key: str, rows: QuerySet[Made]) -> Made | None:
    """The one of `rows` that the same request made before, by their column `key`, which ends with its `request_key`.

    Raises KeyReused where the same viewer used the same Idempotency-Key with another body.
    """
    row = rows.filter(key__startswith=key.rpartition("-")[0] + "-").first()
    if row is not None and row.key != key:  # type: ignore[attr-defined]  # the column that the docstring names
        raise KeyReused
    return row


def forget_user(payload: Mapping[str, Any]) -> None:
    """`accounts.erased`: the answers that were kept for an account hold what it was sent."""
    IdempotencyRecord.objects.filter(scope__startswith=f"{user_scope(payload['user_id'])} ").delete()


def _fingerprint(request: Request) -> str:
    # Of the meaning, not the bytes: a client that sorts its keys anew on a retry asks the same thing.
    body = orjson.dumps(request.data, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS, default=str)
    line = f"{request.method} {request.path}?{request.META.get('QUERY_STRING', '')}\n".encode()
    return hashlib.sha256(line + body).hexdigest()


def _first(
    view: APIView,
    request: Request,
    method: Callable[..., Any],
    args: Any,
    kwargs: Any,
    *,
    scope: str,
    key: str,
    fingerprint: str,
) -> HttpResponseBase:
    try:
        response: Any = method(view, request, *args, **kwargs)
    except Exception as error:  # a refusal is an answer too; handle_exception raises what isn't one
        response = view.handle_exception(error)
    # Rendered here, under the lock, so that the bytes kept are the bytes sent.
    final: HttpResponse = view.finalize_response(request, response, *args, **kwargs)
    if isinstance(final, Response):
        final.render()
    if final.status_code < 500:
        headers = {name: final[name] for name in _STORED_HEADERS if name in final}
        prepared.execute(_INSERT, scope, key, fingerprint, final.status_code, orjson.dumps(headers).decode(), final.content)
    return final


_INSERT = (
    "INSERT INTO core_idempotencyrecord (scope, key, fingerprint, status, headers, body, created_at)"
    " VALUES (%s, %s, %s, %s, %s::jsonb, %s, now()) ON CONFLICT (scope, key) DO NOTHING"
)


def _replayed(record: IdempotencyRecord) -> HttpResponse:
    response = HttpResponse(bytes(record.body), status=record.status)
    for name, value in record.headers.items():
        response[name] = value
    response["Idempotent-Replayed"] = "true"
    return response


def delete_expired_records() -> None:
    IdempotencyRecord.objects.filter(created_at__lt=timezone.now() - RETENTION).delete()
