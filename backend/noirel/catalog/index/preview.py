"""The search preview for staff: what a query finds, and why each product has its place."""

from dataclasses import dataclass

from django.db.models import QuerySet

from noirel.catalog.index import fulltext
from noirel.catalog.index.columns import Columns
from noirel.catalog.index.listing import best_matches
from noirel.catalog.models import Product
from noirel.catalog.text import tokens

MAX_HITS = 24
# The names of the relevance steps of fulltext.find.
WHY = {4: "name", 3: "name_begins", 2: "in_name", 1: "beside", 0: "anywhere"}


@dataclass(frozen=True)
class Hit:
    slug: str
    name: str
    why: str
    step: int
    popularity: float  # from 0 to 1; orders the products within a step
    boost: float  # in units of steps
    score: float


@dataclass(frozen=True)
class Preview:
    total: int
    did_you_mean: str | None
    hits: list[Hit]


def preview(columns: Columns, q: str) -> Preview:
    """Return the best matches with the components of their scores. Three statements, and those of fulltext.find."""
    matches = fulltext.find(columns, q)
    match_slots = matches.slots_in(columns)
    steps = dict(zip(columns.ids[match_slots.slots].tolist(), match_slots.steps.tolist(), strict=True))
    best = best_matches(matches, columns, q, MAX_HITS)
    ids = columns.ids[best].tolist()
    names = _names(Product.objects.filter(pk__in=ids))
    hits = []
    for slot, product_id in zip(best.tolist(), ids, strict=True):
        if product_id not in names:
            continue
        slug, name = names[product_id]
        popularity = int(columns.popularity[slot]) / 1000
        boost = sum(weight for query in {"", " ".join(tokens(q)[: fulltext.MAX_WORDS])}
                    for product, weight in columns.taxonomy.boosts.get(query, ()) if product == product_id)  # fmt: skip
        step = steps[product_id]
        hits.append(Hit(slug, name, WHY[step], step, popularity, boost, round(step + popularity + boost, 3)))
    return Preview((columns.visible() & match_slots.products).count, matches.corrected_query or None, hits)


def _names(products: QuerySet[Product, Product]) -> dict[int, tuple[str, str]]:
    return {pk: (slug, name) for pk, slug, name in products.values_list("pk", "slug", "name")}
