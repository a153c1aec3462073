"""`python -m demo.render`: make the pictures of the demo house and their manifest.

python -m demo.render                     everything, a few minutes
python -m demo.render --only encre        one product; the rest of the manifest is kept
python -m demo.render --icons             the brand's icons for the storefront
"""

from __future__ import annotations

import argparse
import json
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from demo.render import icons, plates
from demo.render.files import write
from demo.render.views import shots

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "demo" / "pictures"
PUBLIC = ROOT / "web" / "storefront" / "public"


def _make(index: int) -> dict[str, object]:
    return write(shots(plates.load())[index], PICTURES)


def main() -> None:
    """Command line."""
    options = argparse.ArgumentParser(prog="python -m demo.render")
    options.add_argument("--only", action="append", default=[], metavar="SLUG[/NAME]")
    options.add_argument("--jobs", type=int, default=2)
    options.add_argument("--icons", action="store_true")
    chosen = options.parse_args()
    if chosen.icons:
        icons.write(PUBLIC)
        return
    house = shots(plates.load())
    wanted = [
        index
        for index, shot in enumerate(house)
        if not chosen.only or shot.product in chosen.only or f"{shot.product}/{shot.name}" in chosen.only
    ]
    manifest = PICTURES / "manifest.json"
    entries: dict[tuple[object, object], dict[str, object]] = {}
    if chosen.only and manifest.exists():
        kept = json.loads(manifest.read_text(encoding="utf-8"))["pictures"]
        entries = {(entry["product"], entry["name"]): entry for entry in kept}
    with ProcessPoolExecutor(max_workers=chosen.jobs) as pool:
        for entry in pool.map(_make, wanted):
            entries[entry["product"], entry["name"]] = entry
            sys.stdout.write(f"{entry['product']}/{entry['name']}\n")
    order = [(shot.product, shot.name) for shot in house]
    pictures = [entries[key] for key in order if key in entries]
    manifest.write_text(json.dumps({"pictures": pictures}, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
