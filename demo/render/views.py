"""What is photographed: four views and a cut-out of each flacon, the discovery set, the cellar."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from demo.render.colour import Floats, encode, hexadecimal, parse_oklch
from demo.render.draw import bell, curve, mix, rounded, smooth, soften, type_mask
from demo.render.flacon import (
    HEIGHT,
    WIDTH,
    Place,
    flacon,
    key_light,
    reflection,
    shadow,
    vial,
)
from demo.render.plates import Plate
from demo.render.stage import grain, stage

UNIT = 0.66 / HEIGHT
"""Size of one drawing unit in the whole view, as a part of the picture's height."""
STANDS = 0.89
"""Where the drawing's lower edge stands: 11 % margin below."""
INITIALS = {
    "premier-soir": "L. M.",
    "sel-dambre": "I. S.",
    "encre": "A. R.",
    "rose-eteinte": "N. & V.",
    "deux-minutes": "T. K.",
    "velours": "M. D.",
    "cendre": "J. B.",
    "aube-nue": "R. & O.",
}
INK = parse_oklch("oklch(.205 .020 310)")
IVORY = parse_oklch("oklch(.955 .010 95)")
SIZES = (("100 ml", 1.0, 0.275), ("50 ml", 0.794, 0.545), ("10 ml", 0.464, 0.755))
"""The three flacons: volume, size relative to the largest (cube root), middle in the picture."""


@dataclass(frozen=True)
class Shot:
    """One picture to make. `ratio` is height over width; `alpha` marks a cut-out."""

    product: str
    view: str
    name: str
    alt: str
    ground: str
    ratio: float
    alpha: bool
    draw: Callable[[int], Floats]


def whole(plate: Plate, width: int) -> Floats:
    """The flacon on its floor, in its light."""
    height = width * 5 // 4
    image = stage(plate, width, height)
    scale = UNIT * height
    place = Place(width / 2 - 160 * scale, STANDS * height - HEIGHT * scale, scale)
    shadow(image, plate, place)
    flacon(image, plate, place)
    reflection(image, plate, place)
    return image


def _close(
    plate: Plate, width: int, *, unit: float, at: tuple[float, float], middle: tuple[float, float]
) -> tuple[Floats, Place]:
    """The same stage seen nearer: drawing point `at` comes to `middle` of the picture."""
    height = width * 5 // 4
    zoom = unit / UNIT
    left, top = middle[0] * width / height, middle[1]
    centre = (at[0] + (0.4 - left) / unit, at[1] + (0.5 - top) / unit)
    shift = ((centre[0] - 160) * UNIT / 0.8, STANDS - (HEIGHT - centre[1]) * UNIT - 0.5)
    horizon = 0.5 + (0.74 - shift[1] - 0.5) * zoom
    image = stage(plate, width, height, zoom=zoom, shift=shift, horizon=min(horizon, 1.5), softness=1.4)
    scale = unit * height
    return soften(image, width / 260), Place(middle[0] * width - at[0] * scale, middle[1] * height - at[1] * scale, scale)


def stopper(plate: Plate, width: int) -> Floats:
    """Close on the moon."""
    image, place = _close(plate, width, unit=0.0027, at=(160, 100), middle=(0.53, 0.44))
    flacon(image, plate, place)
    return image


def engraving(plate: Plate, width: int) -> Floats:
    """Close on the glass, initials cut into it."""
    image, place = _close(plate, width, unit=0.0034, at=(172, 420), middle=(0.5, 0.5))
    shadow(image, plate, place)
    flacon(image, plate, place, engraving=INITIALS[plate.slug])
    reflection(image, plate, place)
    return image


def scale(plate: Plate, width: int) -> Floats:
    """The three flacons side by side at their true relative size, with much wall."""
    height = width * 5 // 4
    image = stage(plate, width, height)
    places = []
    for volume, size, middle in SIZES:
        unit = 0.47 / HEIGHT * size * height
        places.append((volume, Place(middle * width - 160 * unit, 0.868 * height - 542 * unit, unit)))
    for _, place in places:
        shadow(image, plate, place)
    for volume, place in places:
        flacon(image, plate, place, volume=volume)
        reflection(image, plate, place)
    return image


