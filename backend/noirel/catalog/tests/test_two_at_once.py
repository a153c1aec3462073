"""Staff change a product while it is sold, and while its collections are written: nobody has to be sent away."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction

from noirel.catalog.models import Collection, CollectionItem, Product, Variant
from noirel.catalog.services import bulk, options, products
from noirel.core.money import inr
from noirel.core.viewer import SYSTEM
from tests.make import make_variant
from tests.shopping import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

SIZES = [{"name": "size", "label": "Size", "values": ["S", "M"]}]


def _is_waiting() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # a transaction sees who waits as it was at its first look
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(cursor.fetchone()[0])


def _two_at_once(first: Callable[[], Any], act: Callable[[], Any], then: Callable[[], Any]) -> None:
    """One transaction does `first`; `act` begins elsewhere and waits for it; then the transaction goes on with `then`."""

    def acted() -> None:
        try:
            act()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            first()
            begun = other.submit(acted)
            wait_until(_is_waiting, seconds=5)
            then()
        begun.result(10)


@pytest.mark.parametrize("act", ["options", "missing", "archive"])
def test_a_last_unit_is_sold_while_staff_change_the_products_options(act: str) -> None:
    """Stock moves lock the variant, then, where it sells out, its product: in the other order both would wait for each other."""
    variant = make_variant(price=inr(100_00), on_hand=1)
    slug = variant.product.slug
    options.set_options(slug, actor=SYSTEM, options=SIZES)
    options.add_variant(slug, actor=SYSTEM, sku="M", price=inr(100_00), options={"size": "M"})
    acts: dict[str, Callable[[], Any]] = {
        "options": lambda: options.set_options(slug, actor=SYSTEM, options=[{**SIZES[0], "values": ["S", "M", "L"]}]),
        "missing": lambda: options.add_missing(slug, actor=SYSTEM, price=inr(100_00)),
        "archive": lambda: options.archive_variant(variant.sku, actor=SYSTEM),
    }
    _two_at_once(
        lambda: Variant.objects.filter(pk=variant.pk).update(available=0, in_stock=False),
        acts[act],
        lambda: list(Product.objects.select_for_update(no_key=True).filter(slug=slug)),
    )


@pytest.mark.parametrize("act", ["one", "many", "options"])
def test_a_ruled_collection_is_saved_while_one_of_its_products_is(act: str) -> None:
    """Its items name products: a product that is locked against that, by someone who waits for the collection, is a ring."""
    product = make_variant(price=inr(100_00)).product
    rules = [{"field": "price", "is": "at_least", "value": 1}]
    collection = Collection.objects.create(slug="dear", name="Dear", rules=rules)
    acts: dict[str, Callable[[], Any]] = {
        "one": lambda: products.update_product(product.slug, actor=SYSTEM, subtitle="and iris"),
        "many": lambda: bulk.change_many([product.pk], act="reprice", terms={"percent_bps": 1000}, actor=SYSTEM),
        "options": lambda: options.set_options(product.slug, actor=SYSTEM, options=SIZES),
    }
    _two_at_once(
        lambda: Collection.objects.select_for_update().get(pk=collection.pk),
        acts[act],
        lambda: CollectionItem.objects.create(collection=collection, product=product, position=1),
    )
