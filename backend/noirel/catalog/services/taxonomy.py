"""What products are sorted by: categories and attributes."""

from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError

from noirel.catalog.index.filters import RESERVED
from noirel.catalog.models import Attribute, Category, Product
from noirel.catalog.selectors_taxonomy import descendants, is_used
from noirel.catalog.services.addresses import free_address
from noirel.catalog.services.collections import update_all_memberships
from noirel.catalog.services.projection import refresh_projections
from noirel.core import audit_log
from noirel.core.domain.errors import Conflict, FieldError, Invalid, NotFound
from noirel.core.viewer import Viewer

_BATCH = 500


class StillUsed(Conflict):
    """Something still stands in it."""

    code, title = "still_used", "It is still in use"
    default_detail = "This is still in use and can't be deleted."


def lock_category_tree() -> None:
    """Hold the others back who change the tree, to the end of the transaction; the tree's own trigger asks for it as well.

    Taken first, before any row: two who took it after could wait for each other.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('catalog_category.parent_id'))")


@transaction.atomic
def save_category(slug: str | None, /, *, actor: Viewer, **fields: Any) -> Category:
    """Make one (slug None), or change or move it: parent is a slug, or None for the top.

    Raises NotFound, SlugTaken, and Invalid for a parent that is unknown or stands below it. Locks its row.
    """
    lock_category_tree()
    row = Category() if slug is None else Category.objects.select_for_update().filter(slug=slug).first()
    if row is None:
        raise NotFound("There is no such category.")
    seo = fields.pop("seo", {})
    fields |= {f"seo_{name}": seo[name] for name in ("title", "description") if name in seo}
    fields["slug"] = free_address(Category, fields.get("slug") or row.slug, row.pk, name=fields.get("name", row.name))
    before = {name: row.parent.slug if name == "parent" and row.parent else getattr(row, name) for name in fields}
    after = dict(fields)
    if "parent" in fields:
        above = Category.objects.filter(slug=fields["parent"]).first() if fields["parent"] else None
        if fields["parent"] and above is None:
            raise Invalid(errors=[FieldError("parent", "unknown", "There is no such category.")])
        fields["parent"] = above
    for name, value in fields.items():
        setattr(row, name, value)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        if "below itself" not in str(error):
            raise
        raise Invalid(errors=[FieldError("parent", "cycle", "A category cannot stand below itself.")]) from error
    if slug is not None and {"slug", "name", "parent"} & {name for name in before if before[name] != after[name]}:
        _refresh_products(Product.objects.filter(category_id__in=descendants(row.pk)))
        update_all_memberships(field="category")
    audit_log.record(
        actor=actor,
        action="categories.edit" if slug else "categories.create",
        target=f"category:{row.slug}",
        before=before if slug else None,
        after=after,
    )
    return row


def _refresh_products(products: Any) -> None:
    ids = list(products.order_by("pk").values_list("pk", flat=True))
    for at in range(0, len(ids), _BATCH):
        refresh_projections(ids[at : at + _BATCH])


@transaction.atomic
def delete_category(slug: str, *, actor: Viewer) -> None:
    """Raises NotFound, and StillUsed while a product or another category stands in it."""
    row = Category.objects.filter(slug=slug).first()
    if row is None:
        raise NotFound("There is no such category.")
    try:
        row.delete()
    except ProtectedError as error:
        raise StillUsed from error
    audit_log.record(actor=actor, action="categories.delete", target=f"category:{slug}")


@transaction.atomic
def save_attribute(name: str | None, /, *, actor: Viewer, **fields: Any) -> Attribute:
    """Define one (name None) or change it. Raises NotFound, SlugTaken's kin, Invalid.

    Its name and, while a product has a value, its type stay as they are: what is written in that type would mean nothing.
    """
    row = Attribute() if name is None else Attribute.objects.select_for_update().filter(name=name).first()
    if row is None:
        raise NotFound("There is no such attribute.")
    if name is None and fields["name"] in RESERVED:
        raise Invalid(errors=[FieldError("name", "reserved", "Lists are asked by this word for something else.")])
    if name is None and Attribute.objects.filter(name=fields["name"]).exists():
        raise Invalid(errors=[FieldError("name", "taken", "There is such an attribute.")])
    having = Product.objects.filter(attributes__has_key=name or fields.get("name"))
    if name is not None and fields.get("type", row.type) != row.type and is_used(name):
        raise Invalid(errors=[FieldError("type", "in_use", "Values of this type are written already.")])
    before = {key: getattr(row, key) for key in fields}
    for key, value in fields.items():
        setattr(row, key, value)
    row.save()
    if any(before[key] != fields[key] for key in {"label", "is_on_card", "type"} & set(fields)):
        _refresh_products(having)
    audit_log.record(
        actor=actor,
        action="attributes.edit" if name else "attributes.create",
        target=f"attribute:{row.name}",
        before=before if name else None,
        after=fields,
    )
    return row


@transaction.atomic
def delete_attribute(name: str, *, actor: Viewer) -> None:
    """Raises NotFound, and StillUsed while a product or a variant has a value of it."""
    row = Attribute.objects.filter(name=name).first()
    if row is None:
        raise NotFound("There is no such attribute.")
    if is_used(name):
        raise StillUsed
    row.delete()
    audit_log.record(actor=actor, action="attributes.delete", target=f"attribute:{name}")
