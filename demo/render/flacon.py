"""The flacon, in units of a 320 x 560 drawing: glass, juice, collar and the moon for a stopper.

The light comes from the left. Body: x 34..286, y 200..542. Stopper: a sphere of radius 86 about
(160, 100). Refraction is a look-up of what already stands behind, bent by the thickness of glass.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demo.render.colour import Floats, luminance, parse_oklch
from demo.render.draw import bell, blur, curve, mix, rounded, sample, smooth, type_mask
from demo.render.plates import Plate

WIDTH, HEIGHT = 320, 560
BODY = (34.0, 200.0, 286.0, 542.0)
CAVITY = (58.0, 222.0, 262.0, 502.0)
STOPPER = (160.0, 100.0, 86.0)
LEVEL = 268.0
BRASS = parse_oklch("oklch(.72 .085 84)")
WHITE = np.ones(3, dtype=np.float32)


@dataclass(frozen=True)
class Place:
    """Where a flacon stands: pixel of its drawing's top left corner, pixels per unit."""

    x: float
    y: float
    scale: float


def key_light(plate: Plate) -> Floats:
    """Colour of the lamp in reflections: the plate's light, made bright."""
    hue = plate.lit / max(float(plate.lit.max()), 1e-3)
    return np.asarray(0.35 * hue + 0.65, dtype=np.float32)


def _window(shape: tuple[int, ...], place: Place, box: tuple[float, float, float, float]) -> tuple[slice, slice] | None:
    """Pixels covered by `box` (units), cut to the picture; None when it is out of sight."""
    left = max(0, int(place.x + box[0] * place.scale))
    top = max(0, int(place.y + box[1] * place.scale))
    right = min(shape[1], int(place.x + box[2] * place.scale) + 1)
    bottom = min(shape[0], int(place.y + box[3] * place.scale) + 1)
    if right - left < 2 or bottom - top < 2:
        return None
    return slice(top, bottom), slice(left, right)


def _units(place: Place, window: tuple[slice, slice]) -> tuple[Floats, Floats]:
    rows, columns = window
    y, x = np.mgrid[rows, columns].astype(np.float32)
    return (x + 0.5 - place.x) / place.scale, (y + 0.5 - place.y) / place.scale


def shadow(image: Floats, plate: Plate, place: Place) -> None:
    """Shadow on the floor, falling right, with the juice's caustic inside. Changes `image`."""
    window = _window(image.shape, place, (-60, 440, 760, 620))
    if window is None:
        return
    x, y = _units(place, window)
    view = image[window]
    up = (549 - y) / 0.118
    across = x - 0.66 * up
    soft = 7 + 0.11 * np.maximum(up, 0)
    ground = smooth(-40, 30, up) * smooth(-6, 30, across + 0.66 * np.minimum(up, 0) + 4)

    def step(value: Floats) -> Floats:
        return np.asarray(1 / (1 + np.exp(-np.clip(2.2 * value / soft, -30, 30))), np.float32)

    body = step(across - 34) * step(286 - across) * step(342 - up) * ground
    juice = step(across - 60) * step(260 - across) * step(274 - up) * step(up - 38)
    ball = step(86 - np.hypot(across - 160, up - 442))
    strength = 0.62 if plate.dark else 0.54
    shade = np.maximum(body * (1 - 0.35 * juice), ball * 0.95) * strength
    shade *= smooth(760, 250, up)
    under = np.exp(-(((x - 166) / 140) ** 4) - ((y - 545) / 13) ** 2) * 0.62
    contact = np.exp(-(((x - 160) / 124) ** 8) - ((y - 541.5) / 3.2) ** 2) * 0.8
    keep = (1 - shade) * (1 - under) * (1 - contact)
    tint = 0.25 * plate.juice / max(float(plate.juice.max()), 1e-3) + 0.02
    view *= keep[..., None] + (1 - keep[..., None]) * tint * (0.14 if plate.dark else 0.5)

    wave = 9 * np.sin(up / 31) + 5 * np.sin(up / 13 + 1)
    focus = bell(across, 214, 58) * bell(up, 178, 62) * 0.62
    focus += bell(across + wave, 206, 10) * bell(up, 196, 74) * 0.55
    focus += bell(across - wave * 0.7 - 0.16 * up, 208, 7) * bell(up, 176, 60) * 0.70
    focus += bell(across + 0.22 * up, 300, 9) * bell(up, 190, 46) * 0.32
    focus += bell(up, 96, 20) * bell(across, 250, 50) * 0.40
    power = 1.15 if plate.dark else 0.50
    lamp = 0.35 + float(luminance(plate.lit))
    view += (focus * power * lamp)[..., None] * plate.juice_lit
    view *= 1 - 0.30 * np.clip(focus, 0, 1)[..., None] * (1 - plate.juice_lit)


