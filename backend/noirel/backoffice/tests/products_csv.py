"""Bringing files in and taking them out, as the worker does, without HTTP."""

from django.db import connection

from noirel.backoffice.exports import lifecycle as exports
from noirel.backoffice.exports.run import run as run_export
from noirel.backoffice.files import read_parts
from noirel.backoffice.imports import lifecycle as imports
from noirel.backoffice.imports.run import run as run_import
from noirel.backoffice.models import Export, Import
from noirel.core.viewer import SYSTEM


def bring_in(content: bytes, *, currency: str = "INR", is_dry_run: bool = False) -> Import:
    job = imports.create_import(actor=SYSTEM, name="products.csv", pieces=[content], currency=currency, is_dry_run=is_dry_run)
    run_import(job.pk, actor=SYSTEM)
    job.refresh_from_db()
    assert job.status == Import.Status.DONE, job.problem
    return job


def take_out(*, currency: str = "INR", for_spreadsheets: bool = False) -> bytes:
    job = exports.request_export(actor=SYSTEM, currency=currency, is_spreadsheet_safe=for_spreadsheets)
    run_export(job.pk, actor=SYSTEM)
    job.refresh_from_db()
    assert job.status == Export.Status.DONE, job.problem
    assert job.file is not None
    return b"".join(read_parts(job.file.pk))


def empty_the_shop() -> None:
    """No product, and nothing that an import would have left behind."""
    tables = "catalog_product, catalog_category, catalog_attribute, content_mediaasset, backoffice_metafieldcolumn"
    with connection.cursor() as cursor:
        # Inside a test's transaction the foreign keys have to be looked at before.
        cursor.execute(f"SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE {tables} CASCADE; SET CONSTRAINTS ALL DEFERRED")


def findings(job: Import, *, fatal: bool | None = None) -> list[tuple[int, str, str]]:
    rows = job.findings.order_by("row", "pk")
    return list((rows if fatal is None else rows.filter(is_fatal=fatal)).values_list("row", "column", "message"))
