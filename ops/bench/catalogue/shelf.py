"""A catalogue of any size, made of the demo house's by SQL: each product has three variants and two pictures.

The documents are what services.present would write, with name, address and prices put in: `manage.py audit` proves it.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator
from typing import Any

import psycopg

Database = psycopg.Connection[Any]
VARIANTS = 3
# In a document, where a product's own go.
_SLUG, _NAME, _MIN, _MAX, _FOLDED = "«slug»", "«name»", "«min»", "«max»", "«folded»"
# 14,400 names of two words: one word is in every 120th product.
_SYLLABLES = ("ba", "cor", "del", "fi", "gra", "lu", "mor", "ne", "or", "pel", "sa", "ti")


def words(count: int, *, seed: int) -> list[str]:
    """Different words that mean nothing, of three syllables."""
    chance, made = random.Random(seed), dict[str, None]()
    while len(made) < count:
        made["".join(chance.choices(_SYLLABLES, k=3))] = None
    return list(made)


FIRST, SECOND = words(120, seed=1), words(120, seed=2)


def slug_of(number: int) -> str:
    return f"bench-{number}"


def fill(database: Database, count: int) -> None:
    """Have `count` such products; those that are there stay."""
    row = database.execute("SELECT count(*) FROM catalog_product WHERE slug LIKE 'bench-%'").fetchone()
    there = row[0] if row else 0
    with database.transaction():
        _patterns(database)
        database.execute(
            "CREATE TEMPORARY TABLE named ON COMMIT DROP AS SELECT n, 'bench-' || n AS slug,"
            " initcap(f.word || ' ' || s.word) || ' ' || n AS name, 200000 + (n * 7919) %% 3000 * 1000 AS price,"
            " (n %% 25) <> 0 AS in_stock, statement_timestamp() - make_interval(mins => 10 + n * 7) AS at,"
            " nextval(pg_get_serial_sequence('catalog_product', 'id')) AS id,"
            " n %% (SELECT count(*) FROM pattern) AS kind"
            " FROM generate_series(%s::int, %s::int) n"
            " JOIN unnest(%s::text[]) WITH ORDINALITY f(word, place) ON f.place = 1 + n %% 120"
            " JOIN unnest(%s::text[]) WITH ORDINALITY s(word, place) ON s.place = 1 + (n / 120) %% 120",
            [there + 1, count, FIRST, SECOND],
        )
        own = {
            "id": "n.id", "slug": "n.slug", "name": "n.name", "published_at": "n.at", "created_at": "n.at",
            "updated_at": "n.at", "min_price_amount": "n.price", "max_price_amount": "n.price + 200000",
            "in_stock": "n.in_stock", "units_sold": "(n.n::bigint * 104729) % 5000", "is_best_seller": "n.n % 50 = 0",
            "search_text": _with_own("t.search_text"), "card": _with_own("t.card"), "page": _with_own("t.page"),
        }  # fmt: skip
        _copy(database, "catalog_product", "pattern", own, "n.kind = t.kind")
        _variants(database)
        _pictures(database)
    database.execute("VACUUM ANALYZE")


def _patterns(database: Database) -> None:
    """The demo products that have enough of everything, with marks where a product's own goes."""
    database.execute(
        "CREATE TEMPORARY TABLE pattern ON COMMIT DROP AS SELECT p.*, 0::bigint AS kind FROM catalog_product p"
        " WHERE p.slug NOT LIKE 'bench-%%' AND p.status = 'active' AND p.is_listed"
        " AND json_array_length(p.card::json->'images') = 2"
        f" AND (SELECT count(*) FROM catalog_variant v WHERE v.product_id = p.id) = {VARIANTS}"
    )
    database.execute("UPDATE pattern SET kind = k.kind FROM (SELECT id, row_number() OVER (ORDER BY id) - 1 AS kind"
                     " FROM pattern) k WHERE k.id = pattern.id")  # fmt: skip
    for id_, name, card, page, text in database.execute(
        "SELECT id, name, card, page, search_text FROM pattern"
    ).fetchall():
        images = json.loads(card)["images"]
        database.execute(
            "UPDATE pattern SET card = %s, page = %s, search_text = %s WHERE id = %s",
            [
                _marked(card, {}),
                _marked(page, {"images": images}),
                f"{_FOLDED} {text.replace(name.lower(), '', 1)}",
                id_,
            ],
        )


