"""Every committed change to the catalogue increases its version; sales and stock counts do not."""

import threading
from collections.abc import Callable

import pytest
from django.apps import apps
from django.db import connection, transaction

from noirel.catalog.models import Category, Product, Variant
from noirel.core.cache.responses import query_text
from noirel.core.cache.versions import SELECT_VERSION
from noirel.core.domain.money import inr
from tests.make import make_variant

pytestmark = pytest.mark.django_db(transaction=True)

# Bookkeeping of the sales counter, which is not shown.
WITHOUT_TRIGGER = {"catalog_soldunits", "catalog_countedsale"}


def _sql(statement: str) -> Callable[[Variant], None]:
    def change(variant: Variant) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement.format(variant=variant.pk, product=variant.product_id))

    return change


@pytest.mark.parametrize(
    ("change", "is_new"),
    [
        ("UPDATE catalog_variant SET price_amount = price_amount + 1 WHERE id = {variant}", True),
        ("UPDATE catalog_product SET name = 'Encre, again' WHERE id = {product}", True),
        ("UPDATE catalog_product SET in_stock = NOT in_stock WHERE id = {product}", True),
        ("INSERT INTO catalog_category (slug, name, story, position) VALUES ('woods', 'Woods', '', 0)", True),
        ("DELETE FROM catalog_product WHERE id = 0", True),
        ("UPDATE catalog_product SET units_sold = units_sold + 2 WHERE id = {product}", False),
        ("UPDATE catalog_variant SET available = 1, in_stock = true WHERE id = {variant}", False),
        ("SELECT 1", False),
    ],
)
def test_which_changes_increase_the_version(change: str, is_new: bool) -> None:
    variant = make_variant(price=inr(100))
    before = query_text(SELECT_VERSION)
    _sql(change)(variant)
    assert (query_text(SELECT_VERSION) != before) is is_new


def test_a_transaction_increases_the_version_once_and_a_rollback_not_at_all() -> None:
    before = int(query_text(SELECT_VERSION) or 0)
    with transaction.atomic():
        for number in range(3):
            Category.objects.create(slug=f"c{number}", name="c")
    after_first_commit = int(query_text(SELECT_VERSION) or 0)
    if before:
        assert after_first_commit == before + 1
    with transaction.atomic():
        Category.objects.create(slug="never", name="c")
        transaction.set_rollback(True)
    assert int(query_text(SELECT_VERSION) or 0) == after_first_commit
    with transaction.atomic():
        savepoint = transaction.savepoint()
        Category.objects.create(slug="not-this", name="c")
        transaction.savepoint_rollback(savepoint)
        Category.objects.create(slug="but-this", name="c")
    assert int(query_text(SELECT_VERSION) or 0) == after_first_commit + 1


def test_writers_do_not_wait_for_each_other() -> None:
    """While one transaction stays open, others commit, and each commit changes the version."""
    Category.objects.create(slug="first", name="c")
    versions = [query_text(SELECT_VERSION)]

    def write(number: int) -> None:
        Category.objects.create(slug=f"other{number}", name="c")
        versions.append(query_text(SELECT_VERSION))
        connection.close()

    with transaction.atomic():
        Category.objects.create(slug="held", name="c")
        for number in range(3):
            writer = threading.Thread(target=write, args=[number])
            writer.start()
            writer.join(5)
            assert not writer.is_alive()
    versions.append(query_text(SELECT_VERSION))
    assert len(set(versions)) == len(versions) == 5


def test_every_catalogue_table_has_the_version_trigger() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'new_edition'")
        with_trigger = {table for (table,) in cursor.fetchall()}
    catalogue_tables = {model._meta.db_table for model in apps.get_app_config("catalog").get_models(include_auto_created=True)}
    assert catalogue_tables - WITHOUT_TRIGGER <= with_trigger, (
        "add the trigger in a migration (bump_version_on_change), or list the table above with the reason"
    )
    assert Product._meta.db_table in with_trigger
