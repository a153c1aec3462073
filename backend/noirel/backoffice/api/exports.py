"""Product files for staff to take along: admin/exports."""

from typing import Any
from uuid import UUID

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from noirel.backoffice.api.files import CurrencyField, JobOut, StoredFileOut, job_json
from noirel.backoffice.exports import lifecycle
from noirel.backoffice.files import read_parts
from noirel.backoffice.models import Export
from noirel.core.domain.errors import NotFound
from noirel.core.http import APIView, In, Request, page_of, paginate, without_body

PERMISSION = "products.edit"  # what things cost stands in it


class ExportIn(In):
    currency = CurrencyField(help_text="Variants sold in another one are left out: the file can't name it.")
    spreadsheet_safe = serializers.BooleanField(
        default=False, help_text="Cells that a spreadsheet would take for formulas begin with an apostrophe."
    )


class ExportOut(JobOut):
    file = StoredFileOut(allow_null=True)
    spreadsheet_safe = serializers.BooleanField()
    rows_written = serializers.IntegerField()
    left_out = serializers.IntegerField(help_text="Products without a variant in this currency.")


def export_json(job: Export) -> dict[str, Any]:
    file = job.file if job.status == Export.Status.DONE else None
    return job_json(job) | {
        "file": {"name": file.name, "bytes": file.bytes} if file else None,
        "spreadsheet_safe": job.is_spreadsheet_safe,
        "rows_written": job.rows_written,
        "left_out": job.left_out,
    }


def _job(export_id: UUID) -> Export:
    job = Export.objects.select_related("file").filter(pk=export_id).first()
    if job is None:
        raise NotFound
    return job


class ExportsView(APIView):
    """Ask for a file of all products in Shopify's classic columns: the worker writes it."""

    permission = PERMISSION

    @extend_schema(parameters=[OpenApiParameter("limit", int), OpenApiParameter("cursor", str)], responses=page_of(ExportOut))
    def get(self, request: Request) -> Response:
        rows = Export.objects.select_related("file")
        return Response(paginate(rows, request, order=("-created_at", "-id"), out=export_json))

    @extend_schema(request=ExportIn, responses={201: ExportOut})
    def post(self, request: Request) -> Response:
        told = ExportIn.checked(request.data)
        job = lifecycle.request_export(
            actor=request.viewer, currency=told["currency"], is_spreadsheet_safe=told["spreadsheet_safe"]
        )
        return Response(export_json(job), status=201)


class ExportView(APIView):
    permission = PERMISSION

    @extend_schema(responses=ExportOut)
    def get(self, request: Request, export_id: UUID) -> Response:
        return Response(export_json(_job(export_id)))


class ExportCancelView(APIView):
    permission = PERMISSION

    @without_body(responses=ExportOut)
    def post(self, request: Request, export_id: UUID) -> Response:
        return Response(export_json(lifecycle.cancel(export_id, actor=request.viewer)))


class ExportFileView(APIView):
    """The file itself, once the export is done."""

    permission = PERMISSION

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.STR})
    def get(self, request: Request, export_id: UUID) -> StreamingHttpResponse:
        job = _job(export_id)
        if job.status != Export.Status.DONE or job.file is None:
            raise NotFound("The file is not ready.")
        response = StreamingHttpResponse(read_parts(job.file.pk), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{job.file.name}"'
        response["Content-Length"] = str(job.file.bytes)
        return response
