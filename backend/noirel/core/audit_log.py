"""The audit log of staff changes. Entries are written in the transaction of the change they record."""

from collections.abc import Iterable, Mapping
from typing import Any

from noirel.core.models import AuditEntry
from noirel.core.request_id import current_request_id
from noirel.core.viewer import Viewer


def exists(action: str, target: str) -> bool:
    """Whether an entry with this action and target exists."""
    return AuditEntry.objects.filter(action=action, target=target).exists()


def record(*, actor: Viewer, action: str, target: str, before: Any = None, after: Any = None) -> None:
    """Write an audit entry.

    action: what was done, like `orders.ship`.
    target: what it was done to, like `order:NE-7K3MQ2XD`.
    before, after: the changed values, as JSON.
    """
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
    """Write many audit entries in one statement.

    entries: (action, target, after) of each.
    befores: by target, the values before the change.
    """
    request_id = current_request_id()
    AuditEntry.objects.bulk_create(
        AuditEntry(
            actor=actor.name,
            actor_id=actor.user_id,
            action=action,
            target=target,
            before=befores.get(target) if befores else None,
            after=after,
            request_id=request_id,
        )
        for action, target, after in entries
    )
