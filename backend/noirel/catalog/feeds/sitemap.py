"""Sitemaps as sitemaps.org/protocol.html (0.9) has them: an index, and files of at most 50,000 addresses each.

Products come in batches by id, so that a file costs the same memory whatever stands in it.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from urllib.parse import quote
from xml.sax.saxutils import escape

from django.conf import settings

from noirel.catalog.models import Category, Collection
from noirel.catalog.selectors import VISIBLE
from noirel.core import hot

MOST = 50_000  # addresses in a file, by the protocol
BATCH = 2000
PAGES = ("/", "/perfumes", "/house", "/journal", "/help", "/returns-policy", "/privacy")
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'

# Each file begins after the last id of the one before.
_FILES = f"""
SELECT min(id), to_char(max(updated_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') FROM (
    SELECT p.id, p.updated_at, (row_number() OVER (ORDER BY p.id) - 1) / {MOST} AS file FROM catalog_product p WHERE {VISIBLE}
) AS numbered GROUP BY file ORDER BY file
"""
_PRODUCTS = f"""
SELECT p.id, p.slug, p.updated_at FROM catalog_product p WHERE {VISIBLE} AND p.id >= %s ORDER BY p.id LIMIT %s
"""


def files() -> list[tuple[int, str]]:
    """(first id, when something in it changed last) of each file of products."""
    return [(int(first), str(changed)) for first, changed in hot.run(_FILES)]


def index() -> Iterator[str]:
    yield f"{_HEAD}<sitemapindex {_SPACE}>\n"
    yield f"<sitemap><loc>{_address('/sitemaps/pages.xml')}</loc></sitemap>\n"
    for number, (_, changed) in enumerate(files(), start=1):
        loc = _address(f"/sitemaps/products-{number}.xml")
        yield f"<sitemap><loc>{loc}</loc><lastmod>{changed}</lastmod></sitemap>\n"
    yield "</sitemapindex>\n"


def pages() -> Iterator[str]:
    """What is no product: the house's own pages, categories and collections."""
    yield f"{_HEAD}<urlset {_SPACE}>\n"
    for path in PAGES:
        yield _url(path)
    for slug, changed in Category.objects.order_by("pk").values_list("slug", "updated_at"):
        yield _url(f"/c/{quote(slug)}", changed)
    for slug, changed in Collection.objects.order_by("pk").values_list("slug", "updated_at"):
        yield _url(f"/collections/{quote(slug)}", changed)
    yield "</urlset>\n"


def products(first_id: int) -> Iterator[str]:
    """A file of products, from this id on."""
    yield f"{_HEAD}<urlset {_SPACE}>\n"
    yield from (_url(f"/p/{quote(slug)}", changed) for slug, changed in _walk(first_id))
    yield "</urlset>\n"


def _walk(first_id: int) -> Iterable[tuple[str, datetime]]:
    left = MOST
    while left:
        rows = hot.run(_PRODUCTS, first_id, min(left, BATCH))
        for _, slug, changed in rows:
            yield slug, changed
        if len(rows) < min(left, BATCH):
            return
        left -= len(rows)
        first_id = rows[-1][0] + 1


def _url(path: str, changed: datetime | None = None) -> str:
    when = f"<lastmod>{changed.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}</lastmod>" if changed else ""
    return f"<url><loc>{_address(path)}</loc>{when}</url>\n"


def _address(path: str) -> str:
    return escape(settings.PUBLIC_URL + path)
