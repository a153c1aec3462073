"""One product's page: one statement, and its state for a fraction of that."""

from dataclasses import dataclass

from django.utils import timezone

from noirel.catalog.selectors import NEW_FOR, VISIBLE, document
from noirel.core import hot
from noirel.core.editions import EDITION
from noirel.core.errors import NotFound

# What the page of one product is made of, beside the catalogue's edition: its variants as they are, whose stock is no edition.
# A row's xmin is another one after each change.
_VARIANTS = "coalesce((SELECT string_agg(v.xmin::text, ',' ORDER BY v.id) FROM catalog_variant v WHERE v.product_id = {}), '')"
PAGE_STATE = f"{EDITION} || ' ' || {_VARIANTS}"
ASK_PAGE = f"SELECT {PAGE_STATE.format('%s')}"  # value: the product's id

_PAGE = f"""
WITH given AS (
    SELECT %s::text AS slug, %s::timestamptz AS new_since
), asked AS MATERIALIZED (
    SELECT p.id, p.category_id, p.page, p.in_stock, p.published_at, p.is_best_seller, p.updated_at, given.new_since
    FROM given JOIN catalog_product p ON p.slug = given.slug
    WHERE p.status = 'active' AND p.published_at <= statement_timestamp()
), near AS (
    SELECT n.* FROM asked, LATERAL (
        (SELECT p.id, 1 AS place, p.in_stock, p.published_at FROM catalog_product p
            WHERE {VISIBLE} AND p.id <> asked.id AND p.category_id = asked.category_id
            ORDER BY p.in_stock DESC, p.published_at DESC, p.id LIMIT 4)
        UNION ALL
        (SELECT p.id, 2, p.in_stock, p.published_at FROM catalog_product p
            WHERE {VISIBLE} AND p.id <> asked.id AND p.category_id IS DISTINCT FROM asked.category_id
            ORDER BY p.in_stock DESC, p.published_at DESC, p.id LIMIT 4)
    ) n ORDER BY place, in_stock DESC, published_at DESC, id LIMIT 4
)
SELECT a.page AS card, a.in_stock, a.published_at >= a.new_since, a.is_best_seller, a.id, {PAGE_STATE.format("a.id")},
    to_char(a.updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    (SELECT json_agg(json_build_object(
        'sku', v.sku, 'title', v.title, 'options', v.options,
        'price', json_build_object('amount', v.price_amount, 'currency', v.currency),
        'compare_at', CASE WHEN v.compare_at_amount IS NOT NULL
            THEN json_build_object('amount', v.compare_at_amount, 'currency', v.currency) END,
        'availability', json_build_object('in_stock', v.in_stock, 'quantity', v.available, 'policy', v.policy,
            'expected_on', v.expected_on),
        'weight_grams', v.weight_grams, 'barcode', v.barcode, 'image', v.picture_id, 'drop', v.drop
    ) ORDER BY v.position, v.id) FROM catalog_variant v WHERE v.product_id = a.id), NULL, 0 AS place, NULL, NULL
FROM asked a
UNION ALL
SELECT p.card, p.in_stock, p.published_at >= given.new_since, p.is_best_seller, p.id, NULL, NULL, NULL, p.slug, n.place,
    p.in_stock, p.published_at
FROM near n JOIN catalog_product p ON p.id = n.id CROSS JOIN given
ORDER BY 10, 11 DESC, 12 DESC, 5"""


@dataclass(frozen=True, slots=True)
class Page:
    """A Product of the contract as JSON; which one, its state (as ASK_PAGE says it), and the slugs that stand beside it."""

    body: bytes
    product_id: str
    state: bytes | None
    related: list[str]


def product_page(slug: str) -> Page:
    """One statement. Raises NotFound for a draft, an archived or a future one."""
    rows = hot.ask(_PAGE, slug, (timezone.now() - NEW_FOR).isoformat())
    if not rows:
        raise NotFound("There is no such product.")
    page, *others = rows
    more = (
        b'"variants":%b' % (page[7] or b"[]"),
        b'"related":[%b]' % b",".join(document(row[:4]) for row in others),
        b'"updated_at":"%b"' % (page[6] or b""),
    )
    return Page(
        body=document(page[:4], *more),
        product_id=str(page[4] or b"", "ascii"),
        state=page[5],
        related=[str(row[8] or b"", "utf-8") for row in others],
    )
