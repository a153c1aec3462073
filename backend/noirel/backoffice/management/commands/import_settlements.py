"""manage.py import_settlements --from 2026-11-01 --to 2026-11-30: takes in what was paid to our bank. Safe to repeat."""

import argparse
from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from noirel.backoffice.models import SettlementLine
from noirel.backoffice.reconciliation.settlements import at_midnight, import_settlements
from noirel.core.domain.errors import ShopError
from noirel.core.shop_time import shop_today


class Command(BaseCommand):
    help = "Take in the gateway's settlements of these days and match their lines with what we know."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        today = shop_today()
        parser.add_argument("--from", dest="first", type=date.fromisoformat, default=today - timedelta(days=7))
        parser.add_argument("--to", dest="last", type=date.fromisoformat, default=today)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            made = import_settlements(at_midnight(options["first"]), at_midnight(options["last"] + timedelta(days=1)))
        except ShopError as error:
            raise CommandError(f"{error.title}: {error.detail}") from error
        unmatched = SettlementLine.objects.exclude(problem="").count()
        self.stdout.write(f"{made} new settlements; {unmatched} lines in all do not match.")
