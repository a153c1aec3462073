"""Staff's half of a drop: write it, announce it, postpone it, close it, draw it, end it."""

from typing import Any

from django.db.models import Count, Sum
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response

from noirel.core.domain.errors import NotFound
from noirel.core.http import APIView, Request, check_if_match, choice_param, etag, page_of, paginate, without_body
from noirel.core.http.idempotency import idempotent
from noirel.drops.api.shapes import AdminDropOut, AdminEntryOut, DrawIn, DropIn, PostponeIn
from noirel.drops.models import Commitment, Drop, Entry, ShareClaim
from noirel.drops.selectors import lottery_json, postponed_json
from noirel.drops.services import launch

_PLAIN = (
    "slug", "name", "words", "mode", "status", "opens_at", "closes_at", "per_person", "per_address", "hold_seconds", "units",
    "claim_seconds", "beacon_source", "announced_at", "closed_at", "ended_at", "updated_at",
)  # fmt: skip
_ACTS: dict[tuple[str, str], list[str]] = {
    ("first_come", "draft"): ["edit", "announce"],
    ("first_come", "announced"): ["postpone", "close", "end"],
    ("first_come", "closed"): ["end"],
    ("lottery", "draft"): ["edit", "announce"],
    ("lottery", "announced"): ["postpone", "close", "end"],
    ("lottery", "closed"): ["draw", "end"],
    ("lottery", "drawn"): ["end"],
}


class _DropsEdit(APIView):
    def permission_for(self, method: str) -> str | None:
        return "drops.view" if method in {"GET", "HEAD", "OPTIONS"} else "drops.edit"


def _drop(slug: str) -> Drop:
    drop = Drop.objects.filter(slug=slug).first()
    if drop is None:
        raise NotFound("There is no such drop.")
    return drop


def _tag(drop: Drop) -> str:
    return etag("drop", drop.pk, drop.updated_at)


def _json(drop: Drop) -> dict[str, Any]:
    """The contract's AdminDrop: five statements."""
    promised = Commitment.objects.select_related("drop", "drop__entry_list", "drop__draw").filter(drop=drop).first()
    taken = ShareClaim.objects.filter(drop=drop, state=ShareClaim.State.CLAIMED).aggregate(units=Sum("units"))["units"]
    by_state = Entry.objects.filter(drop=drop).order_by().values_list("state").annotate(count=Count("id"))
    return {name: getattr(drop, name) for name in _PLAIN} | {
        "variants": launch.skus_of(drop),
        "lottery": lottery_json(promised) if promised else None,
        "counts": {"units_taken": taken or 0, **dict(by_state)},
        "postponed": postponed_json(drop),
        "acts": [act for act in _ACTS.get((drop.mode, drop.status), []) if act != "postpone" or launch.can_postpone(drop)],
    }


def _tagged(drop: Drop, *, status: int = 200) -> Response:
    drop.refresh_from_db()
    return Response(_json(drop), status=status, headers={"ETag": _tag(drop)})


class AdminDropsView(_DropsEdit):
    @extend_schema(
        parameters=[
            OpenApiParameter("status", enum=Drop.Status.values),
            OpenApiParameter("limit", int),
            OpenApiParameter("cursor"),
        ],
        responses=page_of(AdminDropOut),
    )
    def get(self, request: Request) -> Response:
        rows = Drop.objects.all()
        if status := choice_param(request, "status", Drop.Status.values):
            rows = rows.filter(status=status)
        return Response(paginate(rows, request, order=("-opens_at", "-id"), out=_json))

    @extend_schema(request=DropIn, responses={201: AdminDropOut})
    def post(self, request: Request) -> Response:
        return _tagged(launch.create_drop(actor=request.viewer, **DropIn.checked(request.data)), status=201)


class AdminDropView(_DropsEdit):
    if_match = frozenset({"PATCH", "DELETE"})

    @extend_schema(responses=AdminDropOut)
    def get(self, request: Request, slug: str) -> Response:
        return _tagged(_drop(slug))

    @extend_schema(request=DropIn, responses=AdminDropOut)
    def patch(self, request: Request, slug: str) -> Response:
        check_if_match(request, _tag(_drop(slug)))
        changes = DropIn.checked(request.data, partial=True)
        return _tagged(launch.update_drop(slug, actor=request.viewer, **changes))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str) -> HttpResponse:
        """Only a drop that nobody has seen."""
        check_if_match(request, _tag(_drop(slug)))
        launch.delete_drop(slug, actor=request.viewer)
        return HttpResponse(status=204)


class _ActView(APIView):
    """One step of a drop; answers the drop as it is then. A stale If-Match is refused."""

    if_match = frozenset({"POST"})
    permission = "drops.edit"

    def opened(self, request: Request, slug: str) -> str:
        check_if_match(request, _tag(_drop(slug)))
        return slug


class AnnounceView(_ActView):
    @idempotent
    @without_body(responses=AdminDropOut)
    def post(self, request: Request, slug: str) -> Response:
        """Tell everybody; a lottery commits to its seed and holds its units back."""
        return _tagged(launch.announce(self.opened(request, slug), actor=request.viewer))


class PostponeView(APIView):
    if_match = frozenset({"POST"})
    permission = "drops.edit"

    @idempotent
    @extend_schema(request=PostponeIn, responses=AdminDropOut)
    def post(self, request: Request, slug: str) -> Response:
        """Move an announced drop to a later time; whoever has entered is told by mail. A stale If-Match is refused."""
        check_if_match(request, _tag(_drop(slug)))
        return _tagged(launch.postpone(slug, actor=request.viewer, **PostponeIn.checked(request.data)))


class CloseView(_ActView):
    @idempotent
    @without_body(responses=AdminDropOut)
    def post(self, request: Request, slug: str) -> Response:
        return _tagged(launch.close(self.opened(request, slug), actor=request.viewer))


class DrawLotsView(APIView):
    if_match = frozenset({"POST"})
    permission = "drops.edit"

    @idempotent
    @extend_schema(request=DrawIn, responses=AdminDropOut)
    def post(self, request: Request, slug: str) -> Response:
        check_if_match(request, _tag(_drop(slug)))
        return _tagged(launch.draw_lots(slug, actor=request.viewer, **DrawIn.checked(request.data or {})))


class EndView(_ActView):
    @idempotent
    @without_body(responses=AdminDropOut)
    def post(self, request: Request, slug: str) -> Response:
        """Back to the ordinary shelf."""
        return _tagged(launch.end(self.opened(request, slug), actor=request.viewer))


class AdminEntriesView(APIView):
    permission = "drops.view"

    @extend_schema(parameters=[OpenApiParameter("limit", int), OpenApiParameter("cursor")], responses=page_of(AdminEntryOut))
    def get(self, request: Request, slug: str) -> Response:
        """By place once there is a draw, else as they came."""
        drop = _drop(slug)
        rows = Entry.objects.filter(drop=drop)
        if drop.status == Drop.Status.DRAWN or rows.filter(place__isnull=False).exists():
            rows = rows.filter(place__isnull=False)
            return Response(paginate(rows, request, order=("place",), out=_entry))
        return Response(paginate(rows, request, order=("created_at", "id"), out=_entry))


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "id": str(entry.pk),
        "email": entry.email,
        "state": entry.state,
        "place": entry.place,
        "created_at": entry.created_at,
        "claim_by": entry.claim_by,
        "order": entry.order or None,
    }