def cutout(plate: Plate, width: int) -> Floats:
    """The flacon alone, 320:560, in display values with straight alpha as a fourth channel.

    Glass has no colour of its own: it is drawn on two grounds, and what it lets through is read
    from the difference.
    """
    height = width * HEIGHT // WIDTH
    place = Place(0, 0, width / WIDTH)
    grounds = [plate.wall * 0.6, plate.lit]
    seen = []
    for ground in grounds:
        image = np.broadcast_to(ground, (height, width, 3)).astype(np.float32).copy()
        flacon(image, plate, place)
        seen.append(encode(image))
    one, two = (encode(ground) for ground in grounds)
    alpha = 1 - ((seen[1] - seen[0]) / (two - one)).mean(axis=-1)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) / place.scale
    body = np.minimum(rounded(x, y, (34, 180, 286, 542), 24), np.hypot(x - 160, y - 100) - 86)
    alpha = np.where(body < 2 / place.scale, np.clip(alpha, 0, 1), 0)
    colour = (seen[0] - (1 - alpha[..., None]) * one) / np.maximum(alpha, 0.02)[..., None]
    colour = np.clip(colour, 0, 1)
    contact = np.exp(-(((x - 160) / 128) ** 6) - ((y - 542.5) / 5) ** 2) * 0.62
    contact *= smooth(560, 552, y)
    total = alpha + contact * (1 - alpha)
    colour = colour * (alpha / np.maximum(total, 1e-3))[..., None]
    return np.dstack([np.clip(colour, 0, 1), total]).astype(np.float32)


def _set_stage(plates: dict[str, Plate], width: int, zoom: float, shift: tuple[float, float]) -> tuple[Floats, Plate]:
    dusk = replace(
        plates["encre"],
        slug="discovery-set",
        wall=parse_oklch("oklch(.30 .03 300)"),
        wall2=parse_oklch("oklch(.52 .045 320)"),
        floor=parse_oklch("oklch(.34 .03 305)"),
        lit=parse_oklch("oklch(.50 .05 310)"),
        gobo="door",
    )
    height = width * 5 // 4
    horizon = 0.5 + (0.74 - shift[1] - 0.5) * zoom
    return stage(dusk, width, height, zoom=zoom, shift=shift, horizon=horizon), dusk


