"""manage.py import_shopify FILE --currency INR: brings a Shopify product file into the shop. Safe to repeat."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from noirel.backoffice.files import PART_BYTES
from noirel.backoffice.imports.lifecycle import create_import
from noirel.backoffice.imports.run import run
from noirel.backoffice.models import Import
from noirel.core.domain.errors import Invalid
from noirel.core.domain.money import is_currency
from noirel.core.viewer import SYSTEM

COUNTS = (
    "products_created", "products_changed", "products_unchanged", "products_refused", "variants_created",
    "variants_changed", "variants_unchanged", "images_found",
)  # fmt: skip


class Command(BaseCommand):
    help = "Bring a Shopify product file (CSV, either header) into the shop. Running it again changes what the file changed."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--currency", required=True, help="of the prices; the file doesn't say")
        parser.add_argument("--tax-bps", type=int, default=1800, help="tax included in new variants' prices, basis points")
        parser.add_argument("--dry-run", action="store_true", help="tell what it would do, and do nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        if not is_currency(options["currency"]):
            raise CommandError(f"{options['currency']!r} is not a currency code like INR.")
        try:
            job = create_import(
                actor=SYSTEM,
                name=path.name,
                pieces=_pieces(path),
                currency=options["currency"],
                tax_rate_bps=options["tax_bps"],
                is_dry_run=options["dry_run"],
            )
        except OSError as problem:
            raise CommandError(f"{path} can't be read: {problem.strerror}.") from None
        except Invalid as refused:
            raise CommandError(f"{path.name}: {refused.errors[0].message}") from None
        run(job.pk, actor=SYSTEM)
        job.refresh_from_db()
        for finding in job.findings.order_by("row", "pk").iterator():
            level = "error" if finding.is_fatal else "note"
            where = (f"row {finding.row}" if finding.row else "header", finding.column, finding.handle)
            self.stdout.write(f"{level}: {', '.join(part for part in where if part)}: {finding.message}")
        if job.status != Import.Status.DONE:
            raise CommandError(f"{path.name}: {job.problem or job.status}")
        self.stdout.write(f"{job.rows_read} rows read from {path.name} ({job.encoding}), prices in {job.currency}")
        for name in COUNTS:
            self.stdout.write(f"{job.counts.get(name, 0):>6}  {name.replace('_', ' ')}")


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(PART_BYTES):
            yield piece