class _Glass:
    """What is seen in and through the glass body, before its label: built up from the back."""

    def __init__(self, image: Floats, place: Place, plate: Plate, x: Floats, y: Floats) -> None:
        self.image, self.place, self.plate, self.x, self.y = image, place, plate, x, y
        self.key = key_light(plate)
        self.inside = -rounded(x, y, BODY, 24)
        step = 0.75
        self.nx = (rounded(x + step, y, BODY, 24) - rounded(x - step, y, BODY, 24)) / (2 * step)
        self.ny = (rounded(x, y + step, BODY, 24) - rounded(x, y - step, BODY, 24)) / (2 * step)
        self.flank = smooth(0.3, 0.9, np.abs(self.nx))
        self.hollow = rounded(x, y, CAVITY, 17)
        self.edge = np.minimum(x - CAVITY[0], CAVITY[2] - x)
        self.meniscus = LEVEL - 5.0 * np.exp(-np.maximum(self.edge, 0) / 5.0)
        self.pixel = 1 / place.scale

    def seen(self) -> Floats:
        through = self.shoulder(self.walls())
        through = self.contents(through)
        through = self.plug(self.surfaces(through))
        return np.asarray(self.sheen(self.base(through)), dtype=np.float32)

    def look(self, x: Floats, y: Floats) -> Floats:
        """What stands behind the drawing point (x, y)."""
        scale = self.place.scale
        return sample(self.image, self.place.x + x * scale, self.place.y + y * scale)

    def walls(self) -> Floats:
        """Thick walls bend what stands behind: the nearer the edge, the further inward one looks."""
        bend = 96 * np.clip(1 - self.inside / 25, 0, 1) ** 1.6
        behind = self.look(self.x - self.nx * bend, self.y - self.ny * bend * 0.6)
        wall = curve(
            self.inside, (0, 0.75), (0.8, 0.30), (2.4, 0.22), (4.5, 0.62), (8, 1.0), (12, 1.12),
            (16, 0.92), (20, 0.55), (23, 0.30), (24.2, 0.66), (27, 0.93), (40, 0.97),
        )  # fmt: skip
        through = behind * (self.flank * wall + (1 - self.flank) * 0.90)[..., None]
        through = through * np.array([0.95, 0.975, 0.97], dtype=np.float32)
        lift = luminance(self.plate.wall2) * 0.10 + 0.006
        glow = self.flank * curve(self.inside, (3, 0), (9, 1), (17, 0.4), (23, 0))
        return np.asarray(through + lift * glow[..., None] * self.key)

    def shoulder(self, through: Floats) -> Floats:
        """A plate of glass seen on edge, the collar mirrored in it."""
        x, y = self.x, self.y
        band = curve(
            y, (200, 0.85), (202, 0.42), (206, 0.95), (212, 1.05), (217, 0.62), (221, 0.40),
            (223, 0.85), (228, 1.0),
        )  # fmt: skip
        through = through * (1 - smooth(226, 219, y) * (1 - band) * (1 - 0.5 * self.flank))[..., None]
        glint = bell(y, 203.0, 1.0) * 0.34 + bell(y, 210.5, 0.8) * 0.55 * smooth(44, 64, x)
        glint = glint * smooth(276, 240, x) * (0.45 + 0.55 * bell(x, 90, 70))
        through = through + glint[..., None] * self.key
        return np.asarray(through + (bell(x, 160, 26) * bell(y, 209, 6) * 0.30)[..., None] * BRASS)

    def contents(self, through: Floats) -> Floats:
        """The juice: its own colour where light gathers, and the room turned round by it."""
        x, y, plate, edge = self.x, self.y, self.plate, self.edge
        wet = np.clip(0.5 - self.hollow / self.pixel, 0, 1) * np.clip(0.5 + (y - self.meniscus) / self.pixel, 0, 1)
        depth = (y - LEVEL) / (CAVITY[3] - LEVEL)
        glow = 0.95 * np.exp(-(((x - 196) / 92) ** 2) - ((y - 512) / 168) ** 2)
        glow = glow + 0.34 * bell(x, 112, 26) * curve(depth, (0, 0.55), (0.5, 0.9), (1, 0.3))
        glow = glow + 0.30 * bell(y, 500, 9) * bell(x, 170, 70) + 0.20 * bell(depth, 0.02, 0.05)
        deep = plate.juice * (0.92 if plate.dark else 0.62)
        juice = mix(deep, plate.juice_lit, np.clip(glow, 0, 1) ** 1.5 * 0.86)
        length = curve(edge, (0, 0.20), (2, 0.30), (6, 0.55), (14, 0.74), (34, 0.93), (60, 1.0))
        length = length * curve(depth, (0, 1.12), (0.25, 1.0), (0.8, 0.90), (0.97, 0.80), (1, 0.62))
        length = length * (1 - 0.26 * smooth(150, 262, x) * smooth(1.0, 0.2, depth))
        clear = (plate.juice_lit / max(float(plate.juice_lit.max()), 1e-3)) ** 1.3
        thin = 0.30 if plate.dark else 0.06 + 0.42 * float(luminance(plate.juice)) ** 1.5
        turned = self.look(160 - (x - 160) * 1.25, 390 + (y - 390) * 0.8)
        juice = juice * (length * (1 - 0.5 * thin))[..., None] + turned * clear * (thin * length)[..., None]
        return mix(through, juice, wet)

    def surfaces(self, through: Floats) -> Floats:
        """Where the cavity's wall is met, a dark line and its bright twin; the juice's surface."""
        x, y, plate = self.x, self.y, self.plate
        low = smooth(222, 262, y)
        rim = np.clip(1 - np.abs(self.hollow + 0.6) / 1.3, 0, 1) * low
        through = through * (1 - 0.42 * rim)[..., None]
        twin = np.clip(1 - np.abs(self.hollow - 1.6) / 1.2, 0, 1) * low
        twin = twin * (0.14 + 0.36 * smooth(110, 60, x) * bell(y, 330, 120)) * (0.45 if plate.dark else 0.8)
        through = through + twin[..., None] * self.key
        dry = np.clip(-self.hollow, 0, 1)
        line = np.clip(1 - np.abs(y - self.meniscus) / 1.1, 0, 1) * dry
        through = mix(through, self.key * 0.78, line * (0.62 if plate.dark else 0.75))
        under = np.clip(1 - np.abs(y - self.meniscus - 3.2) / 2.2, 0, 1) * dry
        through = through * (1 - 0.34 * under)[..., None]
        top = bell(y, LEVEL - 3.4, 1.9) * dry * smooth(0, 26, self.edge)
        return mix(through, plate.juice_lit, 0.42 * top)

    def plug(self, through: Floats) -> Floats:
        """The stopper's foot, ground glass, seen through the shoulder."""
        x, y = self.x, self.y
        off = np.abs(x - 160) - (22 - (y - 202) * 0.19)
        plug = np.clip(0.5 - off / self.pixel, 0, 1) * smooth(201, 203, y) * smooth(247, 245.6, y)
        frost = 0.10 + 0.22 * smooth(170, 140, x) + 0.08 * bell(y, 244, 2)
        through = mix(through, self.key * 0.7 + 0.3 * self.plate.wall2, plug * frost)
        through = through + (plug * bell(off, -1.2, 0.8) * (x < 160) * 0.34)[..., None] * self.key
        return np.asarray(through * (1 - plug * bell(off, -1.0, 1.2) * (x > 160) * 0.45)[..., None])

    def base(self, through: Floats) -> Floats:
        """An inch of glass that turns the juice upside down."""
        x, y, plate = self.x, self.y, self.plate
        base = smooth(500.5, 503, y) * smooth(2.0, 5.0, self.inside)
        rise = (y - 502) / 40
        slant = smooth(0, 12, self.edge + 10 - 16 * rise)
        turned = mix(plate.juice, plate.juice_lit, np.clip(0.25 + 0.7 * bell(x, 186, 70), 0, 1))
        turned = turned * curve(
            rise, (0, 0.16), (0.08, 0.30), (0.30, 0.62), (0.46, 0.80), (0.54, 0.22), (0.70, 0.12), (1, 0.05)
        )[..., None]  # fmt: skip
        clear = through * curve(
            rise, (0, 0.30), (0.06, 0.42), (0.5, 0.80), (0.58, 1.12), (0.8, 1.2), (0.92, 0.55), (1, 0.8)
        )[..., None]  # fmt: skip
        share = slant * curve(rise, (0, 0.9), (0.5, 0.85), (0.6, 0.30), (1, 0.15))
        through = mix(through, mix(clear, turned + 0.35 * clear, share), base)
        gleam = bell(rise, 0.53, 0.022) * 0.30 * smooth(50, 90, x) * smooth(276, 200, x)
        gleam = gleam + bell(rise, 0.955, 0.022) * 0.55 * bell(x, 110, 80)
        gleam = gleam + bell(rise, 0.03, 0.018) * 0.34 * bell(x, 120, 60)
        gleam = gleam * smooth(1, 5, self.inside) * (0.75 if plate.dark else 1.0)
        through = through + gleam[..., None] * self.key
        return np.asarray(through + (bell(rise, 0.66, 0.12) * bell(x, 205, 46) * 0.34 * base)[..., None] * plate.juice_lit)

    def sheen(self, through: Floats) -> Floats:
        """On the outside: the soft box at the left, its echo at the right, bright rims."""
        x, y, inside = self.x, self.y, self.inside
        left, right = smooth(0.2, 0.9, -self.nx), smooth(0.2, 0.9, self.nx)
        box = smooth(64.5, 67.5, x) * smooth(81, 77.5, x) * smooth(224, 240, y) * smooth(500, 300, y)
        sheen = box * (0.36 + 0.14 * bell(y, 270, 60))
        echo = smooth(251.2, 252.0, x) * smooth(255.4, 254.4, x) * smooth(232, 250, y)
        sheen = sheen + echo * smooth(486, 380, y) * 0.26
        sheen = sheen + bell(inside, 1.0, 0.7) * (0.80 * left + 0.22 * right + 0.30 * smooth(0.5, 1, -self.ny))
        sheen = sheen + bell(inside, 11.5, 2.4) * left * (0.26 + 0.24 * bell(y, 300, 90))
        sheen = sheen + bell(inside, 7.5, 1.4) * right * 0.20 * bell(y, 380, 110)
        ray = x + 0.30 * (y - 268)
        streak = smooth(118, 124, ray) * smooth(190, 172, ray) * np.clip(-self.hollow / 4, 0, 1)
        sheen = sheen + 0.035 * streak * smooth(520, 380, y)
        return np.asarray(through + (sheen * (0.62 if self.plate.dark else 0.95))[..., None] * self.key)


