"""Idempotency-Key: the same key and body get the first answer again, byte for byte, however many arrive at once.

A key belongs to a verified viewer: an account, or a guest by the cart or the order link that opens the call
(`APIView.idempotency_subject`). Nothing else in the request picks its scope, and the viewer's right to make the call is checked
again before a stored answer is given: a revoked link opens no answer from the time when it was good.
"""

import hashlib
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
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

# How long requests wait for the first one with their key. Long enough for any purchase while the payment service answers; where
# it does not, a thread is worth more than a wait: they get 409 and come again.
WAIT_MS = 2_000
RETENTION = timedelta(days=30)
_STORED_HEADERS = ("Content-Type", "Cache-Control", "Location", "ETag", "Retry-After")
_KEY_SCHEMA = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"}
View = TypeVar("View", bound=Callable[..., Any])
Made = TypeVar("Made", bound=Model)


class KeyRequired(ShopError):
    code, status, title = "idempotency_key_required", 400, "Idempotency-Key is missing"
    default_detail = "This call needs an Idempotency-Key: a new one for each purchase, the same one for each retry."


class KeyReused(ShopError):
    """This Idempotency-Key was used for another request. Make a new one."""

    code, status, title = "idempotency_key_reused", 422, "Idempotency-Key was used before"
    default_detail = "This Idempotency-Key was used for another request. Use a new one."


class StillRunning(ShopError):
    code, status, title = "idempotency_in_progress", 409, "Still running"
    retry_after = 2
    default_detail = "The first request with this Idempotency-Key is still running. Try again in a moment."


@overload
def idempotent(method: View) -> View: ...
@overload
def idempotent(*, required: bool) -> Callable[[View], View]: ...
def idempotent(method: View | None = None, *, required: bool = False) -> Any:
    """For a view method that spends money or stock.

    A lock on the key for the time of the call, and no transaction: the view makes its own. Answers under 500 are
    kept, so a failure of ours or of a partner can be tried again. A key belongs to whoever used it first (see _scope_of) and to
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
            call = _Call(*_scope_of(self, request, kwargs), key, _fingerprint(request))
            with locks.session_lock(*call.lock_names, wait_ms=lambda: _patience.left_ms(call.lock_names[0])) as held:
                if not held:
                    raise StillRunning
                _patience.forget(call.lock_names[0])
                if record := _recorded(call):
                    if record.fingerprint != call.fingerprint:
                        raise KeyReused
                    self.check_replay(request, **kwargs)
                    return _replayed(record)
                request.idempotency_key, request.idempotency_fingerprint = key, call.fingerprint
                return _first(self, request, inner, args, kwargs, call)

        parameter = OpenApiParameter(
            "Idempotency-Key", _KEY_SCHEMA, OpenApiParameter.HEADER, required=required,
            description="The same key and body give the first answer again.",
        )  # fmt: skip
        answer_once.idempotency_key_required = required  # type: ignore[attr-defined]  # for core/http/schema.py
        return cast(View, extend_schema(parameters=[parameter])(answer_once))

    return decorate(method) if method else decorate


@dataclass(frozen=True, slots=True)
class _Call:
    """Whose request this is and what it asks, as its record says it."""

    scope: str
    client: str
    key: str
    fingerprint: str

    @property
    def lock_names(self) -> list[str]:
        return [f"idempotency:{owner}:{self.key}" for owner in (self.scope, self.client) if owner]


def _scope_of(view: APIView, request: Request, path: Mapping[str, Any]) -> tuple[str, str]:
    """The `scope` and the `client` of a request's record: the viewer and the call, and some guests' network and the call.

    The viewer is the account, else the guest's cart or order, as the view says it, else (`POST carts`, which anybody may)
    the client's network. Names are hashed: a record opens nothing. Raises as the view does for who may not make the call.
    """
    # The viewer first: whatever is cut off, two people never share a scope.
    call = f"{request.method} {request.path}"
    if request.viewer.user_id:
        return f"{user_scope(request.viewer.user_id)} {call}"[:300], ""
    network = f"address:{_hashed(client_network(request))} {call}"[:300]
    subject = view.idempotency_subject(request, **path)
    if not subject:
        return network, ""
    # Where the path names the cart or the order, another one is another call. Where the body names it, it is another body.
    return f"guest:{_hashed(subject)} {call}"[:300], "" if path else network


def _hashed(name: str) -> str:
    return hashlib.blake2b(name.encode(), digest_size=16).hexdigest()


class _Patience:
    """How much longer requests with a key wait here: WAIT_MS from the first one that had to, then no longer."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._since: dict[str, float] = {}

    def left_ms(self, name: str) -> int:
        now = time.monotonic()
        with self._lock:
            if len(self._since) > 1000:
                self._since = {name: at for name, at in self._since.items() if now - at < 60}
            waited = now - self._since.setdefault(name, now)
        return max(0, round(WAIT_MS - 1000 * waited))

    def forget(self, name: str) -> None:
        if name in self._since:
            with self._lock:
                self._since.pop(name, None)


_patience = _Patience()


def _recorded(call: _Call) -> IdempotencyRecord | None:
    """The viewer's record of this key, or the one of the same guest with another cart."""
    if not call.client:
        records = prepared.select(IdempotencyRecord, "scope = %s AND key = %s", call.scope, call.key)
    else:
        found = "id IN (SELECT id FROM core_idempotencyrecord WHERE scope = %s AND key = %s UNION ALL"
        found += " SELECT id FROM core_idempotencyrecord WHERE client = %s AND client <> '' AND key = %s)"
        records = prepared.select(IdempotencyRecord, found, call.scope, call.key, call.client, call.key)
    return next((one for one in records if one.scope == call.scope), records[0] if records else None)


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
    # Of the meaning, not the bytes: a client that sorts its keys anew on a retry asks the same thing. Without the query: it
    # says who asks (`?token=`), and a newer link to the same order asks the same thing, too.
    body = orjson.dumps(request.data, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS, default=str)
    line = f"{request.method} {request.path}?\n".encode()
    return hashlib.sha256(line + body).hexdigest()


def _first(
    view: APIView,
    request: Request,
    method: Callable[..., Any],
    args: Any,
    kwargs: Any,
    call: _Call,
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
        stored = orjson.dumps(headers).decode()
        prepared.execute(
            _INSERT, call.scope, call.client, call.key, call.fingerprint, final.status_code, stored, final.content
        )  # fmt: skip
    return final


_INSERT = (
    "INSERT INTO core_idempotencyrecord (scope, client, key, fingerprint, status, headers, body, created_at)"
    " VALUES (%s, %s, %s, %s, %s, %s::jsonb, %s, now()) ON CONFLICT (scope, key) DO NOTHING"
)


def _replayed(record: IdempotencyRecord) -> HttpResponse:
    response = HttpResponse(bytes(record.body), status=record.status)
    for name, value in record.headers.items():
        response[name] = value
    response["Idempotent-Replayed"] = "true"
    return response


def delete_expired_records() -> None:
    IdempotencyRecord.objects.filter(created_at__lt=timezone.now() - RETENTION).delete()