def discovery(plates: dict[str, Plate], width: int, *, near: bool = False) -> Floats:
    """Eight vials in a box, in the order of the night."""
    zoom, shift = (2.3, (-0.09, 0.19)) if near else (1.0, (0.0, 0.0))
    image, dusk = _set_stage(plates, width, zoom, shift)
    height = width * 5 // 4
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    # the set is drawn in a frame 800 wide and 1000 high
    x = ((x / width - 0.5) / zoom + 0.5 + shift[0]) * 800
    y = ((y / height - 0.5) / zoom + 0.5 + shift[1]) * 1000
    pixel = 800 / width / zoom
    key = key_light(dusk)

    def cover(box: tuple[float, float, float, float], radius: float) -> Floats:
        return np.asarray(np.clip(0.5 - rounded(x, y, box, radius) / pixel, 0, 1))

    fall = np.exp(-(((x - 430) / 330) ** 8) - ((y - 872) / 13) ** 2) * 0.85
    long = np.exp(-(((x - 560) / 300) ** 4) - ((y - 862) / 24) ** 2) * 0.55
    image *= ((1 - fall) * (1 - long))[..., None]
    # the lid stands behind, lined with ink paper
    lid = INK * (0.55 + 0.75 * smooth(760, 60, x))[..., None] * (0.7 + 0.5 * smooth(900, 380, y))[..., None]
    lid += (grain(width, height, 0.01 * zoom, 3) * 0.0012)[..., None]
    image = mix(image, lid, cover((92, 392, 708, 872), 3))
    edge = np.clip(1 - np.abs(rounded(x, y, (93, 393, 707, 880), 3)) / 1.3, 0, 1) * smooth(700, 640, y)
    image = image + (edge * 0.10 * smooth(760, 80, x))[..., None] * key
    inner = smooth(6, 0, np.abs(y - 700) - 60) * cover((100, 400, 700, 872), 2)
    image *= 1 - 0.35 * inner[..., None]
    mark = type_mask(
        (height, width),
        "NOIR’EL",
        at=(
            ((400 / 800 - shift[0] - 0.5) * zoom + 0.5) * width,
            ((462 / 1000 - shift[1] - 0.5) * zoom + 0.5) * height,
        ),
        size=34 * zoom * width / 800,
        weight=400,
        optical=40,
        tracking=9 * zoom * width / 800,
    )
    image = mix(image, IVORY * 0.72, mark)
    for index, plate in enumerate(plates.values()):
        unit = 0.93 * width / 800 * zoom
        middle = 137.0 + index * 75.2
        left = ((middle / 800 - shift[0] - 0.5) * zoom + 0.5) * width
        foot = ((846 / 1000 - shift[1] - 0.5) * zoom + 0.5) * height
        own = replace(plate, wall=INK, wall2=dusk.wall, floor=INK, lit=dusk.lit)
        vial(image, own, Place(left - 30 * unit, foot - 300 * unit, unit))
    # the box's front, with its lip
    front = INK * (1.1 + 1.5 * smooth(720, 60, x))[..., None] * curve(y, (770, 1.15), (872, 0.7))[..., None]
    front = front + (grain(width, height, 0.008 * zoom, 4) * 0.0016)[..., None]
    image *= (1 - 0.5 * bell(y, 768, 5) * cover((92, 740, 708, 800), 2))[..., None]
    image = mix(image, front, cover((86, 772, 714, 874), 3))
    for index, plate in enumerate(plates.values()):
        hour = type_mask(
            (height, width),
            plate.hour,
            at=(
                (((137 + index * 75.2) / 800 - shift[0] - 0.5) * zoom + 0.5) * width,
                ((833 / 1000 - shift[1] - 0.5) * zoom + 0.5) * height,
            ),
            size=23 * zoom * width / 800,
        )
        image = mix(image, IVORY * (0.62 - 0.045 * index), hour)
    lip = bell(y, 773.4, 1.0) * cover((86, 770, 714, 874), 3)
    image = image + (lip * (0.10 + 0.35 * smooth(560, 90, x)))[..., None] * key
    return np.asarray(image, dtype=np.float32)


