"""manage.py seed_demo: the demo house's catalogue, pictures, stock and first member of staff. Safe to repeat."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from noirel.backoffice.demo import is_seeded, seed

DEMO = Path(__file__).resolve().parents[5] / "demo"


class Command(BaseCommand):
    help = "Make the demo house: its catalogue, pictures, stock and owner (DEMO_STAFF_PASSWORD). Safe to repeat."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--folder", type=Path, default=DEMO, help="where catalogue.json and pictures/ are")

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"]
        catalogue = json.loads((folder / "catalogue.json").read_text(encoding="utf-8"))
        if is_seeded(catalogue):
            self.stdout.write("the demo catalogue is here")
        else:
            manifest = folder / "pictures" / "manifest.json"
            pictures = json.loads(manifest.read_text(encoding="utf-8"))["pictures"]
            count = seed(catalogue, pictures, root=manifest.parent)
            self.stdout.write(f"{count} products and {len(pictures)} pictures are on the shelf")
        if settings.DEMO_STAFF_PASSWORD:
            call_command("ensure_staff", name="Ira Menon", stdout=self.stdout)
            for role in settings.DEMO_STAFF_ROLES:
                email = f"{role}@noirel.example"
                call_command("ensure_staff", email=email, role=role, name=f"The {role}", stdout=self.stdout)
