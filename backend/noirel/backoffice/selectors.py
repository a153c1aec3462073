"""What staff read about the whole house."""

from typing import Any

from django.db.models import QuerySet

from noirel.core.models import AuditEntry


def audit_entries(*, target: str = "", actor: str = "", action: str = "") -> QuerySet[AuditEntry]:
    """Who changed what; each filter is exact, and left out when empty."""
    entries = AuditEntry.objects.all()
    for field, value in {"target": target, "actor": actor, "action": action}.items():
        if value:
            entries = entries.filter(**{field: value})
    return entries


def entry_json(entry: AuditEntry) -> dict[str, Any]:
    return {
        "id": entry.pk,
        "at": entry.at,
        "actor": entry.actor,
        "action": entry.action,
        "target": entry.target,
        "before": entry.before,
        "after": entry.after,
        "request_id": entry.request_id,
    }
