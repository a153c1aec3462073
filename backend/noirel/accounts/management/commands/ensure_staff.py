"""`manage.py ensure_staff`: the demo owner, or any member of staff."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from noirel.accounts.permissions import ROLES
from noirel.accounts.services.staff import ensure_staff


class Command(BaseCommand):
    help = "Make sure that a member of staff exists; the password comes from DEMO_STAFF_PASSWORD (or its _FILE)."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--email", default="owner@noirel.example")
        parser.add_argument("--name", default="The owner")
        parser.add_argument("--role", default="owner", choices=sorted(ROLES))

    def handle(self, *args: Any, **options: Any) -> None:
        password = settings.DEMO_STAFF_PASSWORD
        if not password:
            raise CommandError("DEMO_STAFF_PASSWORD is not set.")
        is_new = ensure_staff(email=options["email"], password=password, role=options["role"], name=options["name"])
        self.stdout.write(f"{options['email']} {'joined' if is_new else 'is here'} as {options['role']}")
