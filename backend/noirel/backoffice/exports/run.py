"""The catalogue to a file: one snapshot of it, one statement whose rows flow, a mebibyte in hand."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any
from urllib.parse import quote
from uuid import UUID

import orjson
import psycopg
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from psycopg.rows import dict_row

from noirel.backoffice.exports.layout import Layout
from noirel.backoffice.files import Writer
from noirel.backoffice.imports.columns import METAFIELD_NAMESPACE
from noirel.backoffice.models import Export, StoredFile
from noirel.content.selectors import media_url
from noirel.core import audit_log, jobs
from noirel.core.db import locks
from noirel.core.viewer import Viewer

BATCH = 500  # products between two looks at whether to go on
log = logging.getLogger("noirel.exports")

# A picture is told by the address it came from, else by its largest rendition that every program can show.
_PICTURE = """CASE WHEN a.source ~* '^https?://' THEN a.source ELSE '' END AS source,
    (SELECT r ->> 'path' FROM jsonb_array_elements(a.renditions) r
     ORDER BY r ->> 'format' IN ('jpeg', 'png') DESC, (r ->> 'width')::int DESC LIMIT 1) AS path"""
_PRODUCTS = f"""
SELECT p.slug, p.name, p.subtitle, p.story, p.vendor, p.status, p.is_listed, p.category_id, p.seo_title, p.seo_description,
    p.seo_canonical, p.published_at, p.unpublish_at, p.attributes::text, p.options::text, p.tags::text,
    (SELECT jsonb_agg(to_jsonb(row) ORDER BY row.position, row.id) FROM (
        SELECT v.id, v.position, v.sku, v.title, v.options, v.price_amount, v.compare_at_amount, v.weight_grams, v.barcode,
            v.tax_rate_bps, coalesce(s.on_hand, 0) AS on_hand, coalesce(s.is_tracked, true) AS is_tracked,
            coalesce(s.policy, 'deny') AS policy, k.cells AS kept, {_PICTURE}
        FROM catalog_variant v LEFT JOIN inventory_stockitem s ON s.variant_id = v.id
        LEFT JOIN backoffice_keptcells k ON k.variant_id = v.id LEFT JOIN content_mediaasset a ON a.id = v.picture_id
        WHERE v.product_id = p.id AND v.archived_at IS NULL AND v.currency = %(currency)s) row)::text AS variants,
    (SELECT jsonb_agg(to_jsonb(row) ORDER BY row.position, row.id) FROM (
        SELECT i.id, i.position, coalesce(nullif(i.alt, ''), a.alt) AS alt, {_PICTURE}
        FROM catalog_productpicture i JOIN content_mediaasset a ON a.id = i.asset_id
        WHERE i.product_id = p.id) row)::text AS images
