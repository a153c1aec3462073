"""`manage.py ensure_staff`: the demo owner, or any member of staff."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from noirel.accounts.permissions import ROLES
from noirel.accounts.services.staff import ensure_staff
from noirel.core.domain.errors import Invalid


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
        try:
            is_new = ensure_staff(email=options["email"], password=password, role=options["role"], name=options["name"])
        except Invalid as refused:
            raise ImproperlyConfigured(
                f"DEMO_STAFF_PASSWORD can't be used: {' '.join(error.message for error in refused.errors)}"
            ) from None
        self.stdout.write(f"{options['email']} {'joined' if is_new else 'is here'} as {options['role']}")
