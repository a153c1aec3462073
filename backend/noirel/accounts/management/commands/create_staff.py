"""`manage.py create_staff`: the first member of staff of a new shop, or any other."""

import sys
from getpass import getpass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email

from noirel.accounts.errors import EmailTaken
from noirel.accounts.permissions import ROLES
from noirel.accounts.services.staff import create_staff
from noirel.core.domain.errors import Invalid


class Command(BaseCommand):
    help = (
        "Create the account of a member of staff, an owner unless --role says otherwise. The password is asked for twice, or"
        " read from standard input if that is no terminal; it must keep the rules of docs/sign-in.md."
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--email", required=True)
        parser.add_argument("--name", required=True)
        parser.add_argument("--role", default="owner", choices=sorted(ROLES))

    def handle(self, *args: Any, **options: Any) -> None:
        email, role = options["email"].strip(), options["role"]
        try:
            validate_email(email)
        except ValidationError:
            raise CommandError(f"{email} is no e-mail address.") from None
        try:
            create_staff(email=email, name=options["name"].strip(), password=_password(), role=role)
        except Invalid as refused:
            raise CommandError(f"The password was refused. {' '.join(error.message for error in refused.errors)}") from None
        except EmailTaken:
            raise CommandError(f"There is already an account for {email}. Give it a role in the admin, under Staff.") from None
        self.stdout.write(f"{email} can sign in at /admin, as {role}.")


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass("Password: ")
    if getpass("Password, again: ") != password:
        raise CommandError("The two passwords differ.")
    return password
