"""Which collections products stand in, seen from the products: those by hand, whose rules don't say it."""

from collections.abc import Collection as Some
from collections.abc import Sequence

from django.db.models import Max

from noirel.catalog.models import Collection, CollectionItem, Product
from noirel.core.domain.errors import FieldError, Invalid, NotFound


def lock_manual_collection(slug: str) -> Collection:
    """The collection, locked, so that two who add to its end do not meet. Raises NotFound, Invalid where its rules decide."""
    row = Collection.objects.select_for_update().filter(slug=slug).first()
    if row is None:
        raise NotFound("There is no such collection.")
    if row.rules is not None:
        raise Invalid(errors=[FieldError("collection", "by_rule", "Its rules say who stands in it.")])
    return row


def append_products(row: Collection, product_ids: Some[int]) -> None:
    """At its end, in the order of their ids; who stands in it stays where it is. In a transaction, with by_hand's row."""
    items = CollectionItem.objects.filter(collection=row)
    there = set(items.filter(product_id__in=product_ids).values_list("product_id", flat=True))
    last = items.aggregate(last=Max("position"))["last"] or 0
    CollectionItem.objects.bulk_create(
        [
            CollectionItem(collection=row, product_id=pk, position=at)
            for at, pk in enumerate(sorted(set(product_ids) - there), start=last + 1)
        ],
        ignore_conflicts=True,
    )
    row.save(update_fields=["updated_at"])


def remove_products(row: Collection, product_ids: Some[int]) -> None:
    """In a transaction, with by_hand's row."""
    if CollectionItem.objects.filter(collection=row, product_id__in=product_ids).delete()[0]:
        row.save(update_fields=["updated_at"])


def set_collections(product: Product, slugs: Sequence[str]) -> list[str]:
    """The product stands in these by hand and in no others; returns those it stood in. Raises Invalid.

    Locks those that change, in id order.
    """
    before = set(
        CollectionItem.objects.filter(product=product, collection__rules__isnull=True).values_list("collection_id", flat=True)
    )
    named = dict(Collection.objects.filter(slug__in=slugs, rules__isnull=True).values_list("slug", "pk"))
    if unknown := [at for at, slug in enumerate(slugs) if slug not in named]:
        raise Invalid(
            errors=[FieldError(f"collections.{at}", "unknown", "There is no such collection by hand.") for at in unknown]
        )
    wanted = set(named.values())
    changed = Collection.objects.select_for_update().filter(pk__in=before ^ wanted, rules__isnull=True).order_by("pk")
    for row in changed:
        if row.pk in wanted:
            append_products(row, [product.pk])
        else:
            remove_products(row, [product.pk])
    return sorted(Collection.objects.filter(pk__in=before).values_list("slug", flat=True))