def _collar(plate: Plate, x: Floats, y: Floats) -> Floats:
    ramp = curve(
        x, (126, 0.04), (131, 0.22), (137, 0.85), (142, 1.6), (147, 1.1), (153, 0.42),
        (168, 0.20), (178, 0.13), (185, 0.34), (189, 0.62), (192, 0.22), (194, 0.04),
    )  # fmt: skip
    metal = ramp[..., None] * BRASS + 0.10 * plate.wall2 * bell(x, 172, 12)[..., None]
    metal *= curve(y, (182, 0.10), (186, 0.45), (189, 1.0), (199, 1.0), (201, 0.55), (202, 0.3))[..., None]
    for groove in (192.2, 196.6):
        metal *= 1 - 0.55 * bell(y, groove, 0.55)[..., None]
        metal += (bell(y, groove + 1.1, 0.45) * ramp * 0.35)[..., None] * BRASS
    return np.asarray(metal, dtype=np.float32)


def _stopper(plate: Plate, x: Floats, y: Floats) -> Floats:
    """Black lacquer: almost nothing but what it mirrors."""
    cx, cy, radius = STOPPER
    px, py = (x - cx) / radius, (y - cy) / radius
    pz = np.sqrt(np.clip(1 - px**2 - py**2, 0.0, 1))
    rx, ry, rz = 2 * pz * px, 2 * pz * py, 2 * pz * pz - 1
    fresnel = 0.045 + 0.955 * (1 - pz) ** 5
    key = key_light(plate)

    # the room in the ball: lit wall to the left, dark to the right, floor below, night behind
    room = mix(plate.wall2 * 0.8, plate.lit, smooth(0.2, -0.9, rx))
    room = mix(room, plate.wall * 0.06, smooth(-0.35, 0.5, rz) * 0.96)
    room = mix(room, plate.floor * 0.7, smooth(-0.15, 0.35, ry) * smooth(-0.95, -0.3, rz))
    room = mix(room, plate.floor * 0.25, smooth(0.15, 0.9, ry) * 0.7)
    colour = 0.0026 + fresnel[..., None] * room * (1.0 if plate.dark else 0.85)

    # a wide veil of the lamp, then the lamp itself, cut to the hour's moon
    colour += (0.013 * np.exp(-(((px + 0.36) / 0.42) ** 2) - ((py + 0.42) / 0.40) ** 2))[..., None] * key
    outer = 0.775 - np.hypot(px, py)
    shift = 0.11 + 0.60 * plate.moon
    inner = np.hypot(px - shift, py) - 0.775
    tips = smooth(1.0, 0.80, np.abs(py) / 0.775 * 1.05)
    lamp = smooth(0.0, 0.022, outer) * smooth(-0.004, 0.05 + 0.16 * plate.moon, inner)
    lamp *= (px < 0.05) * tips
    body = 0.90 + 0.16 * np.exp(-((py + 0.25) ** 2) / 0.2) - 0.22 * smooth(-0.1, 0.75, py)
    colour = mix(colour, key * body[..., None], lamp * 0.94)
    colour += (bell(outer, 0, 0.05) * (px < 0) * tips * bell(px, -0.7, 0.3) * 0.035)[..., None] * key

    # low light from the glass below, a thin answer at the right
    low = np.exp(-((px / 0.60) ** 2) - ((py - 0.93) / 0.16) ** 2)
    colour += (low * 0.30)[..., None] * plate.juice_lit
    answer = np.exp(-(((np.hypot(px, py) - 0.93) / 0.030) ** 2)) * smooth(0.3, 0.95, px)
    colour += (answer * 0.16 * smooth(0.8, -0.2, py))[..., None] * plate.lit
    occlusion = np.exp(-((px / 0.42) ** 2) - ((py - 1.0) / 0.07) ** 2)
    return np.asarray(colour * (1 - 0.8 * occlusion[..., None]), dtype=np.float32)


