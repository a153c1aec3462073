"""At 100,000 products the hot reads use their indexes: no plan reads the table, and none sorts more than it answers."""

from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest
from django.db import connection, transaction
from django.http import QueryDict

from noirel.catalog import product_page, reading, selectors
from noirel.core.api.pagination import encode_cursor
from noirel.core.editions import ASK_EDITION

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_many")]
PRODUCTS = 100_000


@pytest.fixture(scope="module")
def _many(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """As many products with a variant each, in twenty categories; never committed."""
    with django_db_blocker.unblock():
        with transaction.atomic():
            _fill()
            yield
            transaction.set_rollback(True)
        with connection.cursor() as cursor:  # what was rolled back would lie in the way of all that follows
            cursor.execute("VACUUM catalog_product, catalog_variant, catalog_category")


def _fill() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO catalog_category (slug, name, story, position)"
            " SELECT 'c' || n, 'C', '', n FROM generate_series(1, 20) n"
        )
        cursor.execute(
            "CREATE TEMPORARY TABLE pattern ON COMMIT DROP AS SELECT * FROM catalog_product WITH NO DATA;"
            "INSERT INTO pattern (id, slug, name, subtitle, story, vendor, status, is_listed, attributes, options, tags,"
            " seo_title, seo_description, seo_canonical, is_best_seller, units_sold, currency, search_text, card, page,"
            " category_id,"
            " published_at, created_at, updated_at, min_price_amount, max_price_amount, in_stock)"
            " SELECT 1000000 + n, 'p' || n, 'P', '', '', '', 'active', true, '{}', '[]', '[]', '', '', '', false, n %% 977,"
            " 'INR',"
            ' \'\', \'{"slug":"x"}\', \'{"slug":"x"}\', c.id, now() - make_interval(mins => n), now(), now(),'
            " (n * 7919) %% 100003, (n * 7919) %% 100003, n %% 25 <> 0"
            " FROM generate_series(1, %s) n JOIN catalog_category c ON c.slug = 'c' || (1 + n %% 20)",
            [PRODUCTS],
        )
        cursor.execute("INSERT INTO catalog_product SELECT * FROM pattern")
        cursor.execute(
            "INSERT INTO catalog_variant (product_id, sku, title, options, price_amount, currency, tax_rate_bps, barcode,"
            " position, available, on_hand, in_stock, policy, updated_at)"
            " SELECT id, 'SKU-' || id, '', '{}', 100, 'INR', 0, '', 0, 1, 1, true, 'deny', now() FROM pattern"
        )
        cursor.execute("ANALYZE catalog_product, catalog_variant, catalog_category")


class Plan:
    """What PostgreSQL would do for the one statement that `read` asks."""

    def __init__(self, read: Callable[[], Any]) -> None:
        asked: list[tuple[str, Any]] = []

        def written_down(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
            asked.append((str(sql), params))
            return execute(sql, params, many, context)

        with connection.execute_wrapper(written_down):
            read()
        ((statement, values),) = asked
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}", values)
            ((told,),) = cursor.fetchall()
        (plan,) = orjson.loads(told) if isinstance(told, str) else told
        self.nodes = list(_nodes(plan["Plan"]))

    @property
    def indexes(self) -> set[str]:
        return {node["Index Name"] for node in self.nodes if "Index Name" in node}

    @property
    def rows_read(self) -> int:
        """Rows that were found in tables, thrown away ones too."""
        return sum(
            round((node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"])
            for node in self.nodes
            if "Relation Name" in node
        )

    def has_read_all_of(self, table: str) -> bool:
        return any(node["Node Type"] == "Seq Scan" and node["Relation Name"] == table for node in self.nodes)


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from _nodes(inner)


@pytest.mark.parametrize(
    ("sort", "index"),
    [
        ("", "product_newest"),
        ("newest", "product_newest"),
        ("price", "product_by_price"),
        ("-price", "product_by_price"),
        ("best_selling", "product_by_sales"),
    ],
)
def test_a_list_walks_along_its_index(sort: str, index: str) -> None:
    plan = Plan(lambda: selectors.listing(selectors.Wanted(sort=sort, limit=24)))
    assert index in plan.indexes
    assert not plan.has_read_all_of("catalog_product")
    assert plan.rows_read < 60


def test_a_page_far_down_the_list_costs_what_the_first_costs() -> None:
    middle = encode_cursor(["50000", 1_000_000 + PRODUCTS // 2])
    plan = Plan(lambda: selectors.listing(selectors.Wanted(sort="price", limit=24, cursor=middle)))
    assert "product_by_price" in plan.indexes
    assert plan.rows_read < 60


def test_a_page_and_what_stands_beside_it_are_a_handful_of_rows() -> None:
    plan = Plan(lambda: product_page.product_page("p5000"))
    assert "product_in_category" in plan.indexes
    assert not plan.has_read_all_of("catalog_product")
    assert not plan.has_read_all_of("catalog_variant")
    assert plan.rows_read < 60


def test_whether_an_answer_stands_is_a_handful_of_rows() -> None:
    with connection.cursor() as cursor:
        for statement, values in ((product_page.ASK_PAGE, [1_005_000]), (ASK_EDITION, [])):
            cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}", values)
            told = str(cursor.fetchall())
            assert "catalog_product" not in told
            assert "'catalog_variant', 'Alias': 'v', 'Node Type': 'Seq Scan'" not in told


def test_a_list_of_all_is_answered() -> None:
    told = orjson.loads(reading.product_list(QueryDict("limit=3&sort=price")).body)
    assert told["total"] == PRODUCTS
    assert len(told["results"]) == 3
