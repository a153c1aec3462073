"""GET admin/audit."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from noirel.backoffice.selectors import audit_entries, entry_json
from noirel.core.http import APIView, Out, Request, page_of, paginate

FILTERS = ("target", "actor", "action")


class AuditEntryOut(Out):
    id = serializers.UUIDField()
    at = serializers.DateTimeField()
    actor = serializers.CharField()
    action = serializers.CharField()
    target = serializers.CharField()
    before = serializers.JSONField(allow_null=True)
    after = serializers.JSONField(allow_null=True)
    request_id = serializers.CharField()


class AuditView(APIView):
    permission = "audit.view"

    @extend_schema(parameters=[OpenApiParameter(name) for name in FILTERS], responses=page_of(AuditEntryOut))
    def get(self, request: Request) -> Response:
        entries = audit_entries(**{name: request.query_params.get(name, "") for name in FILTERS})
        return Response(paginate(entries, request, order=("-at", "-id"), out=entry_json))
