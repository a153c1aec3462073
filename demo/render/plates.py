"""The eight plates: one wall, one floor, one light, one juice for each hour (`plates.json`)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from demo.render.colour import Floats, luminance, parse_oklch


@dataclass(frozen=True)
class Plate:
    """A perfume's colours, in linear sRGB, and the shape of its light.

    `moon` is the lit part of the stopper's crescent, 0..1. `gobo` is what stands between the
    lamp and the wall: window, leaf, blinds, lattice, curtain or door.
    """

    slug: str
    hour: str
    name: str
    wall: Floats
    wall2: Floats
    floor: Floats
    lit: Floats
    on: Floats
    juice: Floats
    juice_lit: Floats
    label: Floats
    gobo: str
    moon: float

    @property
    def dark(self) -> bool:
        """Whether the wall is a night wall: light is then added to it, by day it is taken away."""
        return float(luminance(self.wall)) < 0.18


def load() -> dict[str, Plate]:
    """All plates by slug, in the order of the night."""
    raw = json.loads((Path(__file__).parent / "plates.json").read_text(encoding="utf-8"))
    colours = ("wall", "wall2", "floor", "lit", "on", "juice", "juice_lit", "label")
    return {
        slug: Plate(
            slug=slug,
            hour=values["hour"],
            name=values["name"],
            gobo=values["gobo"],
            moon=values["moon"],
            **{name: parse_oklch(values[name]) for name in colours},
        )
        for slug, values in raw.items()
    }
