"""Staff change a product while it is sold, and while its collections are written: nobody has to be sent away."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson
import pytest
from django.db import connection, transaction

from noirel.catalog.models import Attribute, Category, Collection, CollectionItem, Product, Variant
from noirel.catalog.services import bulk, options, products, taxonomy
from noirel.core.domain.money import inr
from noirel.core.viewer import SYSTEM
from tests.client import signed_in
from tests.make import make_staff, make_variant
from tests.shopping import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

SIZES = [{"name": "size", "label": "Size", "values": ["S", "M"]}]


def _is_waiting(how_many: int = 1) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # a transaction sees who waits as it was at its first look
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
        return bool(cursor.fetchone()[0] >= how_many)


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
    """Stock moves lock the variant, then, where it sells out, its product: in another order both would wait for each other."""
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


@pytest.mark.parametrize("what", ["products", "variants", "options", "categories", "collections", "attributes"])
def test_of_two_who_change_what_they_both_saw_one_is_told(what: str) -> None:
    """Both come in the same moment, with the same If-Match: whoever is second would undo the first one's change unseen."""
    variant = make_variant(price=inr(100_00))
    slug = variant.product.slug
    for model in (Category, Collection):
        model.objects.create(slug="dear", name="Dear")
    Attribute.objects.create(name="mood", label="Mood")
    product = (f"admin/products/{slug}", lambda: Product.objects.select_for_update(no_key=True).get(slug=slug))
    seen, hold = {
        "categories": ("admin/categories/dear", taxonomy.lock_category_tree),
        "collections": ("admin/collections/dear", lambda: Collection.objects.select_for_update().get(slug="dear")),
        "attributes": ("admin/attributes/mood", lambda: Attribute.objects.select_for_update().get(name="mood")),
    }.get(what, product)
    method, path, change = {
        "products": ("patch", seen, {"subtitle": "{}"}),
        "variants": ("patch", f"admin/variants/{variant.sku}", {"barcode": "{}"}),
        "options": ("put", f"{seen}/options", {"options": [{"name": "size", "label": "{}", "values": ["S"]}]}),
        "attributes": ("patch", seen, {"label": "{}"}),
    }.get(what, ("patch", seen, {"name": "{}"}))
    owner = make_staff()
    staff = signed_in(owner)
    tag = staff.get(seen)["ETag"]

    def save(name: str) -> int:
        try:
            body = orjson.loads(orjson.dumps(change).replace(b"{}", name.encode()))
            return int(getattr(signed_in(owner), method)(path, body, HTTP_IF_MATCH=tag).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as both:
        with transaction.atomic():
            hold()
            begun = [both.submit(save, name) for name in ("one", "other")]
            wait_until(lambda: _is_waiting(2), seconds=5)
        assert sorted(each.result(10) for each in begun) == [200, 412]
