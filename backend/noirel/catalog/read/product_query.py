"""Reads a product page with one statement, and its state (for revalidation) with a much cheaper one."""

from dataclasses import dataclass

from noirel.catalog.purchasable import PURCHASABLE, SOLD_SEPARATELY
from noirel.catalog.selectors import ON_SHOW, VISIBLE, document, new_since
from noirel.core.cache.versions import VERSION_SQL
from noirel.core.db.queries import Query, QueryPlan

# The state of a product page: the catalogue's version, and the versions of the variants' rows, because changes of stock don't
# increase the catalogue's version. A row's xmin changes with every update.
_VARIANTS = "coalesce((SELECT string_agg(v.xmin::text, ',' ORDER BY v.id) FROM catalog_variant v WHERE v.product_id = {}), '')"
PAGE_STATE = f"{VERSION_SQL} || ' ' || {_VARIANTS}"
SELECT_PAGE = f"SELECT {PAGE_STATE.format('%s')}"  # parameter: the product's id

_PAGE = f"""
WITH given AS (
    SELECT %s::text AS slug, %s::timestamptz AS new_since
), asked AS MATERIALIZED (
    SELECT p.id, p.category_id, p.page, p.in_stock, p.published_at, p.is_best_seller, p.is_on_sale, p.is_low_stock,
        p.updated_at, given.new_since
    FROM given JOIN catalog_product p ON p.slug = given.slug
    WHERE {ON_SHOW}
), near AS (
    SELECT u.* FROM (SELECT DISTINCT ON (n.id) n.* FROM asked, LATERAL (
        (SELECT p.id, 0 AS place, r.position AS nth, p.in_stock, p.published_at
            FROM catalog_relatedproduct r JOIN catalog_product p ON p.id = r.other_id
            WHERE r.product_id = asked.id AND {VISIBLE} ORDER BY r.position LIMIT 4)
        UNION ALL
        (SELECT p.id, 1, 0, p.in_stock, p.published_at FROM catalog_product p
            WHERE {VISIBLE} AND p.id <> asked.id AND p.category_id = asked.category_id
            ORDER BY p.in_stock DESC, p.published_at DESC, p.id LIMIT 4)
        UNION ALL
        (SELECT p.id, 2, 0, p.in_stock, p.published_at FROM catalog_product p
            WHERE {VISIBLE} AND p.id <> asked.id AND (p.category_id = asked.category_id) IS NOT TRUE
            ORDER BY p.in_stock DESC, p.published_at DESC, p.id LIMIT 4)
    ) n ORDER BY n.id, n.place) u ORDER BY place, nth, in_stock DESC, published_at DESC, id LIMIT 4
)
SELECT a.page AS card, a.in_stock, a.published_at >= a.new_since, a.is_best_seller, a.is_on_sale, a.is_low_stock, a.id,
    {PAGE_STATE.format("a.id")},
    to_char(a.updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    (SELECT json_agg(json_build_object(
        'sku', v.sku, 'title', v.title, 'options', v.options,
        'price', json_build_object('amount', v.price_amount, 'currency', v.currency),
        'compare_at', CASE WHEN v.compare_at_amount IS NOT NULL
            THEN json_build_object('amount', v.compare_at_amount, 'currency', v.currency) END,
        'availability', json_build_object('in_stock', {PURCHASABLE.format("v")},
            'quantity', CASE WHEN {SOLD_SEPARATELY.format("v")} THEN v.available ELSE 0 END, 'policy', v.policy,
            'expected_on', v.expected_on),
        'weight_grams', v.weight_grams, 'barcode', v.barcode, 'image', v.picture_id, 'drop', v.drop,
        'attributes', v.attributes
    ) ORDER BY v.position, v.id) FROM catalog_variant v WHERE v.product_id = a.id AND v.archived_at IS NULL), NULL,
    -1 AS place, NULL, NULL, NULL
FROM asked a
UNION ALL
SELECT p.card, p.in_stock, p.published_at >= given.new_since, p.is_best_seller, p.is_on_sale, p.is_low_stock, p.id,
    NULL, NULL, NULL, p.slug, n.place, n.nth, p.in_stock, p.published_at
FROM near n JOIN catalog_product p ON p.id = n.id CROSS JOIN given
ORDER BY 12, 13, 14 DESC, 15 DESC, 7"""


@dataclass(frozen=True, slots=True)
class Page:
    """A product page.

    body: the API's Product as JSON.
    state: as returned by SELECT_PAGE.
    related: the slugs of the related products on the page.
    """

    body: bytes
    product_id: str
    state: bytes | None
    related: list[str]


def product_page(slug: str) -> QueryPlan[Page | None]:
    """Read a product page, with one statement. None for a product that is not visible and for a former slug."""
    rows = yield Query(_PAGE, (slug, new_since()))
    if not rows:
        return None
    page, *others = rows
    members = (
        b'"variants":%b' % (page[9] or b"[]"),
        b'"related":[%b]' % b",".join(document(row[:6]) for row in others),
        b'"updated_at":"%b"' % (page[8] or b""),
    )
    return Page(
        body=document(page[:6], *members),
        product_id=str(page[6] or b"", "ascii"),
        state=page[7],
        related=[str(row[10] or b"", "utf-8") for row in others],
    )