def _label(
    image: Floats, window: tuple[slice, slice], place: Place, plate: Plate, volume: str,
    engraving: str,
) -> None:  # fmt: skip
    rows, columns = window
    view = image[window]
    shape = (rows.stop - rows.start, columns.stop - columns.start)
    s = place.scale

    def line(text: str, y: float, size: float, **how: float | str) -> Floats:
        tracking = float(how.get("tracking", 0)) * s
        return type_mask(
            shape,
            text,
            at=(place.x + 160 * s - columns.start, place.y + y * s - rows.start),
            size=size * s,
            family=str(how.get("family", "imbue")),
            weight=int(how.get("weight", 300)),
            optical=int(how.get("optical", 100)),
            tracking=tracking,
        )

    print_ = np.maximum.reduce(
        [
            line(plate.hour, 352, 58),
            line("NOIR’EL", 387, 16, tracking=4.6, weight=400, optical=20),
            line(
                f"eau de parfum — {volume}" if volume else "eau de parfum", 478, 7.6, family="geist", weight=400, tracking=0.6
            ),
        ]
    )
    drop = np.roll(print_, (round(2.6 * s), round(3.4 * s)), axis=(0, 1))
    ink_is_light = float(luminance(plate.label)) > 0.5
    view *= 1 - (0.34 if ink_is_light else 0.16) * blur(drop, 1.6 * s)[..., None]
    x, _ = _units(place, window)
    tone = 0.80 + 0.20 * bell(x, 110, 70)
    view[:] = mix(view, plate.label * (tone if ink_is_light else 1 + 0 * tone)[..., None], print_ * 0.95)
    if engraving:
        cut = line(engraving, 440, 42, tracking=4, weight=300)
        soft = blur(cut, 0.5 * s)
        off = max(1, round(0.9 * s))
        slope = np.roll(soft, (off, off), (0, 1)) - np.roll(soft, (-off, -off), (0, 1))
        dust = np.random.default_rng(5).normal(size=shape).astype(np.float32)
        frost = 0.60 + 0.05 * blur(dust, 0.35 * s) * s
        bright = float(luminance(plate.juice)) > 0.45
        tint = plate.juice_lit * 0.5 + (0.5 if not bright else 0.62)
        shade = np.roll(cut, (round(3 * s), round(4 * s)), axis=(0, 1))
        view *= 1 - (0.22 if not bright else 0.14) * blur(shade, 2.2 * s)[..., None]
        view[:] = mix(view, tint + 0 * view, np.clip(cut * frost, 0, 1))
        view += (np.clip(-slope, 0, 1) * np.clip(soft * 3, 0, 1) * 0.05)[..., None]
        view *= 1 - np.clip(-slope, 0, 1)[..., None] * 0.62
        view += np.clip(slope, 0, 1)[..., None] * key_light(plate) * 0.55


