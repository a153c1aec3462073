"""A catalogue of any size, made of the demo house's by SQL: each product has three variants and two pictures.

Its names, notes, vendors, families and places in a tree of categories are its own (words.py), drawn by the product's
number: the same shelf every time. The documents are what services.present would write: `manage.py audit` proves it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg

from ops.bench.catalogue.words import FAMILIES, LINES, NOTES, ROOTS, SHELVES, STRENGTHS, VENDORS, WORDS, folded

Database = psycopg.Connection[Any]
VARIANTS = 3


def slug_of(number: int) -> str:
    return f"bench-{number}"


def fill(database: Database, count: int) -> None:
    """Have `count` such products; those that are there stay."""
    there = int(_one(database, "SELECT count(*) FROM catalog_product WHERE slug LIKE 'bench-%'"))
    many = count - there > 20_000
    with database.transaction():
        _categories(database)
        _patterns(database)
        _names(database, there + 1, count)
        own = {
            "id": "n.id", "slug": "n.slug", "name": "n.name", "subtitle": "n.subtitle", "vendor": "n.vendor",
            "category_id": "n.category_id", "published_at": "n.began", "created_at": "n.began", "updated_at": "n.began",
            "min_price_amount": "n.price", "max_price_amount": "n.price + 200000", "in_stock": "n.in_stock",
            "is_on_sale": "n.is_on_sale", "is_low_stock": "false",
            "units_sold": "(5000 * n.u9 ^ 6)::int", "is_best_seller": "n.n % 50 = 0",
            "attributes": _formatted("t.attribute_format") + "::jsonb",
            "search_text": f"pg_temp.plain({_formatted('t.search_format')})",
            "card": _formatted("t.card"), "page": _formatted("t.page"),
        }  # fmt: skip
        with _without_indexes(database, "catalog_product", "catalog_variant", "catalog_productpicture", many=many):
            _copy(database, "catalog_product", "pattern", own, "n.kind = t.kind")
            _variants(database)
            _pictures(database)
        with _without_indexes(database, "catalog_productwords", many=many):
            _words(database)
    database.execute("VACUUM ANALYZE")


@contextmanager
def _without_indexes(database: Database, *tables: str, many: bool) -> Iterator[None]:
    """An index over many new rows is built in a fraction of the time that keeping it row by row takes."""
    found = database.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index WHERE NOT indisunique"
        " AND indrelid::regclass::text = ANY(%s)",
        [list(tables)],
    ).fetchall() if many else []  # fmt: skip
    for name, _ in found:
        database.execute(f"DROP INDEX {name}".encode())
    yield
    # The keys that are asked for at the end are not asked for in the middle of it.
    database.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for _, made in found:
        database.execute(made)


def _categories(database: Database) -> None:
    """Three floors of them; products stand in the lowest."""
    for root in ROOTS:
        _category(database, [root])
        for shelf in SHELVES:
            _category(database, [root, shelf])
            for line in LINES:
                _category(database, [root, shelf, line])


def _category(database: Database, path: Sequence[str]) -> None:
    slug = _slug(path)
    database.execute(
        "INSERT INTO catalog_category (slug, name, story, parent_id, position)"
        " VALUES (%s, %s, '', (SELECT id FROM catalog_category WHERE slug = %s), 100) ON CONFLICT DO NOTHING",
        [slug, path[-1], _slug(path[:-1])],
    )


def _slug(path: Sequence[str]) -> str:
    return "-".join(["bench", *map(folded, path)])


def _names(database: Database, first: int, last: int) -> None:
    """`named`: what each product has of its own, by its number. Words are drawn so that few are common."""

    def drawn(nth: int, values: str, skew: float) -> str:
        return f"{values}[1 + floor(cardinality({values}) * u{nth} ^ {skew})::int]"

    chances = ", ".join(f"(hashint8extended(n, {nth}) & 1048575) / 1048576.0::float8 AS u{nth}" for nth in range(16))
    notes = ", ".join(f"{drawn(nth, 'notes', 2)} AS note{nth}" for nth in range(6))
    places = [(root, shelf, line) for root in ROOTS for shelf in SHELVES for line in LINES]
    database.execute(
        f"""
        CREATE TEMPORARY TABLE named ON COMMIT DROP AS WITH given AS (
            SELECT %(words)s::text[] AS words, %(notes)s::text[] AS notes, %(vendors)s::text[] AS vendors,
                %(families)s::text[] AS families, %(strengths)s::text[] AS strengths, %(places)s::text[] AS places
        ), chance AS (
            SELECT n, {chances} FROM generate_series(%(first)s::bigint, %(last)s::bigint) n
        ), drawn AS (
            SELECT n, u9, 'bench-' || n AS slug, {drawn(6, "words", 2.5)} || ' ' || {drawn(7, "words", 2.5)}
                    || CASE WHEN u8 < 0.4 THEN ' ' || {drawn(10, "words", 2.5)} ELSE '' END AS name,
                {notes}, {drawn(11, "vendors", 2)} AS vendor, {drawn(12, "families", 1.6)} AS family,
                {drawn(13, "strengths", 1.6)} AS strength, {drawn(14, "places", 1.3)} AS category,
                200000 + (n * 7919) %% 3000 * 1000 AS price, u15 < 0.1 AS is_on_sale, n %% 25 <> 0 AS in_stock,
                statement_timestamp() - make_interval(mins => 10 + n::int * 7) AS began
            FROM given, chance
        ) SELECT d.*, note0 || ', ' || note2 || ', ' || note4 AS subtitle,
            price AS min_price, price + 200000 AS max_price,
            CASE WHEN is_on_sale THEN format('{{"amount":%%s,"currency":"%%s"}}', price * 5 / 4, %(currency)s::text)
                ELSE 'null' END AS compare_at,
            to_char(began AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at,
            k.id AS category_id, p.trail, p.crumbs,
            format('bench-%%s-0 bench-%%s-1 bench-%%s-2', n, n, n) AS skus,
            nextval(pg_get_serial_sequence('catalog_product', 'id')) AS id, n %% (SELECT count(*) FROM pattern) AS kind
        FROM drawn d JOIN catalog_category k ON k.slug = d.category
            JOIN unnest(%(places)s::text[], %(trails)s::text[], %(crumbs)s::text[]) p(slug, trail, crumbs)
                ON p.slug = d.category
        """.encode(),
        {
            "first": first, "last": last, "words": WORDS, "notes": NOTES, "vendors": VENDORS,
            "families": list(FAMILIES), "strengths": list(STRENGTHS), "places": [_slug(path) for path in places],
            "trails": [" ".join(path) for path in places], "crumbs": [_json(_crumbs(path)) for path in places],
            "currency": str(_one(database, "SELECT currency FROM pattern LIMIT 1")),
        },
    )  # fmt: skip
    # As catalog/text.py folds it, for the letters that are there.
    letters = sorted({c for text in (*WORDS, *NOTES, *VENDORS, *LINES) for c in text if not c.isascii()})
    plain = "".join(map(folded, letters)).replace("'", "''")
    database.execute(
        "CREATE OR REPLACE FUNCTION pg_temp.plain(told text) RETURNS text IMMUTABLE LANGUAGE sql AS"
        f" $$ SELECT lower(translate(told, '{''.join(letters)}', '{plain}')) $$".encode()
    )


def _crumbs(path: Sequence[str]) -> list[dict[str, str]]:
    return [{"name": name, "slug": _slug(path[: at + 1])} for at, name in enumerate(path)]


def _patterns(database: Database) -> None:
    """The demo products that have enough of everything, as formats with places for a product's own."""
    database.execute(
        "CREATE TEMPORARY TABLE pattern ON COMMIT DROP AS SELECT p.*, row_number() OVER (ORDER BY id) - 1 AS kind,"
        " ''::text AS attribute_format, ''::text AS search_format FROM catalog_product p"
        " WHERE p.slug NOT LIKE 'bench-%%' AND p.status = 'active' AND p.is_listed"
        " AND json_array_length(p.card::json->'images') = 2"
        f" AND (SELECT count(*) FROM catalog_variant v WHERE v.product_id = p.id) = {VARIANTS}"
    )
    for id_, card, page, attributes in database.execute("SELECT id, card, page, attributes FROM pattern").fetchall():
        own = attributes | {"family": "«family»", "concentration": "«strength»", "notes": _PYRAMID}
        line = str(attributes.get("line", ""))
        notes = " ".join(f"«note{nth}»" for nth in range(6))
        told = f"«name» «subtitle» «vendor» «trail» {line} {notes} «family» «strength» «skus»"
        database.execute(
            "UPDATE pattern SET card = %s, page = %s, attribute_format = %s, search_format = %s WHERE id = %s",
            [
                _document(card, own, {}),
                _document(page, own, {"images": json.loads(card)["images"]}),
                _format(_json(own)),
                _format(told),
                id_,
            ],
        )


def _document(text: str, attributes: dict[str, Any], more: dict[str, Any]) -> str:
    told = json.loads(text) | more
    currency = told["price_range"]["min"]["currency"]
    told |= {name: f"«{name}»" for name in ("slug", "name", "subtitle", "category", "compare_at")}
    told["price_range"] = {end: {"amount": f"«{end}_price»", "currency": currency} for end in ("min", "max")}
    told["attributes"] = {name: attributes[name] for name in told["attributes"]}
    for name, value in (("published_at", "«at»"), ("vendor", "«vendor»"), ("breadcrumbs", "«crumbs»")):
        if name in told:
            told[name] = value
    if "seo" in told:
        told["seo"] |= {"title": "«name», «strength»", "description": "«subtitle»"}
    written = _json(told)
    for name in ("min_price", "max_price", "compare_at", "crumbs"):  # these are no texts
        written = written.replace(f'"«{name}»"', f"«{name}»")
    return _format(written)


# What is a product's own in a document: columns of `named`.
_OWN = (
    "slug", "name", "subtitle", "vendor", "category", "family", "strength", "at", "trail", "skus", "min_price",
    "max_price", "compare_at", "crumbs", *(f"note{nth}" for nth in range(6)),
)  # fmt: skip
_PYRAMID = {"top": ["«note0»", "«note1»"], "heart": ["«note2»", "«note3»"], "base": ["«note4»", "«note5»"]}


def _format(text: str) -> str:
    """For PostgreSQL's `format`: one pass over a text, however much of it is a product's own."""
    text = text.replace("%", "%%")
    for at, name in enumerate(_OWN, 1):
        text = text.replace(f"«{name}»", f"%{at}$s")
    return text


def _formatted(column: str) -> str:
    return f"format({column}, {', '.join(f'n.{name}' for name in _OWN)})"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _one(database: Database, statement: str) -> Any:
    row = database.execute(statement.encode()).fetchone()
    return row[0] if row else None


def _variants(database: Database) -> None:
    """Three each. A trigger gives each its stock item, by `available`: not tracked, or tracked and none there."""
    database.execute(
        "CREATE TEMPORARY TABLE variant_pattern ON COMMIT DROP AS SELECT v.*, t.kind,"
        " row_number() OVER (PARTITION BY v.product_id ORDER BY v.position, v.id) - 1 AS nth"
        " FROM catalog_variant v JOIN pattern t ON t.id = v.product_id"
    )
    own = {
        "product_id": "n.id", "sku": "'bench-' || n.n || '-' || t.nth", "price_amount": "n.price + t.nth * 100000",
        "compare_at_amount": "CASE WHEN n.is_on_sale THEN (n.price + t.nth * 100000) * 5 / 4 END",
        "in_stock": "n.in_stock", "available": "CASE WHEN NOT n.in_stock THEN 0 END",
        "on_hand": "0", "policy": "'deny'", "picture_id": "NULL", "drop": "NULL", "barcode": "''",
    }  # fmt: skip
    _copy(database, "catalog_variant", "variant_pattern", own, "n.kind = t.kind", without=["id"])


def _words(database: Database) -> None:
    """What they are found by, as services.present writes it; their variants are there already."""
    database.execute(
        """
        CREATE OR REPLACE FUNCTION pg_temp.words(told text) RETURNS text IMMUTABLE LANGUAGE sql AS
            $$ SELECT btrim(regexp_replace(pg_temp.plain(told), '[^a-z0-9]+', ' ', 'g')) $$;
        INSERT INTO catalog_productwords (product_id, language, name, said, source, head, lexemes)
        SELECT p.id, 'english', t.name, t.said, catalog_words_source(p), catalog_head('english', t.name, t.beside),
            catalog_lexemes('english', t.said, t.story)
        FROM named n JOIN catalog_product p ON p.id = n.id CROSS JOIN LATERAL (
            SELECT pg_temp.words(p.name) AS name, pg_temp.words(p.search_text) AS said,
                pg_temp.words(concat_ws(' ', p.subtitle, p.vendor, n.trail, n.skus)) AS beside,
                pg_temp.words(regexp_replace(p.story, '<[^>]*>', ' ', 'g')) AS story
        ) t
        """
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