def _marked(text: str, more: dict[str, Any]) -> str:
    told = json.loads(text) | more
    currency = told["price_range"]["min"]["currency"]
    ends = {end: {"amount": mark, "currency": currency} for end, mark in (("min", _MIN), ("max", _MAX))}
    told |= {"slug": _SLUG, "name": _NAME, "price_range": ends, "compare_at": None}
    if "published_at" in told:
        told["published_at"] = "«at»"
    if "seo" in told:
        told["seo"] = told["seo"] | {"title": f"{_NAME}, {told['attributes'].get('concentration', '')}".rstrip(", ")}
    written = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return written.replace(f'"{_MIN}"', _MIN).replace(f'"{_MAX}"', _MAX)


def _with_own(column: str) -> str:
    at = "to_char(n.at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
    for mark, own in ((_SLUG, "n.slug"), (_NAME, "n.name"), (_MIN, "n.price::text"),
                      (_MAX, "(n.price + 200000)::text"), (_FOLDED, "lower(n.name)"), ("«at»", at)):  # fmt: skip
        column = f"replace({column}, '{mark}', {own})"
    return column


def _variants(database: Database) -> None:
    """Three each, with their row in the stock: not tracked, or tracked and none there."""
    database.execute(
        "CREATE TEMPORARY TABLE variant_pattern ON COMMIT DROP AS SELECT v.*, t.kind,"
        " row_number() OVER (PARTITION BY v.product_id ORDER BY v.position, v.id) - 1 AS nth"
        " FROM catalog_variant v JOIN pattern t ON t.id = v.product_id"
    )
    own = {
        "product_id": "n.id", "sku": "'BENCH-' || n.n || '-' || t.nth", "price_amount": "n.price + t.nth * 100000",
        "compare_at_amount": "NULL", "in_stock": "n.in_stock", "available": "CASE WHEN NOT n.in_stock THEN 0 END",
        "on_hand": "0", "policy": "'deny'", "picture_id": "NULL", "drop": "NULL", "barcode": "''",
    }  # fmt: skip
    _copy(database, "catalog_variant", "variant_pattern", own, "n.kind = t.kind", without=["id"])
    database.execute(
        "INSERT INTO inventory_stockitem (variant_id, on_hand, reserved, is_tracked, policy, updated_at)"
        " SELECT v.id, 0, 0, NOT n.in_stock, 'deny', now() FROM named n JOIN catalog_variant v ON v.product_id = n.id"
    )


def _pictures(database: Database) -> None:
    """The first two of the pattern's; the files are shared."""
    database.execute(
        "CREATE TEMPORARY TABLE picture_pattern ON COMMIT DROP AS SELECT p.*, t.kind FROM pattern t"
        " CROSS JOIN LATERAL (SELECT * FROM catalog_productpicture p"
        " WHERE p.product_id = t.id ORDER BY position LIMIT 2) p"
    )
    own = {"product_id": "n.id"}
    _copy(database, "catalog_productpicture", "picture_pattern", own, "n.kind = t.kind", without=["id"])


def _copy(
    database: Database, table: str, pattern: str, own: dict[str, str], where: str, *, without: Iterable[str] = ()
) -> None:
    """Insert a row for each of `named`: its own columns, and the pattern's others, whichever there are today."""
    names = [name for name in _columns(database, table) if name not in set(without)]
    values = [own.get(name, f't."{name}"') for name in names]
    columns = ", ".join(f'"{name}"' for name in names)
    statement = f"INSERT INTO {table} ({columns}) SELECT {', '.join(values)} FROM named n JOIN {pattern} t ON {where}"
    database.execute(statement.encode())


def _columns(database: Database, table: str) -> Iterator[str]:
    for (name,) in database.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s"
        " AND is_generated = 'NEVER' ORDER BY ordinal_position",
        [table],
    ):
        yield name
