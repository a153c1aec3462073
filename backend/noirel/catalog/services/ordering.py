"""Where categories and attributes stand among their like."""

from collections.abc import Sequence

from django.db import transaction

from noirel.catalog.models import Attribute, Category
from noirel.catalog.services.taxonomy import lock_category_tree, save_category
from noirel.core import audit_log
from noirel.core.domain.errors import Conflict, FieldError, Invalid, NotFound
from noirel.core.viewer import Viewer


class OrderChanged(Conflict):
    """There are others than you saw. Look again."""

    code, title = "order_changed", "The list has changed"
    default_detail = "The list has changed since you loaded it. Reload it and try again."


@transaction.atomic
def move_category(slug: str, /, *, actor: Viewer, parent: str | None, before: str | None) -> None:
    """Put it below parent (None: at the top), before one that stands there (None: last).

    Raises NotFound, and Invalid for a parent that is unknown or below it, or when `before` does not stand there.
    One mover at a time, so that two leave one order.
    """
    lock_category_tree()
    row = Category.objects.select_related("parent").filter(slug=slug).first()
    if row is None:
        raise NotFound("There is no such category.")
    if parent != (row.parent.slug if row.parent else None):
        save_category(slug, actor=actor, parent=parent)
    beside = list(Category.objects.filter(parent__slug=parent) if parent else Category.objects.filter(parent=None))
    others = [one for one in beside if one.pk != row.pk]
    at = next((at for at, one in enumerate(others) if one.slug == before), None) if before else len(others)
    if at is None:
        raise Invalid(errors=[FieldError("before", "unknown", "It does not stand there any more.")])
    moved = []
    for position, one in enumerate([*others[:at], row, *others[at:]], start=1):
        if one.position != position:
            one.position = position
            moved.append(one)
    Category.objects.bulk_update(moved, ["position"])
    audit_log.record(
        actor=actor, action="categories.move", target=f"category:{slug}", after={"parent": parent, "before": before}
    )


@transaction.atomic
def order_attributes(names: Sequence[str], *, actor: Viewer) -> None:
    """All of them, in this order. Raises OrderChanged when there are others, or fewer. Locks their rows."""
    rows = {row.name: row for row in Attribute.objects.select_for_update().order_by("pk")}
    if sorted(rows) != sorted(names):
        raise OrderChanged
    before = sorted(rows, key=lambda name: (rows[name].position, rows[name].pk))
    for position, name in enumerate(names, start=1):
        rows[name].position = position
    Attribute.objects.bulk_update(rows.values(), ["position"])
    audit_log.record(
        actor=actor, action="attributes.order", target="attributes", before={"order": before}, after={"order": list(names)}
    )
