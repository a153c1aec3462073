"""What a search finds, and why: for staff who wonder."""

from dataclasses import dataclass

from django.db.models import QuerySet

from noirel.catalog.index import fulltext
from noirel.catalog.index.columns import Columns
from noirel.catalog.index.listing import best_matches
from noirel.catalog.models import Product
from noirel.catalog.text import tokens

MAX_HITS = 24
# What a match is worth: words.find's steps.
WHY = {4: "name", 3: "name_begins", 2: "in_name", 1: "beside", 0: "anywhere"}


@dataclass(frozen=True)
class Hit:
    slug: str
    name: str
    why: str
    step: int
    popularity: float  # within a step: 0 to 1
    boost: float  # in steps
    score: float


@dataclass(frozen=True)
class Preview:
    total: int
    did_you_mean: str | None
    hits: list[Hit]


def preview(columns: Columns, q: str) -> Preview:
    """The best of what is found, with what its place is made of. Three statements, and those that find words."""
    found = fulltext.find(columns, q)
    placed = found.slots_in(columns)
    steps = dict(zip(columns.ids[placed.slots].tolist(), placed.steps.tolist(), strict=True))
    best = best_matches(found, columns, q, MAX_HITS)
    ids = columns.ids[best].tolist()
    named = _names(Product.objects.filter(pk__in=ids))
    hits = []
    for slot, number in zip(best.tolist(), ids, strict=True):
        if number not in named:
            continue
        slug, name = named[number]
        popular = int(columns.popularity[slot]) / 1000
        boost = sum(weight for query in {"", " ".join(tokens(q)[: fulltext.MAX_WORDS])}
                    for product, weight in columns.taxonomy.boosts.get(query, ()) if product == number)  # fmt: skip
        step = steps[number]
        hits.append(Hit(slug, name, WHY[step], step, popular, boost, round(step + popular + boost, 3)))
    return Preview((columns.visible() & placed.met).count, found.corrected_query or None, hits)


def _names(products: QuerySet[Product, Product]) -> dict[int, tuple[str, str]]:
    return {pk: (slug, name) for pk, slug, name in products.values_list("pk", "slug", "name")}
