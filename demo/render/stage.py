"""The stage: a plaster wall, a floor, a lamp at the left and what stands before the lamp."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from demo.render.colour import Floats
from demo.render.draw import bell, blur, curve, mix, resize, smooth
from demo.render.plates import Plate

HORIZON = 0.74
"""Where the floor begins, as a part of the height (DESIGN 1.5)."""

_GOBO = (600, 750)


def _leaf(draw: ImageDraw.ImageDraw, x: float, y: float, angle: float, length: float) -> None:
    """One almond of a branch, in black, pointing `angle` degrees from the x axis."""
    along = np.linspace(0, 1, 24)
    half = np.sin(np.pi * along**0.8) * length * 0.13
    spine = along * length
    points = [*zip(spine, half, strict=True), *zip(spine[::-1], -half[::-1], strict=True)]
    turn = np.radians(angle)
    draw.polygon(
        [
            (
                x + float(px * np.cos(turn) - py * np.sin(turn)),
                y + float(px * np.sin(turn) + py * np.cos(turn)),
            )
            for px, py in points
        ],
        fill=0,
    )


def _quad(draw: ImageDraw.ImageDraw, box: tuple[float, float, float, float], lean: float, rise: float) -> None:
    """A pane of light: a rectangle sheared as a low lamp shears it on a wall."""
    left, top, right, bottom = box
    corners = ((left, top), (right, top), (right, bottom), (left, bottom))
    draw.polygon([(x - lean * y, y + rise * x) for x, y in corners], fill=255)


def _lattice(draw: ImageDraw.ImageDraw) -> None:
    """A pierced screen: rows of eight-pointed stars with a lozenge between every four."""
    pitch = 62.0

    def put(points: list[tuple[float, float]]) -> None:
        draw.polygon([(x - 0.22 * y, y + 0.12 * x) for x, y in points], fill=255)

    turns = np.linspace(0, 2 * np.pi, 17)[:-1]
    for row in range(9):
        for column in range(8):
            x, y = -20 + column * pitch, -90 + row * pitch
            reach = np.where(np.arange(16) % 2 == 0, 25.0, 18.5)
            put([(x + float(r * np.cos(t)), y + float(r * np.sin(t))) for r, t in zip(reach, turns, strict=True)])
            mx, my = x + pitch / 2, y + pitch / 2
            put([(mx - 11, my), (mx, my - 11), (mx + 11, my), (mx, my + 11)])


def _folds(width: int, height: int) -> Floats:
    """A thin curtain moved by air: light thickens where the cloth is single."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    along = (x + 0.26 * y) / width
    sway = along + 0.012 * np.sin(y / height * 5 + along * 9)
    folds = 0.52 + 0.30 * np.sin(sway * 46 + 1.4 * np.sin(sway * 13)) + 0.18 * np.sin(sway * 113 + 2)
    return np.asarray(np.clip(folds, 0, 1), dtype=np.float32)


def gobo(kind: str, width: int, height: int, softness: float = 1) -> Floats:
    """Light that passes, 0..1, over the whole picture; penumbra widens away from the lamp.

    Raises ValueError for a kind nobody cut yet.
    """
    gw, gh = _GOBO
    image = Image.new("L", (gw, gh), 0)
    draw = ImageDraw.Draw(image)
    if kind == "window":
        for left, right in ((150, 305), (325, 480)):
            for top, bottom in ((-60, 70), (90, 250), (270, 430)):
                _quad(draw, (left, top, right, bottom), 0.32, 0.10)
    elif kind == "leaf":
        _quad(draw, (-60, -60, 420, 560), 0.34, 0)
        spine = [(-10 + 430 * t, 10 + 120 * t + 190 * t * t) for t in np.linspace(0, 1, 15)]
        draw.line(spine, fill=0, width=4)
        for index, (x, y) in enumerate(spine[1:]):
            length = 128 - 4.2 * index
            _leaf(draw, x, y, -30 + 3 * index, length)
            _leaf(draw, x, y, 84 - 2 * index, length * 0.94)
    elif kind == "blinds":
        for index in range(13):
            top = -60 + index * 48
            _quad(draw, (-80, top, 395 - 4 * index, top + 23), 0.16, -0.24)
    elif kind == "door":
        _quad(draw, (208, -40, 318, 640), 0.20, 0)
        _quad(draw, (334, -40, 342, 640), 0.20, 0)
    elif kind == "lattice":
        _lattice(draw)
    elif kind == "curtain":
        _quad(draw, (-60, -60, 420, 560), 0.26, 0)
    else:
        raise ValueError(f"no such gobo: {kind}")
    light = np.asarray(image, dtype=np.float32) / 255
    if kind == "curtain":
        light = light * _folds(gw, gh)
    softness *= 0.72 if kind == "lattice" else 1
    near, far = blur(light, 3.4 * softness), blur(light, 9.5 * softness)
    y, x = np.mgrid[0:gh, 0:gw].astype(np.float32)
    light = near + (far - near) * smooth(0.1, 1.0, x / gw * 0.6 + y / gh * 0.6)
    light = light * smooth(0.80, 0.34, y / gh) * 0.9 + 0.1
    return resize(light, width, height)