def flacon(
    image: Floats, plate: Plate, place: Place, *, volume: str = "", engraving: str = "",
    label: bool = True,
) -> None:  # fmt: skip
    """Draw a flacon over `image`, which it refracts. Changes `image`.

    The label names the volume only where one is given: a picture that stands for every size must not contradict the chosen one.
    """
    pixel = 1 / place.scale
    window = _window(image.shape, place, (30, 196, 290, 546))
    if window is not None:
        x, y = _units(place, window)
        seen = _Glass(image, place, plate, x, y).seen()
        cover = np.clip(0.5 - rounded(x, y, BODY, 24) / pixel, 0, 1)
        image[window] = mix(image[window], seen, cover)
        if label:
            _label(image, window, place, plate, volume, engraving)
    window = _window(image.shape, place, (122, 180, 198, 206))
    if window is not None:
        x, y = _units(place, window)
        cover = np.clip(0.5 - rounded(x, y, (126, 180, 194, 202.5), 1.5) / pixel, 0, 1)
        image[window] = mix(image[window], _collar(plate, x, y), cover)
    cx, cy, radius = STOPPER
    window = _window(image.shape, place, (cx - 90, cy - 90, cx + 90, cy + 90))
    if window is not None:
        x, y = _units(place, window)
        cover = np.clip(0.5 - (np.hypot(x - cx, y - cy) - radius) / pixel, 0, 1)
        image[window] = mix(image[window], _stopper(plate, x, y), cover)


