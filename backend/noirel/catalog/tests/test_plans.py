"""At 100,000 products the hot reads use their indexes: no plan reads the table, and none sorts more than it answers."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import orjson
import pytest
from django.db import connection
from django.http import QueryDict

from noirel.catalog.index import fulltext, listing, loader
from noirel.catalog.index.columns import Columns
from noirel.catalog.index.counts import total_and_facets
from noirel.catalog.index.filters import ListFilters
from noirel.catalog.read import product_query, queries
from noirel.core.cache.versions import SELECT_VERSION
from noirel.core.db.queries import run_sync
from tests.shared import shared_rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_many")]
PRODUCTS = 100_000


@pytest.fixture(scope="module")
def _many(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """As many products with a variant each, in twenty categories; never committed."""
    with shared_rows(django_db_blocker):
        _fill()
        yield
    # What was rolled back would lie in the way of all that follows.
    with django_db_blocker.unblock(), connection.cursor() as cursor:
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
            " published_at, created_at, updated_at, min_price_amount, max_price_amount, in_stock, is_on_sale, is_low_stock)"
            " SELECT 1000000 + n, 'p' || n, 'P', '', '', '', 'active', true, '{}', '[]', '[]', '', '', '', false, n %% 977,"
            " 'INR',"
            ' \'\', \'{"slug":"x"}\', \'{"slug":"x"}\', c.id, now() - make_interval(mins => n), now(), now(),'
            " (n * 7919) %% 100003, (n * 7919) %% 100003, n %% 25 <> 0, false, false"
            " FROM generate_series(1, %s) n JOIN catalog_category c ON c.slug = 'c' || (1 + n %% 20)",
            [PRODUCTS],
        )
        cursor.execute("INSERT INTO catalog_product SELECT * FROM pattern")
        cursor.execute(
            "INSERT INTO catalog_variant (product_id, sku, title, options, price_amount, currency, tax_rate_bps, barcode,"
            " position, available, on_hand, in_stock, policy, updated_at)"
            " SELECT id, 'SKU-' || id, '', '{}', 100, 'INR', 0, '', 0, 1, 1, true, 'deny', now() FROM pattern"
        )
        # Row by row, a GIN index takes ten times as long.
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'productwords_lexemes'")
        ((index,),) = cursor.fetchall()
        cursor.execute("DROP INDEX productwords_lexemes")
        cursor.execute(
            "INSERT INTO catalog_productwords (product_id, language, name, said, source, head, lexemes)"
            " SELECT id, 'english', w.name, w.name, gen_random_uuid(), w.name::tsvector, w.name::tsvector FROM pattern"
            " CROSS JOIN LATERAL (SELECT format('word%s of%s', id % 1000, id % 7) AS name) w"
        )
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # or the table may not be altered
        cursor.execute(index)
        cursor.execute(
            "INSERT INTO catalog_word SELECT left(translate(md5(n::text), '0123456789', 'ghijklmnop'), 4 + n % 8), 100"
            " FROM generate_series(1, 20000) n ON CONFLICT DO NOTHING"
        )
        cursor.execute("ANALYZE catalog_product, catalog_variant, catalog_category, catalog_productwords, catalog_word")


class Plan:
    """What PostgreSQL does for a statement."""

    def __init__(self, statement: str, values: Any) -> None:
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


def plans(read: Callable[[], Any]) -> list[Plan]:
    """Of every statement that `read` asks."""
    asked: list[tuple[str, Any]] = []

    def written_down(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        asked.append((str(sql), params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(written_down):
        read()
    return [Plan(statement, values) for statement, values in asked]


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from _nodes(inner)


@pytest.fixture(scope="module")
def read(_many: None) -> Columns:
    return loader.current()


@pytest.mark.parametrize("sort", ["", "newest", "price", "-price", "best_selling"])
def test_a_list_reads_its_cards_and_nothing_else(sort: str, read: Columns) -> None:
    _, middle = listing.page_slots(
        listing.select_products(ListFilters(sort=sort), read), ListFilters(sort=sort, limit=PRODUCTS // 2)
    )
    for asked in ({}, {"category": "c3", "in_stock": True, "min_price": 500}, {"cursor": middle}):
        wanted = ListFilters(sort=sort, **asked)
        (plan,) = plans(partial(_read, wanted, read))
        assert "catalog_product_pkey" in plan.indexes
        assert plan.rows_read <= 2 * 25  # a card, and its place in what was asked for


def _read(wanted: ListFilters, read: Columns) -> None:
    total_and_facets(run_sync(listing.list_products(wanted, read)).selection)


def test_words_are_found_by_their_index(read: Columns) -> None:
    (plan,) = plans(lambda: fulltext.find(read, "word77"))
    assert "productwords_lexemes" in plan.indexes
    assert plan.rows_read == 11 * PRODUCTS / 1000  # and what begins so


def test_a_typo_is_looked_for_among_likely_words_alone(read: Columns) -> None:
    _, plan = plans(lambda: fulltext.find(read, "agarwooood"))
    assert {"word_likeness", "word_length", "catalog_word_pkey"} <= plan.indexes
    assert not plan.has_read_all_of("catalog_word")


def test_which_words_the_shop_has_is_one_lookup_each(read: Columns) -> None:
    _, _, plan, _ = plans(lambda: fulltext.find(read, "word77 agarwooood"))
    assert not plan.has_read_all_of("catalog_productwords")
    assert not plan.has_read_all_of("catalog_product")


def test_a_half_typed_word_is_completed_along_an_index(read: Columns) -> None:
    (plan,) = plans(lambda: fulltext.completions(read, "wordabc"))
    assert "catalog_word_pkey" in plan.indexes
    (plan,) = plans(lambda: fulltext.name_prefix_matches(read, ["wo"]))
    assert not plan.has_read_all_of("catalog_product")


def test_a_page_and_what_stands_beside_it_are_a_handful_of_rows() -> None:
    (plan,) = plans(lambda: run_sync(product_query.product_page("p5000")))
    assert "product_in_category" in plan.indexes
    assert not plan.has_read_all_of("catalog_product")
    assert not plan.has_read_all_of("catalog_variant")
    assert plan.rows_read < 60


def test_whether_an_answer_stands_is_a_handful_of_rows() -> None:
    with connection.cursor() as cursor:
        for statement, values in ((product_query.SELECT_PAGE, [1_005_000]), (SELECT_VERSION, [])):
            cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}", values)
            told = str(cursor.fetchall())
            assert "catalog_product" not in told
            assert "'catalog_variant', 'Alias': 'v', 'Node Type': 'Seq Scan'" not in told


def test_a_list_of_all_is_answered() -> None:
    told = orjson.loads(queries.product_list(QueryDict("limit=3&sort=price")).body)
    assert told["total"] == PRODUCTS
    assert len(told["results"]) == 3
