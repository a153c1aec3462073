"""One act on many products: each of them changes as a whole or says why it doesn't."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from noirel.catalog.models import Category, Collection, CollectionItem, Product, Variant
from noirel.catalog.repricing import Prices, Repricing, repriced
from noirel.catalog.services.collection_membership import append_products, lock_manual_collection, remove_products
from noirel.catalog.services.pictures import lacking_alt_text
from noirel.catalog.services.projection import refresh_projections
from noirel.core import audit_log
from noirel.core.domain.errors import FieldError, Invalid
from noirel.core.viewer import Viewer

Json = Mapping[str, Any]
Problems = dict[int, str]


@transaction.atomic
def change_many(product_ids: Sequence[int], *, act: str, terms: Json, actor: Viewer) -> Problems:
    """Do it to those that it can be done to, in one transaction; tells why of the others. What is so already stays untouched.

    act is one of ACTS; terms are what check_terms took. Raises NotFound or Invalid when the terms do not hold any more. Locks
    variants (for a price), then products, then the collection, each in id order.
    """
    return ACTS[act](product_ids, terms, actor)


def check_terms(act: str, terms: Json) -> None:
    """Raises NotFound, Invalid."""
    if act == "category" and terms["category"]:
        _category(terms["category"])
    if act in {"collect", "uncollect"}:
        with transaction.atomic():
            lock_manual_collection(terms["collection"])


def _locked(product_ids: Sequence[int]) -> list[Product]:
    # Not against those who only name them: a collection that is written meanwhile, and that present_many waits for.
    rows = Product.objects.select_for_update(of=("self",), no_key=True).select_related("category").filter(pk__in=product_ids)
    return list(rows.defer("page", "search_text", "story").order_by("pk"))


def _publish(product_ids: Sequence[int], terms: Json, actor: Viewer) -> Problems:
    now = timezone.now()
    products = _locked(product_ids)
    new = [product for product in products if product.status != Product.Status.ACTIVE]
    problems = lacking_alt_text([product.pk for product in new]) | {
        product.pk: "Its last day in the shop is over: give it another."
        for product in new
        if product.unpublish_at and product.unpublish_at <= now
    }
    new = [product for product in new if product.pk not in problems]
    Product.objects.filter(pk__in=[product.pk for product in new], published_at=None).update(published_at=now)
    _set_status(new, Product.Status.ACTIVE, actor)
    return problems


def _unpublish(product_ids: Sequence[int], terms: Json, actor: Viewer) -> Problems:
    _set_status(_locked(product_ids), Product.Status.DRAFT, actor)
    return {}


def _archive(product_ids: Sequence[int], terms: Json, actor: Viewer) -> Problems:
    _set_status(_locked(product_ids), Product.Status.ARCHIVED, actor)
    return {}


def _set_status(products: Sequence[Product], status: str, actor: Viewer) -> None:
    changed = [product for product in products if product.status != status]
    Product.objects.filter(pk__in=[product.pk for product in changed]).update(status=status, updated_at=Now())
    _told(changed, actor, {product.pk: ({"status": product.status}, {"status": status}) for product in changed})


def _set_category(product_ids: Sequence[int], terms: Json, actor: Viewer) -> Problems:
    category = _category(terms["category"]) if terms["category"] else None
    changed = [product for product in _locked(product_ids) if product.category_id != (category.pk if category else None)]
    Product.objects.filter(pk__in=[product.pk for product in changed]).update(category=category, updated_at=Now())
    after = {"category": category.slug if category else None}
    _told(
        changed,
        actor,
        {product.pk: ({"category": product.category.slug if product.category else None}, after) for product in changed},
    )
    return {}


def _category(slug: str) -> Category:
    row = Category.objects.filter(slug=slug).first()
    if row is None:
        raise Invalid(errors=[FieldError("category", "unknown", "There is no such category.")])
    return row


def _collect(product_ids: Sequence[int], terms: Json, actor: Viewer) -> Problems:
    products = _locked(product_ids)
    row = lock_manual_collection(terms["collection"])
    there = _standing(row, product_ids)
    changed = [product for product in products if product.pk not in there]
    append_products(row, [product.pk for product in changed])
    _told(changed, actor, {product.pk: (None, {"collections": {"added": row.slug}}) for product in changed})
    return {}


def _uncollect(product_ids: Sequence[int], terms: Json, actor: Viewer) -> Problems:
    products = _locked(product_ids)
    row = lock_manual_collection(terms["collection"])
    there = _standing(row, product_ids)
    changed = [product for product in products if product.pk in there]
    remove_products(row, [product.pk for product in changed])
    _told(changed, actor, {product.pk: (None, {"collections": {"removed": row.slug}}) for product in changed})
    return {}


def _standing(row: Collection, product_ids: Sequence[int]) -> set[int]:
    items = CollectionItem.objects.filter(collection=row, product_id__in=product_ids)
    return set(items.values_list("product_id", flat=True))


def _reprice(product_ids: Sequence[int], terms: Json, actor: Viewer) -> Problems:
    by = Repricing(**terms)
    rows = Variant.objects.select_for_update().filter(product_id__in=product_ids, archived_at=None).order_by("pk")
    variants: dict[int, list[tuple[Variant, Prices | str]]] = {}
    for variant in rows:
        now = Prices(variant.price_amount, variant.compare_at_amount)
        variants.setdefault(variant.product_id, []).append((variant, repriced(now, by, variant.currency)))
    problems: Problems = {}
    changed, written, told = [], [], {}
    at = timezone.now()
    for product in _locked(product_ids):
        mine = variants.get(product.pk, [])
        if why := next((f"{variant.sku}: {news}" for variant, news in mine if isinstance(news, str)), ""):
            problems[product.pk] = why[:300]
            continue
        before, after = {}, {}
        for variant, news in mine:
            if isinstance(news, str) or news == Prices(variant.price_amount, variant.compare_at_amount):
                continue
            before[variant.sku] = [variant.price_amount, variant.compare_at_amount]
            after[variant.sku] = [news.price, news.compare_at]
            variant.price_amount, variant.compare_at_amount, variant.updated_at = news.price, news.compare_at, at
            written.append(variant)
        if after:
            changed.append(product)
            told[product.pk] = ({"prices": before}, {"prices": after})
    Variant.objects.bulk_update(written, ["price_amount", "compare_at_amount", "updated_at"], batch_size=500)
    _told(changed, actor, told)
    return problems


def _told(changed: Sequence[Product], actor: Viewer, what: Mapping[int, tuple[Any, Any]]) -> None:
    """The shop shows it and the log names it: in as many statements for many as for one."""
    refresh_projections([product.pk for product in changed])
    audit_log.record_many(
        actor=actor,
        entries=[("products.bulk", f"product:{product.slug}", what[product.pk][1]) for product in changed],
        befores={f"product:{product.slug}": what[product.pk][0] for product in changed},
    )


ACTS: Mapping[str, Callable[[Sequence[int], Json, Viewer], Problems]] = {
    "publish": _publish,
    "unpublish": _unpublish,
    "archive": _archive,
    "category": _set_category,
    "collect": _collect,
    "uncollect": _uncollect,
    "reprice": _reprice,
}
