"""The embedded store's own door, in place of a bucket's: it takes the same form by a ticket of our own."""

from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.parsers import MultiPartParser

from noirel.content.errors import PictureTooLarge
from noirel.content.inbox import FolderInbox
from noirel.content.services.uploads import receive
from noirel.core.domain.errors import FieldError, Invalid
from noirel.core.http import APIView, Request

_FORM = {
    "type": "object",
    "properties": {"Content-Type": {"type": "string"}, "file": {"type": "string", "format": "binary"}},
    "required": ["file"],
}
_AROUND = 64 * 1024  # bytes of a form around its file


class InboxView(APIView):
    """The ticket is the permission, as it is at a bucket: whoever holds it may send this one file."""

    refusals = frozenset({403, 422})
    throttle_scope = "upload"
    parser_classes = (MultiPartParser,)
    max_body_bytes = settings.MEDIA_MAX_BYTES + 1024 * 1024

    @extend_schema(
        parameters=[OpenApiParameter("ticket", required=True)], request={"multipart/form-data": _FORM}, responses={204: None}
    )
    def post(self, request: Request, upload_id: UUID) -> HttpResponse:
        FolderInbox().check(upload_id, request.query_params.get("ticket", ""))
        # Before the body is read: reading it is what costs.
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isascii() or not length.isdigit() or int(length) > settings.MEDIA_MAX_BYTES + _AROUND:
            raise PictureTooLarge
        file = request.FILES.get("file")
        if not isinstance(file, UploadedFile):
            raise Invalid(errors=[FieldError("file", "required", "The file is missing.")])
        receive(upload_id, file.chunks())
        return HttpResponse(status=204)
