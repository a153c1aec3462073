"""Pictures of the house: ask to send one, confirm it, describe it, delete it."""

from uuid import UUID

from django.db import transaction
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response

from noirel.content.api import shapes
from noirel.content.models import MediaAsset
from noirel.content.selectors import media_json
from noirel.content.services.assets import delete_asset, locked_asset, update_asset
from noirel.content.services.uploads import ask_to_upload, confirm_upload
from noirel.core.domain.errors import NotFound
from noirel.core.http import APIView, Request, check_if_match, etag, page_of, paginate


class _MediaEdit(APIView):
    permission = "products.view"

    def permission_for(self, method: str) -> str | None:
        return "products.view" if method in {"GET", "HEAD", "OPTIONS"} else "products.edit"


class MediaListView(_MediaEdit):
    @extend_schema(
        parameters=[OpenApiParameter("limit", int), OpenApiParameter("cursor")],
        responses=page_of(shapes.MediaOut),
    )
    def get(self, request: Request) -> Response:
        return Response(paginate(MediaAsset.objects.all(), request, order=("-created_at", "-id"), out=media_json))


class MediaView(_MediaEdit):
    if_match = frozenset({"PATCH", "DELETE"})

    @extend_schema(responses=shapes.MediaOut)
    def get(self, request: Request, asset_id: UUID) -> Response:
        asset = MediaAsset.objects.filter(pk=asset_id).first()
        if asset is None:
            raise NotFound("There is no such picture.")
        return _tagged(asset)

    @extend_schema(request=shapes.MediaIn, responses=shapes.MediaOut)
    def patch(self, request: Request, asset_id: UUID) -> Response:
        fields = shapes.MediaIn.checked(request.data, partial=True)
        with transaction.atomic():
            _check(request, asset_id)
            return _tagged(update_asset(asset_id, actor=request.viewer, **fields))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, asset_id: UUID) -> HttpResponse:
        with transaction.atomic():
            _check(request, asset_id)
            delete_asset(asset_id, actor=request.viewer)
        return HttpResponse(status=204)


def _tagged(asset: MediaAsset) -> Response:
    return Response(media_json(asset), headers={"ETag": _tag(asset)})


def _tag(asset: MediaAsset) -> str:
    """Of what staff say about the picture: renditions that are made meanwhile make nobody's edit stale."""
    return etag(asset.pk, asset.alt, asset.view, sorted((asset.focal or {}).items()))


def _check(request: Request, asset_id: UUID) -> None:
    """Holds the picture, and raises PreconditionFailed if it is not the one that was seen. Call in the change's transaction."""
    if "If-Match" in request.headers:
        check_if_match(request, _tag(locked_asset(asset_id)))


class UploadsView(APIView):
    permission = "products.edit"

    @extend_schema(request=shapes.NewUploadIn, responses={201: shapes.UploadOut})
    def post(self, request: Request) -> Response:
        """A place for one file, and the ticket to send it with."""
        asked = shapes.NewUploadIn.checked(request.data)
        upload, ticket = ask_to_upload(name=asked["name"], content_type=asked["content_type"], size=asked["bytes"])
        told = {"method": "POST", "url": ticket.url, "fields": ticket.fields, "expires_at": ticket.expires_at}
        return Response({"id": upload.pk, "ticket": told}, status=201)


class ConfirmView(APIView):
    refusals = frozenset({422})
    permission = "products.edit"

    @extend_schema(request=shapes.UploadConfirmIn, responses=shapes.MediaOut)
    def post(self, request: Request, upload_id: UUID) -> Response:
        """Say that the bytes were sent: they are looked at, and are a picture of the house or refused."""
        asset = confirm_upload(upload_id, actor=request.viewer, **shapes.UploadConfirmIn.checked(request.data))
        return Response(media_json(asset))
