"""What shoppers are shown is what the rows say: the copies on a product, and its two documents."""

from noirel.backoffice.audit.check import Check
from noirel.backoffice.audit.sums import sum_of
from noirel.catalog.purchasable import PURCHASABLE, SOLD_SEPARATELY
from noirel.catalog.services.availability import LOW_STOCK

# The rows that a document was written from, once for each product.
_FACTS = f"""
LEFT JOIN catalog_category k ON k.id = p.category_id
LEFT JOIN LATERAL (
    SELECT min(v.price_amount) FILTER (WHERE {SOLD_SEPARATELY.format("v")}) AS low, max(v.price_amount) AS high,
        bool_or({PURCHASABLE.format("v")}) AS in_stock,
        bool_or(v.compare_at_amount > v.price_amount AND {SOLD_SEPARATELY.format("v")}) AS on_sale,
        bool_and(v.policy = 'deny' AND v.available IS NOT NULL AND v.available <= {LOW_STOCK})
            FILTER (WHERE {PURCHASABLE.format("v")}) AS low_stock,
        (array_agg(v.compare_at_amount ORDER BY v.price_amount, v.position, v.id)
            FILTER (WHERE {SOLD_SEPARATELY.format("v")}))[1] AS compare_at,
        (array_agg(v.currency ORDER BY v.position, v.id))[1] AS currency
    FROM catalog_variant v WHERE v.product_id = p.id AND v.archived_at IS NULL
) v ON true
LEFT JOIN LATERAL (
    SELECT coalesce(jsonb_agg(e.told ORDER BY i.position, i.id) FILTER (WHERE a.view <> 'cutout'), '[]') AS shown,
        coalesce(jsonb_agg(e.told ORDER BY i.position, i.id) FILTER (WHERE a.view = 'cutout'), '[]') AS cut
    FROM catalog_productpicture i JOIN content_mediaasset a ON a.id = i.asset_id
    CROSS JOIN LATERAL (SELECT jsonb_build_array(a.id, coalesce(nullif(i.alt, ''), a.alt)) AS told) e
    WHERE i.product_id = p.id AND a.renditions <> '[]'
) i ON true
"""

# name of a member -> what the document says (d.told), what the rows say.
_MEMBERS = {
    "slug": ("d.told->'slug'", "to_jsonb(p.slug)"),
    "name": ("d.told->'name'", "to_jsonb(p.name)"),
    "subtitle": ("d.told->'subtitle'", "to_jsonb(p.subtitle)"),
    "category": ("d.told->'category'", "coalesce(to_jsonb(k.slug), 'null')"),
    "lowest price": (
        "d.told->'price_range'->'min'",
        "jsonb_build_object('amount', coalesce(v.low, 0), 'currency', coalesce(v.currency, p.currency))",
    ),
    "highest price": (
        "d.told->'price_range'->'max'",
        "jsonb_build_object('amount', coalesce(v.high, 0), 'currency', coalesce(v.currency, p.currency))",
    ),
    "former price": (
        "d.told->'compare_at'",
        """CASE WHEN v.compare_at IS NULL THEN 'null'
            ELSE jsonb_build_object('amount', v.compare_at, 'currency', v.currency) END""",
    ),
}
_PICTURES = (
    "(SELECT coalesce(jsonb_agg(jsonb_build_array(e->'id', e->'alt') ORDER BY nth), '[]')"
    " FROM jsonb_array_elements(d.told->'images') WITH ORDINALITY t(e, nth))"
)
_CARD = _MEMBERS | {
    "pictures": (_PICTURES, "jsonb_path_query_array(i.shown, '$[0 to 1]')"),
    "attributes": (
        "d.told->'attributes'",
        """(SELECT coalesce(jsonb_object_agg(e.key, e.value), '{}') FROM jsonb_each(p.attributes) e
            JOIN catalog_attribute a ON a.name = e.key WHERE a.is_on_card)""",
    ),
}
_PAGE = _MEMBERS | {
    "pictures": (_PICTURES, "i.shown || i.cut"),
    "attributes": ("d.told->'attributes'", "p.attributes"),
    # Pictures in it are shown from our own media, and not before they are fetched.
    "story": (
        "CASE WHEN strpos(p.story, '<img ') > 0 THEN to_jsonb(p.story) ELSE d.told->'story' END",
        "to_jsonb(p.story)",
    ),
    "vendor": ("d.told->'vendor'", "to_jsonb(p.vendor)"),
    "options": ("d.told->'options'", "p.options"),
    "where it stands": (
        "d.told->'breadcrumbs'->-1",
        "CASE WHEN k.id IS NOT NULL THEN jsonb_build_object('name', k.name, 'slug', k.slug) END",
    ),
    "date": ("to_jsonb((d.told->>'published_at')::timestamptz)", "to_jsonb(p.published_at)"),
}


