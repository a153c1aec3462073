"""Sitemaps as sitemaps.org/protocol.html (0.9) has them: an index, and files in its limits, with pictures as Google reads them.

Rows come in batches by id, so that a file costs the same memory whatever stands in it. Where a file ends is told by SQL, which
counts for each entry the most that it can be; an entry is never written larger than that.

Source of the pictures: Google Search Central, "Image sitemaps" (1,000 of them an address).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import quote
from xml.sax.saxutils import escape

import orjson
from django.conf import settings

from noirel.catalog.feeds.pictures import largest
from noirel.catalog.selectors import VISIBLE
from noirel.core.db import prepared

BATCH = 200
PAGES = ("/", "/perfumes", "/drops", "/house", "/journal", "/help", "/returns-policy", "/privacy")
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_IMAGES = 'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'
_FRAME = 1000  # bytes: more than a file has around its entries
_ENTRY = 120  # bytes: more than an entry has around its address
_PICTURE = 256  # bytes of a picture with its tags; a longer address is left out


@dataclass(frozen=True)
class Limits:
    addresses: int = 50_000  # in a file
    bytes: int = 50 * 1024 * 1024  # of a file, unpacked
    pictures: int = 1000  # of an address

    @property
    def share(self) -> int:
        """Bytes that an entry counts for at least: as many addresses as may be in a file fill it."""
        longest = _most_bytes("x" * 800, self.pictures)  # a slug of 200 letters of four bytes each
        return (self.bytes - _FRAME - longest) // self.addresses


LIMITS = Limits()


class File(NamedTuple):
    first: int  # ids
    last: int
    changed: str


class _Kind(NamedTuple):
    folder: str
    files: str
    rows: str


def _kind(folder: str, table: str, where: str = "true", *, pictures: str = "", page: str = "NULL") -> _Kind:
    """The statements of a table with slugs. An entry stands in the file that its last byte falls into."""
    count = f"LEFT JOIN (SELECT product_id, count(*) FROM {pictures} GROUP BY product_id) k ON k.product_id = p.id"
    return _Kind(
        folder,
        f"""
        SELECT min(id), max(id), to_char(max(updated_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') FROM (
            SELECT p.id, p.updated_at, div(sum(GREATEST(%s::bigint, %s::bigint + 3 * octet_length(p.slug)
                + {_PICTURE} * LEAST(%s::bigint, {"COALESCE(k.count, 0)" if pictures else "0"}))) OVER (ORDER BY p.id) - 1,
                %s::bigint) AS file
            FROM {table} p {count if pictures else ""} WHERE {where}
        ) AS numbered GROUP BY file ORDER BY file
        """,
        f"SELECT p.id, p.slug, p.updated_at, {page} FROM {table} p"
        f" WHERE {where} AND p.id BETWEEN %s AND %s ORDER BY p.id LIMIT %s",
    )


# Who names another page as the canonical one is not to be found by its own.
_CANONICAL = "p.seo_canonical IN ('', %s || '/p/' || p.slug)"
KINDS = {
    "products": _kind(
        "/p/", "catalog_product", f"{VISIBLE} AND {_CANONICAL}", pictures="catalog_productpicture", page="p.page::text"
    ),
    "categories": _kind("/c/", "catalog_category"),
    "collections": _kind("/collections/", "catalog_collection"),
    # By its table's name: what is sold in a drop is catalogue, what a drop is is not.
    "drops": _kind("/drops/", "drops_drop", "p.status <> 'draft'"),
}


def files(kind: str) -> list[File]:
    """The files that the rows of a kind need, in their order."""
    share = LIMITS.share
    around = _most_bytes("", 0) + len(KINDS[kind].folder)
    told = (share, around, LIMITS.pictures, share * LIMITS.addresses)
    return [File(*row) for row in prepared.execute(KINDS[kind].files, *told, *_own(kind))]


def index() -> Iterator[str]:
    yield f"{_HEAD}<sitemapindex {_SPACE}>\n"
    yield f"<sitemap><loc>{_address('/sitemaps/pages.xml')}</loc></sitemap>\n"
    for kind in KINDS:
        for number, file in enumerate(files(kind), start=1):
            loc = _address(f"/sitemaps/{kind}-{number}.xml")
            yield f"<sitemap><loc>{loc}</loc><lastmod>{file.changed}</lastmod></sitemap>\n"
    yield "</sitemapindex>\n"


def pages() -> Iterator[str]:
    """The house's own pages."""
    yield f"{_HEAD}<urlset {_SPACE}>\n"
    yield from (f"<url><loc>{_address(path)}</loc></url>\n" for path in PAGES)
    yield "</urlset>\n"


def entries(kind: str, file: File) -> Iterator[str]:
    """A file of a kind, a batch of rows at a time."""
    folder = KINDS[kind].folder
    yield f"{_HEAD}<urlset {_SPACE} {_IMAGES}>\n"
    first, left = file.first, LIMITS.addresses
    while left and (rows := prepared.execute(KINDS[kind].rows, *_own(kind), first, file.last, min(left, BATCH))):
        yield "".join(_entry(folder + quote(slug), changed, _pictures(page)) for _, slug, changed, page in rows)
        first, left = rows[-1][0] + 1, left - len(rows)
    yield "</urlset>\n"


def _own(kind: str) -> tuple[str, ...]:
    """What the statements of a kind ask for in their WHERE."""
    return (settings.PUBLIC_URL,) if kind == "products" else ()


def _entry(path: str, changed: datetime, pictures: list[str]) -> str:
    when = changed.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return f"<url><loc>{_address(path)}</loc><lastmod>{when}</lastmod>{''.join(pictures)}</url>\n"


def _pictures(page: str | None) -> list[str]:
    """Each picture of a product's page with its tags."""
    urls = dict.fromkeys(largest(picture) for picture in orjson.loads(page).get("images", ())) if page else {}
    told = [f"<image:image><image:loc>{_escaped(url)}</image:loc></image:image>" for url in urls if url]
    return [picture for picture in told if len(picture.encode()) <= _PICTURE][: LIMITS.pictures]


def _most_bytes(slug: str, pictures: int) -> int:
    """No entry of such a slug is larger: a byte becomes three at most (%C3)."""
    return _ENTRY + len(_address("").encode()) + 3 * len(slug) + _PICTURE * pictures


def _address(path: str) -> str:
    return _escaped(settings.PUBLIC_URL + path)


def _escaped(url: str) -> str:
    return escape(url, {"'": "&apos;", '"': "&quot;"})
