"""Drops over HTTP, to shoppers."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response

from noirel.core.domain.errors import NotFound
from noirel.core.http import APIView, Request, page_of, public_cache
from noirel.core.http.idempotency import idempotent
from noirel.drops.api.shapes import ConfirmIn, DrawOut, DropOut, EnteredOut, EntryIn, EntryOut
from noirel.drops.selectors import draw_json, drop_json, drops_json, entry_json, own_entry
from noirel.drops.services.entries import confirm, enter, entry_of

# A launch changes at its minute: shared caches keep it for seconds, and never serve it much older.
FRESH = {"s_maxage": 5, "stale": 10}


class DropsView(APIView):
    caching = "public"

    @extend_schema(responses=page_of(DropOut))
    def get(self, request: Request) -> Any:
        drops = drops_json()
        return public_cache(request, {"results": drops, "next": None, "total": len(drops)}, **FRESH)


class DropView(APIView):
    caching = "public"

    @extend_schema(responses=DropOut)
    def get(self, request: Request, slug: str) -> Any:
        return public_cache(request, drop_json(slug), **FRESH)


class DrawView(APIView):
    caching = "public"

    @extend_schema(responses=DrawOut)
    def get(self, request: Request, slug: str) -> Any:
        """Everything needed to run the draw again."""
        return public_cache(request, draw_json(slug), **FRESH)


class EntriesView(APIView):
    throttle_scope = "drop_entry"

    @extend_schema(request=EntryIn, responses=EnteredOut)
    @idempotent
    def post(self, request: Request, slug: str) -> Response:
        """Enter a lottery. Without a confirmed account the answer is always the same, and a mail follows."""
        email = EntryIn.checked(request.data or {}).get("email", "")
        entry = enter(request.viewer, slug, email=email)
        return Response({"entry": entry_json(entry) if entry else None})


class OwnEntryView(APIView):
    permission = "signed_in"

    @extend_schema(responses=EntryOut)
    def get(self, request: Request, slug: str) -> Response:
        return Response(entry_json(own_entry(request.viewer.user_id, slug)))


class EntryView(APIView):
    @extend_schema(parameters=[OpenApiParameter("token", required=True)], responses=EntryOut)
    def get(self, request: Request, slug: str, entry_id: UUID) -> Response:
        token = request.query_params.get("token", "")
        if not token.isascii():
            raise NotFound("There is no such entry.")
        return Response(entry_json(entry_of(slug, entry_id, token=token)))


class ConfirmView(APIView):
    throttle_scope = "drop_entry"

    @extend_schema(request=ConfirmIn, responses=EntryOut)
    def post(self, request: Request, slug: str, entry_id: UUID) -> Response:
        return Response(entry_json(confirm(slug, entry_id, **ConfirmIn.checked(request.data))))