def cellar(plates: dict[str, Plate], width: int) -> Floats:
    """Rows of flacons on dark shelves, one blade of light across them. 3:2."""
    height = width * 2 // 3
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    u, v = x / width, y / height
    night = replace(
        plates["encre"],
        wall=parse_oklch("oklch(.34 .022 290)"),
        wall2=parse_oklch("oklch(.42 .026 300)"),
        floor=parse_oklch("oklch(.30 .03 60)"),
        lit=parse_oklch("oklch(.74 .06 70)"),
    )
    image = mix(night.wall, night.wall2, v) * (1 + 0.05 * grain(width, height, 0.05, 21))[..., None]
    order = list(plates.values())
    boards = (0.325, 0.655, 0.985)
    for row, board in enumerate(boards):
        wood = night.floor * (0.75 + 0.25 * grain(width, height // 8 + 1, 0.02, 30 + row).mean(axis=0))[None, :, None]
        image = mix(
            image,
            wood * 1.2,
            smooth(board - 0.001, board + 0.001, v) * smooth(board + 0.021, board + 0.019, v),
        )
        image = mix(
            image,
            wood * 0.25,
            smooth(board + 0.020, board + 0.021, v) * smooth(board + 0.05, board + 0.028, v) * 0.9,
        )
        unit = 0.272 / 542 * height
        pitch = 300 * unit
        count = int(width / pitch) + 2
        offset = (-0.30, -0.62, -0.15)[row] * pitch
        for index in range(count):
            flavour = order[(index * 3 + row * 5) % len(order)]
            own = replace(flavour, wall=night.wall, wall2=night.wall2, floor=night.floor, lit=night.lit)
            place = Place(offset + index * pitch - 10 * unit, board * height - 542 * unit, unit)
            window = rounded(x / unit, y / unit, (
                (place.x + 40 * unit) / unit, (place.y + 534 * unit) / unit,
                (place.x + 300 * unit) / unit, (place.y + 548 * unit) / unit), 4)  # fmt: skip
            image *= 1 - 0.6 * smooth(6, -6, window)[..., None]
            flacon(image, own, place)
    along = u - 0.36 * (v - 0.5)
    blade = bell(along, 0.355, 0.060) + 0.30 * bell(along, 0.33, 0.17) + 0.16 * bell(along, 0.78, 0.05)
    lamp = 0.028 + 0.85 * blade * (1.05 - 0.35 * v)
    image = image * lamp[..., None] * np.array([1.06, 0.98, 0.88], dtype=np.float32)
    haze = soften(np.maximum(image - 0.06, 0), width / 60)
    return np.asarray(image + 0.22 * haze + blade[..., None] * 0.0045 * night.lit, dtype=np.float32)


_LIGHT = {
    "leaf": "a leaf’s shadow",
    "blinds": "bars of light from a blind",
    "window": "the light of a window",
    "lattice": "the stars of a pierced screen",
    "curtain": "folds of light through a curtain",
    "door": "a blade of light from a door",
}
_WALL = {
    "premier-soir": ("a pale rose wall", "sage green"),
    "sel-dambre": ("a terracotta wall", "amber"),
    "encre": ("a blue-black wall", "ink-blue"),
    "rose-eteinte": ("a dark red wall", "rose-red"),
    "deux-minutes": ("a brown-black wall", "burnt-orange"),
    "velours": ("a plum wall", "violet-pink"),
    "cendre": ("a grey-blue wall", "grey-green"),
    "aube-nue": ("a cream wall", "pale straw"),
}
_MOON = (
    (0.13, "a hair-thin crescent"),
    (0.22, "a thin crescent"),
    (0.30, "a crescent"),
    (0.45, "a broad crescent"),
    (1.00, "half a moon"),
)


def shots(plates: dict[str, Plate]) -> list[Shot]:
    """Every picture of the house, most wanted first."""

    def bound(draw: Callable[[Plate, int], Floats], plate: Plate) -> Callable[[int], Floats]:
        return lambda width: draw(plate, width)

    found = []
    for slug, plate in plates.items():
        wall, juice = _WALL[slug]
        light = _LIGHT[plate.gobo]
        moon = next(words for most, words in _MOON if plate.moon < most)
        ground = hexadecimal(plate.wall)
        alts = {
            "whole": f"A square glass flacon of {juice} perfume with a round black stopper, {light} on {wall} behind it.",
            "stopper": f"The black lacquered stopper seen close: {moon} of light on its left side, a brass collar "
            f"and clear glass below, before {wall}.",
            "engraving": f"The front of the glass seen close, the initials {INITIALS[slug]} cut above the thick base "
            f"and lit through {juice} perfume.",
            "scale": "Three flacons of 100, 50 and 10 ml side by side, the smallest less than half the height of the "
            f"largest, before {wall}.",
        }
        draws = {"whole": whole, "stopper": stopper, "engraving": engraving, "scale": scale}
        for view, draw in draws.items():
            alt = alts[view]
            found.append(Shot(slug, view, view, alt, ground, 1.25, False, bound(draw, plate)))
        found.append(
            Shot(
                slug, "cutout", "cutout",
                f"A square glass flacon of {juice} perfume, {plate.hour} printed on the glass, with a "
                f"round black stopper.",
                ground, HEIGHT / WIDTH, True, bound(cutout, plate),
            )
        )  # fmt: skip
    dusk = hexadecimal(parse_oklch("oklch(.30 .03 300)"))
    found += [
        Shot("discovery-set", "whole", "whole", "Eight slim vials, green to pale straw, stand in a "
             "row in an open black box.", dusk, 1.25, False, lambda width: discovery(plates, width)),
        Shot("discovery-set", "", "near", "Vials of amber, blue, rose and orange perfume seen close in their "
             "black box, a round black stopper on each.", dusk, 1.25, False,
             lambda width: discovery(plates, width, near=True)),
        Shot("journal-ten-weeks", "", "cellar", "Rows of flacons on dark shelves, a single blade of "
             "light falling across them.", "#0b090c", 2 / 3, False, lambda width: cellar(plates, width)),
    ]  # fmt: skip
    return found
