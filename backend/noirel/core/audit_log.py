"""What staff changed, written in the same transaction as the change."""

from collections.abc import Iterable, Mapping
from typing import Any

from noirel.core.models import AuditEntry
from noirel.core.request_id import current_request_id
from noirel.core.viewer import Viewer


def exists(action: str, target: str) -> bool:
    """Whether somebody did this to it already."""
    return AuditEntry.objects.filter(action=action, target=target).exists()


def record(*, actor: Viewer, action: str, target: str, before: Any = None, after: Any = None) -> None:
    """`action` is `orders.ship`, `target` is `order:NE-7K3MQ2XD`; before and after are JSON of what changed."""
    AuditEntry.objects.create(
        actor=actor.name,
        actor_id=actor.user_id,
        action=action,
        target=target,
        before=before,
        after=after,
        request_id=current_request_id(),
    )


def record_many(*, actor: Viewer, entries: Iterable[tuple[str, str, Any]], befores: Mapping[str, Any] | None = None) -> None:
    """(action, target, after) of changes that were made together, and by target what was before: one statement."""
    request_id = current_request_id()
    AuditEntry.objects.bulk_create(
        AuditEntry(
            actor=actor.name,
            actor_id=actor.user_id,
            action=action,
            target=target[:200],
            before=befores.get(target) if befores else None,
            after=after,
            request_id=request_id,
        )
        for action, target, after in entries
    )