FROM catalog_product p ORDER BY p.id
"""


class Stopped(Exception):
    """Staff cancelled it."""


class Interrupted(Exception):
    """This process is to end; the export is made anew by the next."""


def run(export_id: UUID, *, actor: Viewer) -> None:
    """Write the file, or stop where this process is asked to. What a killed process began is thrown away."""
    with locks.session_lock(f"export:{export_id}", wait_ms=0) as is_ours:
        job = Export.objects.get(pk=export_id)
        if not is_ours or job.status not in {Export.Status.QUEUED, Export.Status.RUNNING}:
            return
        if job.file:
            job.file.delete()
        name = f"products-{timezone.now():%Y-%m-%d}-{job.currency}.csv"
        job.file = StoredFile.objects.create(name=name)
        job.status, job.started_at = Export.Status.RUNNING, job.started_at or timezone.now()
        job.products_done = job.rows_written = job.left_out = 0
        job.save()
        try:
            _write(job, job.file)
        except Interrupted:
            return
        except Stopped:
            _finish(job, Export.Status.CANCELLED, actor)
        except (DatabaseError, psycopg.OperationalError):
            raise  # made anew when the database is back
        except Exception as error:
            log.exception("export %s failed", job.pk)
            _finish(job, Export.Status.FAILED, actor, f"{type(error).__name__}: {error}")
        else:
            _finish(job, Export.Status.DONE, actor)


def _finish(job: Export, status: str, actor: Viewer, problem: str = "") -> None:
    with transaction.atomic():
        job.status, job.problem, job.finished_at = status, problem[:500], timezone.now()
        job.save()
        audit_log.record(actor=actor, action=f"exports.{status}", target=f"export:{job.pk}", after={"rows": job.rows_written})


def _write(job: Export, file: StoredFile) -> None:
    writer = Writer(file)
    with _snapshot() as reader:
        layout = _layout(reader, job)
        trails = _category_paths(reader)
        job.products_total = _rows(reader, "SELECT count(*) AS count FROM catalog_product")[0]["count"]
        writer.write(layout.header().encode())
        with reader.cursor(name="products", row_factory=dict_row) as cursor:
            cursor.itersize = 200
            for number, row in enumerate(cursor.execute(_PRODUCTS, {"currency": job.currency}), start=1):
                product = _product(row)
                if product["variants"]:
                    lines = list(layout.records(product, trails.get(product["category_id"], [])))
                    writer.write("".join(lines).encode())
                    job.rows_written += len(lines)
                else:
                    job.left_out += 1
                job.products_done = number
                if number % BATCH == 0:
                    _check(job)
    writer.close()


def _check(job: Export) -> None:
    if jobs.stopping.is_set():
        raise Interrupted
    job.save(update_fields=["products_done", "products_total", "rows_written", "left_out"])
    if Export.objects.filter(pk=job.pk, is_cancel_asked=True).exists():
        raise Stopped


@contextmanager
def _snapshot() -> Iterator[psycopg.Connection[Any]]:
    """A connection of its own, on the catalogue as it is now: what is written meanwhile is not in the file.

    Inside a transaction it is that one's, and the file is of what it sees.
    """
    if connection.in_atomic_block:
        yield connection.connection
        return
    parameters = connection.get_connection_params()
    own = {name: value for name, value in parameters.items() if name not in {"cursor_factory", "context", "prepare_threshold"}}
    with psycopg.connect(**own) as reader:
        reader.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield reader


def _rows(reader: psycopg.Connection[Any], statement: str) -> list[dict[str, Any]]:
    with reader.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement.encode()).fetchall()


def _layout(reader: psycopg.Connection[Any], job: Export) -> Layout:
    values = partial(_rows, reader)
    headers = {row["attribute"]: row["header"] for row in values("SELECT attribute, header FROM backoffice_metafieldcolumn")}
    known = {row["name"]: row for row in values("SELECT name, label, type FROM catalog_attribute")}
    metafields: dict[str, tuple[str, str]] = {}
    for row in values("SELECT DISTINCT jsonb_object_keys(attributes) AS name FROM catalog_product"):
        name = row["name"]
        kind = known.get(name, {}).get("type", "json")
        label = " ".join(known.get(name, {}).get("label", name).split()) or name
        own = f"{label} (product.metafields.{METAFIELD_NAMESPACE}_{kind}.{name})"
        metafields[headers.get(name, own)] = (name, "" if name in headers else kind)
    kept = values("SELECT DISTINCT jsonb_object_keys(cells) AS header FROM backoffice_keptcells")
    count = values("SELECT coalesce(max(jsonb_array_length(options)), 0) AS count FROM catalog_product")[0]["count"]
    return Layout(job.currency, count, metafields, frozenset(row["header"] for row in kept), job.is_spreadsheet_safe)


def _category_paths(reader: psycopg.Connection[Any]) -> Mapping[int, list[str]]:
    rows = {row["id"]: row for row in _rows(reader, "SELECT id, name, parent_id FROM catalog_category")}
    trails: dict[int, list[str]] = {}
    for pk in rows:
        at: int | None = pk
        trail: list[str] = []
        while at is not None and len(trail) < len(rows):
            trail.insert(0, rows[at]["name"])
            at = rows[at]["parent_id"]
        trails[pk] = trail
    return trails


def _product(row: dict[str, Any]) -> dict[str, Any]:
    documents = ("attributes", "options", "tags", "variants", "images")
    product = row | {name: orjson.loads(row[name]) if row[name] else [] for name in documents}
    for variant in product["variants"]:
        variant["image"] = _address(variant)
    for image in product["images"]:
        image["url"] = _address(image)
    product["images"] = [image for image in product["images"] if image["url"]]
    return product


def _address(picture: Mapping[str, Any]) -> str:
    if picture["source"] or not picture["path"]:
        return str(picture["source"] or "")
    url = media_url(picture["path"])
    return url if url.startswith("http") else settings.PUBLIC_URL + quote(url)