def grain(width: int, height: int, scale: float, seed: int) -> Floats:
    """Slow unevenness of plaster, about -1..1; `scale` is its size as a part of the width."""
    small = max(8, int(4 / scale))
    noise = np.random.default_rng(seed).normal(size=(small, small)).astype(np.float32)
    return resize(blur(noise, 1.2), width, height)


def stage(
    plate: Plate,
    width: int,
    height: int,
    *,
    horizon: float = HORIZON,
    softness: float = 1,
    shift: tuple[float, float] = (0, 0),
    zoom: float = 1,
) -> Floats:
    """Wall and floor of a plate. `zoom` and `shift` move the camera over the same wall."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    u, v = x / width, y / height
    wu = (u - 0.5) / zoom + 0.5 + shift[0]
    wv = (v - 0.5) / zoom + 0.5 + shift[1]
    dark = plate.dark

    wall = mix(plate.wall, plate.wall2, smooth(0.15, 0.9, wv / HORIZON))
    reach = np.sqrt(((wu - 0.24) / 0.95) ** 2 + ((wv - 0.18) / 0.80) ** 2)
    wall = mix(wall, plate.lit, (0.34 if dark else 0.40) * smooth(0.85, 0.0, reach))
    light = gobo(plate.gobo, width, height, softness)
    if zoom != 1 or shift != (0, 0):
        gy = np.clip(wv * height, 0, height - 1).astype(np.int32)
        gx = np.clip(wu * width, 0, width - 1).astype(np.int32)
        light = blur(light[gy, gx], width / 250 * zoom)
    fall = smooth(1.25, 0.15, reach)
    wall = mix(wall, plate.lit, np.clip((0.66 if dark else 0.72) * light * fall, 0, 1))
    far_side = smooth(0.45, 1.15, wu) * smooth(-0.3, 0.5, wv)
    wall *= (1 - (0.42 if dark else 0.10) * far_side)[..., None]
    slow = grain(width, height, 0.18, 7) * 0.010 + grain(width, height, 0.03, 8) * 0.006
    wall *= (1 + slow)[..., None]

    depth = np.clip((v - horizon) / (1 - horizon), 0, 1)
    floor: Floats = plate.floor * curve(depth, (0, 0.74), (0.10, 0.92), (0.45, 1.0), (1, 0.80))[..., None]
    pool = bell(u, 0.22, 0.34) * bell(depth, 0.35, 0.38)
    floor = mix(floor, plate.lit, (0.22 if dark else 0.26) * pool)
    floor *= (1 - (0.40 if dark else 0.12) * smooth(0.5, 1.1, u))[..., None]
    foot = min(height - 1, int(horizon * height))
    mirrored = np.clip(2 * foot - np.arange(foot, height), 0, foot - 1)
    if len(mirrored):
        sheen = wall[mirrored] * 0.9
        sheen = sheen + (sheen.mean(axis=0, keepdims=True) - sheen) * 0.6
        amount = 0.20 * (1 - depth[foot:]) ** 1.5
        floor[foot:] = mix(floor[foot:], sheen, amount)
    edge = smooth(-1.2, 1.2, (v - horizon) * height / max(1.0, height / 900))
    skirting = 1 - 0.16 * bell(v, horizon - 0.004, 0.006)
    return mix(wall * skirting[..., None], floor, edge)
