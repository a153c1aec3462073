"""What imports and exports have in common on their way out."""

from typing import Any

from rest_framework import serializers

from noirel.backoffice.models import Export, Import
from noirel.core.domain.money import is_legal_tender
from noirel.core.http import Out

STATUSES = Import.Status.values


class CurrencyField(serializers.CharField):
    """ISO 4217, in capitals."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"min_length": 3, "max_length": 3, **options})

    def to_internal_value(self, data: Any) -> str:
        code = str(super().to_internal_value(data))
        if not is_legal_tender(code):
            raise serializers.ValidationError("Enter the code of a currency, like INR.")
        return code


class StoredFileOut(Out):
    name = serializers.CharField()
    bytes = serializers.IntegerField()


class JobOut(Out):
    id = serializers.UUIDField()
    status = serializers.ChoiceField(STATUSES)
    currency = serializers.CharField()
    products_total = serializers.IntegerField()
    products_done = serializers.IntegerField()
    is_cancel_asked = serializers.BooleanField()
    problem = serializers.CharField(help_text="Why it failed, for people.")
    actor = serializers.CharField()
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)


def job_json(job: Import | Export) -> dict[str, Any]:
    names = (
        "status", "currency", "products_total", "products_done", "is_cancel_asked", "problem", "actor", "created_at",
        "started_at", "finished_at",
    )  # fmt: skip
    return {"id": str(job.pk), **{name: getattr(job, name) for name in names}}
