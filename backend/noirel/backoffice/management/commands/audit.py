"""manage.py audit: proves every invariant of stock and money from the raw rows; exits 1 and names rows that break one."""

import argparse
import json
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from noirel.backoffice.audit import compare_with_gateway, run_checks
from noirel.backoffice.audit.checks import CHECKS

UNTIL = timedelta(minutes=1)  # ago: what is younger may be under way


class Command(BaseCommand):
    help = "Prove that stock, orders, payments and books agree, and that nobody edited their history."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="findings as JSON, for programs")
        parser.add_argument("--gateway", action="store_true", help="ask the gateway about its payments as well")
        parser.add_argument("--days", type=int, default=7, help="of the gateway's payments, until a minute ago")
        parser.add_argument("--busy", action="store_true", help="leave out what only holds when nothing is under way")

    def handle(self, *args: Any, **options: Any) -> None:
        findings = run_checks(at_rest=not options["busy"])
        if options["gateway"]:
            end = timezone.now() - UNTIL
            findings += compare_with_gateway(end - timedelta(days=options["days"]), end)
        if options["json"]:
            self.stdout.write(json.dumps([asdict(finding) for finding in findings]))
        else:
            says = {check.name: check.description for check in CHECKS}
            for finding in findings:
                self.stdout.write(f"{finding.check}  {finding.subject}: {finding.detail}  ({says.get(finding.check, '')})")
            self.stdout.write(f"{len(findings)} findings." if findings else "Everything holds.")
        if findings:
            raise SystemExit(1)
