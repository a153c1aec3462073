"""manage.py import_shopify FILE --currency INR: brings a Shopify product export into the shop. Safe to repeat."""

import argparse
import csv
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from rich.console import Console
from rich.progress import Progress

from noirel.backoffice.imports import shopify
from noirel.backoffice.imports.bring_in import Importer
from noirel.core.errors import ShopError
from noirel.core.money import is_currency
from noirel.core.viewer import SYSTEM

_COUNTS = (
    "products_created", "products_changed", "products_unchanged", "products_refused", "variants_created",
    "variants_changed", "variants_unchanged", "images_found", "images_stored", "images_unreachable",
)  # fmt: skip


class Command(BaseCommand):
    help = "Bring a Shopify product export (CSV, either header) into the shop. Running it again changes what the file changed."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--currency", default=settings.SHOP_CURRENCY, help="of the prices; the file doesn't say")
        parser.add_argument("--tax-bps", type=int, default=1800, help="tax included in new variants' prices, basis points")
        parser.add_argument("--no-pictures", action="store_true", help="don't fetch the pictures")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        if not is_currency(options["currency"]):
            raise CommandError(f"{options['currency']!r} is not a currency code like INR.")
        try:
            text, encoding = shopify.decode(path.read_bytes())
            file = shopify.read(text)
        except OSError as problem:
            raise CommandError(f"{path} can't be read: {problem.strerror}.") from None
        except (shopify.NotShopify, csv.Error) as problem:
            raise CommandError(f"{path.name}: {problem}") from None
        importer = Importer(
            currency=options["currency"],
            actor=SYSTEM,
            tax_rate_bps=options["tax_bps"],
            with_pictures=not options["no_pictures"],
        )
        report = importer.report
        report.findings += file.findings
        # On a terminal a bar, in a log nothing but the result.
        with Progress(console=Console(stderr=True), disable=not self.stderr.isatty(), transient=True) as progress:
            task = progress.add_task(path.name, total=len(file.groups))
            for handle, draft, findings in file.drafts(options["currency"]):
                progress.advance(task)
                if draft is None:
                    importer.refuse(findings)
                    continue
                report.findings += findings
                try:
                    importer.bring_in(draft)
                except (ShopError, DatabaseError) as problem:
                    importer.refuse([shopify.Finding(draft.row, "", str(problem).splitlines()[0], handle)])
        for finding in report.findings:
            level = "error" if finding.is_fatal else "note"
            where = (f"row {finding.row}" if finding.row else "header", finding.column, finding.handle)
            place = ", ".join(part for part in where if part)
            self.stdout.write(f"{level}: {place}: {finding.message}")
        self.stdout.write(f"{file.rows_read} rows read from {path.name} ({encoding}), prices in {options['currency']}")
        for name in _COUNTS:
            self.stdout.write(f"{report.counts[name]:>6}  {name.replace('_', ' ')}")
