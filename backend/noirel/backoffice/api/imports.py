"""Product files handed in by staff: admin/imports."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db.models import Count, Q
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from noirel.backoffice.api.files import CurrencyField, JobOut, StoredFileOut, job_json
from noirel.backoffice.files import PART_BYTES
from noirel.backoffice.imports import lifecycle
from noirel.backoffice.imports.cells import escape_formula, quote
from noirel.backoffice.imports.columns import CLASSIC_HEADERS, read_header
from noirel.backoffice.models import Import, ImportFinding, PendingPicture
from noirel.core.domain.errors import NotFound
from noirel.core.http import APIView, Out, Request, TextIn, choice_param, page_of, paginate, without_body

PERMISSION = "products.edit"
COUNTS = (
    "products_created", "products_changed", "products_unchanged", "products_refused", "variants_created", "variants_changed",
    "variants_unchanged", "images_found",
)  # fmt: skip


class ImportIn(TextIn):
    file = serializers.FileField(help_text="CSV; Shopify's columns in either dialect, any letter case.")
    currency = CurrencyField(help_text="Of the prices; the file doesn't say.")
    dry_run = serializers.BooleanField(default=False, help_text="Tell what it would do, and do nothing.")
    tax_rate_bps = serializers.IntegerField(
        min_value=0, max_value=10_000, default=1800, help_text="Tax included in the prices of new variants, basis points."
    )


class ImportColumnOut(Out):
    header = serializers.CharField()
    meaning = serializers.ChoiceField(["known", "kept", "attribute", "own", "unknown", "repeated", "blank"])
    name = serializers.CharField(help_text="What it is to us: the classic header, an attribute, or empty.")


class ImportCountsOut(Out):
    products_created = serializers.IntegerField()
    products_changed = serializers.IntegerField()
    products_unchanged = serializers.IntegerField()
    products_refused = serializers.IntegerField()
    variants_created = serializers.IntegerField()
    variants_changed = serializers.IntegerField()
    variants_unchanged = serializers.IntegerField()
    images_found = serializers.IntegerField()


class ImportOut(JobOut):
    file = StoredFileOut()
    dry_run = serializers.BooleanField()
    phase = serializers.ChoiceField(Import.Phase.values)
    tax_rate_bps = serializers.IntegerField()
    encoding = serializers.CharField()
    delimiter = serializers.CharField()
    columns = ImportColumnOut(many=True)
    preview = serializers.ListField(child=serializers.ListField(child=serializers.CharField()), help_text="The first rows.")
    rows_read = serializers.IntegerField()
    counts = ImportCountsOut()
    error_count = serializers.IntegerField()
    note_count = serializers.IntegerField()


class ImportFindingOut(Out):
    row = serializers.IntegerField(help_text="The record's number, not the line's; 0 is the header.")
    column = serializers.CharField()
    handle = serializers.CharField()
    level = serializers.ChoiceField(["error", "note"], help_text="An error refused its product.")
    message = serializers.CharField()


class WantedPictureOut(Out):
    url = serializers.CharField()
    attempts = serializers.IntegerField()
    due_at = serializers.DateTimeField(allow_null=True, help_text="When it is tried next; null: given up.")
    problem = serializers.CharField()


def _column(column: Any) -> dict[str, Any]:
    name = CLASSIC_HEADERS.get(column.name, column.name) if column.meaning == "known" else column.name
    return {"header": column.header, "meaning": column.meaning, "name": name}


def import_json(job: Import) -> dict[str, Any]:
    told = job.findings.aggregate(errors=Count("id", filter=Q(is_fatal=True)), notes=Count("id", filter=Q(is_fatal=False)))
    return job_json(job) | {
        "file": {"name": job.file.name, "bytes": job.file.bytes},
        "dry_run": job.is_dry_run,
        "phase": job.phase,
        "tax_rate_bps": job.tax_rate_bps,
        "encoding": job.encoding,
        "delimiter": job.delimiter,
        "columns": [_column(column) for column in read_header(job.header).columns],
        "preview": job.preview,
        "rows_read": job.rows_read,
        "counts": {name: job.counts.get(name, 0) for name in COUNTS},
        "error_count": told["errors"],
        "note_count": told["notes"],
    }


def _finding(finding: ImportFinding) -> dict[str, Any]:
    level = "error" if finding.is_fatal else "note"
    return {"row": finding.row, "column": finding.column, "handle": finding.handle, "level": level, "message": finding.message}


def _job(import_id: UUID) -> Import:
    job = Import.objects.select_related("file").filter(pk=import_id).first()
    if job is None:
        raise NotFound
    return job


class ImportsView(APIView):
    """Hand a file in: it is read and written by the worker."""

    permission = PERMISSION
    parser_classes = [MultiPartParser]
    max_body_bytes = lifecycle.MAX_BYTES + 64 * 1024

    @extend_schema(parameters=[OpenApiParameter("limit", int), OpenApiParameter("cursor", str)], responses=page_of(ImportOut))
    def get(self, request: Request) -> Response:
        rows = Import.objects.select_related("file")
        return Response(paginate(rows, request, order=("-created_at", "-id"), out=import_json))

    @extend_schema(request={"multipart/form-data": ImportIn}, responses={201: ImportOut})
    def post(self, request: Request) -> Response:
        told = ImportIn.checked(request.data.dict() if hasattr(request.data, "dict") else request.data)
        file = told["file"]
        job = lifecycle.create_import(
            actor=request.viewer,
            name=(file.name or "products.csv").replace("\x00", ""),
            pieces=file.chunks(PART_BYTES),
            currency=told["currency"],
            tax_rate_bps=told["tax_rate_bps"],
            is_dry_run=told["dry_run"],
        )
        return Response(import_json(job), status=201)


class ImportView(APIView):
    permission = PERMISSION

    @extend_schema(responses=ImportOut)
    def get(self, request: Request, import_id: UUID) -> Response:
        return Response(import_json(_job(import_id)))


class ImportRunView(APIView):
    """After a dry run: the same file in earnest."""

    permission = PERMISSION

    @without_body(responses={201: ImportOut})
    def post(self, request: Request, import_id: UUID) -> Response:
        job = lifecycle.run_after_dry_run(import_id, actor=request.viewer)
        return Response(import_json(job), status=201)


class ImportCancelView(APIView):
    """Stop after the batch that is being written. What is written stays."""

    permission = PERMISSION

    @without_body(responses=ImportOut)
    def post(self, request: Request, import_id: UUID) -> Response:
        return Response(import_json(lifecycle.cancel(import_id, actor=request.viewer)))


class ImportFindingsView(APIView):
    """What there is to tell of its rows, in their order."""

    permission = PERMISSION

    @extend_schema(
        parameters=[
            OpenApiParameter("level", enum=["error", "note"]),
            OpenApiParameter("limit", int),
            OpenApiParameter("cursor", str),
        ],
        responses=page_of(ImportFindingOut),
    )
    def get(self, request: Request, import_id: UUID) -> Response:
        return Response(paginate(_findings(request, _job(import_id)), request, order=("row", "id"), out=_finding))


class ImportFindingsFileView(APIView):
    """The same as CSV, safe to open in a spreadsheet."""

    permission = PERMISSION

    @extend_schema(
        parameters=[OpenApiParameter("level", enum=["error", "note"])], responses={(200, "text/csv"): OpenApiTypes.STR}
    )
    def get(self, request: Request, import_id: UUID) -> StreamingHttpResponse:
        rows = _findings(request, _job(import_id)).order_by("row", "id")

        def lines() -> Iterator[str]:
            yield "Row,Column,Handle,Level,Message\n"
            for finding in rows.iterator(chunk_size=2000):
                cells = (str(cell) for cell in _finding(finding).values())
                yield ",".join(quote(escape_formula(cell, for_spreadsheets=True)) for cell in cells) + "\n"

        response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="import-{import_id}.csv"'
        return response


def _findings(request: Request, job: Import) -> Any:
    level = choice_param(request, "level", ["error", "note"])
    rows = ImportFinding.objects.filter(run=job)
    return rows.filter(is_fatal=level == "error") if level else rows


class PendingPicturesView(APIView):
    """Pictures that files named by address and that are not here: waiting, or unreachable and why."""

    permission = PERMISSION

    @extend_schema(
        parameters=[OpenApiParameter("limit", int), OpenApiParameter("cursor", str)], responses=page_of(WantedPictureOut)
    )
    def get(self, request: Request) -> Response:
        def told(wanted: PendingPicture) -> dict[str, Any]:
            return {
                "url": wanted.asset.source,
                "attempts": wanted.attempts,
                "due_at": wanted.due_at,
                "problem": wanted.problem,
            }

        rows = PendingPicture.objects.select_related("asset")
        return Response(paginate(rows, request, order=("-attempts", "pk"), out=told))