def _document_differences(column: str, members: dict[str, tuple[str, str]]) -> str:
    """Every member of a document that is not what the rows say."""
    pairs = ", ".join(f"('{name}', {told}, {meant})" for name, (told, meant) in members.items())
    # OFFSET 0: read as JSON once, not once for each member.
    return f"""
        SELECT p.slug, format('%s: %s %s, the rows say %s', '{column}', m.name, left(m.told::text, 80), left(m.meant::text, 80))
        FROM catalog_product p {_FACTS}
        CROSS JOIN LATERAL (SELECT p.{column}::jsonb AS told OFFSET 0) d
        CROSS JOIN LATERAL (VALUES {pairs}) m(name, told, meant)
        WHERE m.told IS DISTINCT FROM m.meant
    """


CATALOGUE = [
    Check(
        "catalogue.prices",
        "A product is as dear as those of its variants that have a price.",
        f"""
        SELECT p.slug, format('from %s to %s; its variants from %s to %s',
            {sum_of("p.min_price_amount", "p.currency")}, {sum_of("p.max_price_amount", "p.currency")},
            {sum_of("v.low", "v.currency")}, {sum_of("v.high", "v.currency")})
        FROM catalog_product p {_FACTS}
        WHERE (p.min_price_amount, p.max_price_amount, p.currency)
            IS DISTINCT FROM (coalesce(v.low, 0), coalesce(v.high, 0), coalesce(v.currency, p.currency))
        """,
    ),
    Check(
        "catalogue.in_stock",
        "A product is in stock if one of its variants can be bought: it is there, and has a price.",
        f"""
        SELECT p.slug, format('in stock: %s, any of its variants: %s', p.in_stock, coalesce(v.in_stock, false))
        FROM catalog_product p {_FACTS} WHERE p.in_stock <> coalesce(v.in_stock, false)
        """,
    ),
    Check(
        "catalogue.badges",
        "A product is on sale, or nearly gone, if its variants are.",
        f"""
        SELECT p.slug, format('on sale: %s, few left: %s; its variants: %s, %s', p.is_on_sale, p.is_low_stock,
            coalesce(v.on_sale, false), coalesce(v.low_stock, false))
        FROM catalog_product p {_FACTS}
        WHERE (p.is_on_sale, p.is_low_stock) <> (coalesce(v.on_sale, false), coalesce(v.low_stock, false))
        """,
    ),
    Check("catalogue.card", "The card in lists says what the rows say.", _document_differences("card", _CARD)),
    Check("catalogue.page", "The page says what the rows say.", _document_differences("page", _PAGE)),
    Check(
        "catalogue.words",
        "A product is found by the words that its rows say.",
        """
        SELECT p.slug, CASE WHEN w.source IS NULL THEN 'it has no words' ELSE 'its words are those of other rows' END
        FROM catalog_product p LEFT JOIN catalog_productwords w ON w.product_id = p.id
        WHERE w.source IS DISTINCT FROM catalog_words_source(p)
        """,
        at_rest=True,
    ),
    Check(
        "catalogue.collections",
        "A collection by rule holds what meets its rules, and nothing else.",
        """
        SELECT k.slug, format('%s %s', p.slug, CASE WHEN i.id IS NULL THEN 'is missing' ELSE 'has no place in it' END)
        FROM catalog_collection k CROSS JOIN catalog_product p
        LEFT JOIN catalog_collectionitem i ON i.collection_id = k.id AND i.product_id = p.id
        WHERE k.rules IS NOT NULL AND catalog_meets(p, k.rules, k.match) <> (i.id IS NOT NULL)
        """,
        at_rest=True,
    ),
]
