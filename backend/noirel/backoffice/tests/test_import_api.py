"""Imports and exports as staff see them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from noirel.backoffice import jobs
from noirel.backoffice.models import Import, StoredFile
from noirel.catalog.models import Product
from noirel.core.models import AuditEntry
from tests.client import Client

pytestmark = pytest.mark.django_db
FILE = b"Handle,Title,Variant Price,Wind\nhat,Hat,12.50,west\nscarf,Scarf,dear,\n=glove,Glove,1.234,\n"


def handed_in(client: Client, content: bytes = FILE, **fields: Any) -> Any:
    file = SimpleUploadedFile("products.csv", content, content_type="text/csv")
    return client.post("admin/imports", {"file": file, "currency": "INR"} | fields, format="multipart")


def test_a_file_is_tried_looked_at_and_then_run(staff: Client) -> None:
    tried = handed_in(staff, dry_run="true")
    assert tried.status_code == 201, tried.content
    job = tried.json()
    assert (job["status"], job["dry_run"], job["file"]["name"]) == ("queued", True, "products.csv")
    assert [(c["header"], c["meaning"], c["name"]) for c in job["columns"]] == [
        ("Handle", "known", "Handle"), ("Title", "known", "Title"), ("Variant Price", "known", "Variant Price"),
        ("Wind", "unknown", ""),
    ]  # fmt: skip
    assert job["preview"][0] == ["hat", "Hat", "12.50", "west"]
    jobs.run_imports()
    job = staff.get(f"admin/imports/{job['id']}").json()
    assert (job["status"], job["products_done"], job["products_total"]) == ("done", 3, 3)
    assert (job["counts"]["products_created"], job["counts"]["products_refused"]) == (1, 2)
    assert not Product.objects.exists()
    real = staff.post(f"admin/imports/{job['id']}/run")
    assert real.status_code == 201, real.content
    jobs.run_imports()
    assert [p.slug for p in Product.objects.all()] == ["hat"]
    assert staff.get("admin/imports").json()["total"] == 2
    assert staff.post(f"admin/imports/{real.json()['id']}/run").json()["code"] == "import_started"


def test_errors_name_row_and_column_and_come_as_a_file_too(staff: Client) -> None:
    job = handed_in(staff).json()
    jobs.run_imports()
    errors = staff.get(f"admin/imports/{job['id']}/findings?level=error").json()["results"]
    assert [(e["row"], e["column"], e["handle"], e["message"]) for e in errors] == [
        (3, "Variant Price", "scarf", "'dear' is not a price. Enter a number like 1200.00."),
        (4, "Variant Price", "=glove", "'1.234' has more decimals than INR."),
    ]
    file: Any = staff.get(f"admin/imports/{job['id']}/findings.csv?level=error")
    assert file["Content-Type"] == "text/csv; charset=utf-8"
    lines = b"".join(file.streaming_content).decode().splitlines()
    assert lines[0] == "Row,Column,Handle,Level,Message"
    assert lines[2].startswith("4,Variant Price,'=glove,error,")
    assert staff.get(f"admin/imports/{job['id']}/findings?level=bad").status_code == 400


def test_the_currency_is_asked_for_and_what_is_no_product_file_is_refused(staff: Client) -> None:
    file = SimpleUploadedFile("products.csv", FILE)
    missing = staff.post("admin/imports", {"file": file}, format="multipart")
    assert (missing.status_code, missing.json()["errors"][0]["field"]) == (400, "currency")
    for currency in ("XYZ", "XXX", "XAU"):
        assert handed_in(staff, currency=currency).json()["errors"][0]["field"] == "currency"
    for content, currency in ((FILE, "rupees"), (b"a,b\n1,2\n", "INR"), (b"\x89PNG\r\n\x1a\n\x00\x00", "INR")):
        assert handed_in(staff, content, currency=currency).status_code == 400
    for currency in ("XYZ", "XXX", "inr"):
        refused = staff.post("admin/exports", {"currency": currency})
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "currency")
    assert not Import.objects.exists()
    assert not StoredFile.objects.exists()


def test_a_cancelled_import_writes_nothing_more(staff: Client) -> None:
    job = handed_in(staff).json()
    assert staff.post(f"admin/imports/{job['id']}/cancel").json()["is_cancel_asked"] is True
    jobs.run_imports()
    assert staff.get(f"admin/imports/{job['id']}").json()["status"] == "cancelled"
    assert not Product.objects.exists()
    assert staff.post(f"admin/imports/{job['id']}/cancel").status_code == 409


def test_an_export_is_written_by_the_worker_and_fetched(staff: Client) -> None:
    handed_in(staff)
    jobs.run_imports()
    job = staff.post("admin/exports", {"currency": "INR"}).json()
    assert staff.get(f"admin/exports/{job['id']}/file").status_code == 404
    jobs.run_exports()
    job = staff.get(f"admin/exports/{job['id']}").json()
    assert (job["status"], job["rows_written"], job["left_out"]) == ("done", 1, 0)
    file: Any = staff.get(f"admin/exports/{job['id']}/file")
    content = b"".join(file.streaming_content)
    assert len(content) == job["file"]["bytes"] == int(file["Content-Length"])
    assert content.startswith(b"Handle,Title,")
    other = staff.post("admin/exports", {"currency": "EUR"}).json()
    jobs.run_exports()
    assert staff.get(f"admin/exports/{other['id']}").json()["left_out"] == 1


def test_who_may_not_edit_products_may_neither_import_nor_export(staff_as: Callable[[str], Client]) -> None:
    packer = staff_as("packer")
    assert handed_in(packer).status_code == 403
    assert packer.post("admin/exports", {"currency": "INR"}).status_code == 403
    assert packer.get("admin/imports").status_code == 403


def test_who_imported_and_exported_is_in_the_audit_log(staff: Client) -> None:
    handed_in(staff)
    jobs.run_imports()
    staff.post("admin/exports", {"currency": "INR"})
    jobs.run_exports()
    assert staff.user
    actions = set(AuditEntry.objects.filter(actor=staff.user.email).values_list("action", flat=True))
    assert {"imports.start", "imports.done", "products.import_created", "exports.start", "exports.done"} <= actions