def reflection(image: Floats, plate: Plate, place: Place) -> None:
    """The floor's faint answer under the base. Changes `image`."""
    window = _window(image.shape, place, (20, 543, 300, 620))
    if window is None:
        return
    x, y = _units(place, window)
    mirrored = sample(image, place.x + x * place.scale, place.y + (1085 - y) * place.scale)
    fade = np.exp(-np.maximum(y - 543, 0) / 20) * smooth(0, 4, -rounded(x, y, (30, 400, 290, 700), 4))
    image[window] = mix(image[window], mirrored, fade * (0.20 if plate.dark else 0.13))


def vial(image: Floats, plate: Plate, place: Place) -> None:
    """A sample: a slim tube of glass, 60 x 300 units, with its own small moon. Changes `image`."""
    window = _window(image.shape, place, (-4, -4, 64, 304))
    if window is None:
        return
    x, y = _units(place, window)
    pixel = 1 / place.scale
    key = key_light(plate) * 0.9
    across = (x - 30) / 21
    round_ = np.sqrt(np.clip(1 - across**2, 0, 1))
    behind = sample(image, place.x + (30 - (x - 30) * 1.3) * place.scale, place.y + y * place.scale)
    glass: Floats = behind * curve(np.abs(across), (0, 0.9), (0.6, 0.85), (0.82, 0.55), (0.93, 0.25), (1, 0.6))[..., None]
    deep = mix(
        plate.juice * 0.85,
        plate.juice_lit,
        0.75 * bell(across, 0.35, 0.30) + 0.2 * bell(y, 290, 30),
    )
    deep = deep * (0.25 + 0.75 * round_)[..., None]
    level = 112 - 3 * np.abs(across) ** 6
    wet = smooth(-pixel, pixel, y - level) * (np.abs(across) < 0.86)
    glass = mix(glass, deep, wet)
    glass = glass + (np.clip(1 - np.abs(y - level) / 1.2, 0, 1) * (np.abs(across) < 0.86) * 0.4)[..., None] * key
    shine = smooth(-0.80, -0.70, across) * smooth(-0.38, -0.52, across) * smooth(84, 100, y)
    glass = glass + (shine * 0.42)[..., None] * key
    glass = glass + (bell(across, 0.80, 0.03) * 0.20 + bell(np.abs(across), 0.985, 0.02) * 0.25)[..., None] * key
    cover = np.clip(0.5 - rounded(x, y, (9, 76, 51, 300), 5) / pixel, 0, 1)
    view = image[window]
    view[:] = mix(view, glass, cover)
    # brass ring, then the ball
    ring = curve(x, (15, 0.05), (20, 0.5), (24, 1.3), (29, 0.5), (38, 0.16), (43, 0.5), (45, 0.05))
    cover = np.clip(0.5 - rounded(x, y, (15, 66, 45, 77), 1) / pixel, 0, 1)
    view[:] = mix(view, ring[..., None] * BRASS * curve(y, (66, 0.3), (70, 1), (77, 0.7))[..., None], cover)
    ball = Place(place.x - 28.5 * place.scale, place.y + 0.0 * place.scale, place.scale * 0.366)
    around = _window(image.shape, ball, (70, 10, 250, 190))
    if around is not None:
        bx, by = _units(ball, around)
        cx, cy, radius = STOPPER
        cover = np.clip(0.5 - (np.hypot(bx - cx, by - cy) - radius) * ball.scale, 0, 1)
        image[around] = mix(image[around], _stopper(plate, bx, by), cover)
