"""What staff do with bulk changes: look at one beforehand, ask for it, stop it."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from noirel.backoffice.models import BulkChange, BulkItem
from noirel.catalog.models import Product, Variant
from noirel.catalog.repricing import Prices, Repricing, repriced
from noirel.catalog.selectors_staff import products_for_staff
from noirel.catalog.services.bulk import check_terms
from noirel.core import audit_log
from noirel.core.domain.errors import Conflict, FieldError, Invalid, NotFound
from noirel.core.domain.money import Money
from noirel.core.viewer import Viewer

Json = Mapping[str, Any]
SYNCHRONOUS_LIMIT = 200  # products; more are the worker's
MAX_PRODUCTS = 200_000
EXAMPLES = 8  # variants of a preview


class SelectionChanged(Conflict):
    """Other products fit now than when they were counted. Look at them again."""

    code, title = "selection_changed", "The selection has changed"
    default_detail = "The selection matches other products than when they were counted. Check it and try again."


class BulkChangeEnded(Conflict):
    """It is over already."""

    code, title = "bulk_change_ended", "The change is over"
    default_detail = "This bulk change has already ended."


def selected_products(*, slugs: Sequence[str] | None, where: Json | None) -> QuerySet[Product]:
    """Those named, or all that meet the filters of the list. Raises Invalid for a name that there is none of."""
    if where is not None:
        return products_for_staff(**where)
    named = set(slugs or ())
    rows = Product.objects.filter(slug__in=named)
    unknown = named - set(rows.values_list("slug", flat=True))
    if unknown:
        raise Invalid(errors=[FieldError("slugs", "unknown", f"There is no product {min(unknown)}.")])
    return rows


@transaction.atomic
def request_change(
    *, actor: Viewer, act: str, terms: Json, slugs: Sequence[str] | None, where: Json | None, expected: int | None
) -> BulkChange:
    """Write down whom it is about; what comes to fit later is left alone. Raises Invalid, NotFound, SelectionChanged."""
    check_terms(act, terms)
    rows = selected_products(slugs=slugs, where=where)
    job = BulkChange.objects.create(act=act, terms=dict(terms), actor=actor.name, actor_id=actor.user_id)
    ids = list(rows.order_by("pk").values_list("pk", flat=True)[: MAX_PRODUCTS + 1])
    if len(ids) > MAX_PRODUCTS:
        raise Invalid(errors=[FieldError("where", "too_many", f"{MAX_PRODUCTS} products at most.")])
    if expected is not None and expected != len(ids):
        raise SelectionChanged(f"{len(ids)} products fit now, not {expected}.", total=len(ids))
    BulkItem.objects.bulk_create([BulkItem(change=job, product_id=pk) for pk in ids], batch_size=5000)
    job.products_total = len(ids)
    job.save(update_fields=["products_total"])
    told = {"act": act, **terms, "products": len(ids)}
    audit_log.record(actor=actor, action="bulk.start", target=f"bulk:{job.pk}", after=told)
    return job


def preview(*, act: str, terms: Json, slugs: Sequence[str] | None, where: Json | None) -> dict[str, Any]:
    """How many it is about and, for a price, what becomes of some of them. Raises Invalid, NotFound."""
    check_terms(act, terms)
    rows = selected_products(slugs=slugs, where=where)
    told: list[dict[str, Any]] = []
    if act == "reprice":
        first = list(rows.order_by("-updated_at", "-pk").values_list("pk", flat=True)[:EXAMPLES])
        variants = Variant.objects.filter(product_id__in=first, archived_at=None).select_related("product")
        by = Repricing(**terms)
        told = [_example(variant, by) for variant in variants.order_by("product_id", "position", "pk")[:EXAMPLES]]
    return {"total": rows.count(), "examples": told}


def _example(variant: Variant, by: Repricing) -> dict[str, Any]:
    now = Prices(variant.price_amount, variant.compare_at_amount)
    news = repriced(now, by, variant.currency)

    def money(amount: int | None) -> dict[str, Any] | None:
        return None if amount is None else Money(amount, variant.currency).json()

    after = None if isinstance(news, str) else news
    return {
        "name": variant.product.name,
        "title": variant.title,
        "sku": variant.sku,
        "price": money(now.price),
        "compare_at": money(now.compare_at),
        "new_price": money(after.price) if after else None,
        "new_compare_at": money(after.compare_at) if after else None,
        "problem": news if isinstance(news, str) else "",
    }


@transaction.atomic
def cancel(change_id: UUID, *, actor: Viewer) -> BulkChange:
    """Stop it after the batch that is being written; what is written stays. Raises NotFound, BulkChangeEnded."""
    job = BulkChange.objects.select_for_update().filter(pk=change_id).first()
    if job is None:
        raise NotFound
    if job.status not in {BulkChange.Status.QUEUED, BulkChange.Status.RUNNING}:
        raise BulkChangeEnded
    job.is_cancel_asked = True
    job.save(update_fields=["is_cancel_asked"])
    audit_log.record(actor=actor, action="bulk.cancel", target=f"bulk:{job.pk}")
    return job
