"""From light to files: each rendition is resampled from one master, dithered and encoded."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from demo.render.colour import Floats, encode
from demo.render.draw import resize
from demo.render.views import Shot

WIDTHS = (320, 480, 640, 960, 1440, 2160)
FALLBACK_WIDTHS = (640, 1440)
MASTER = 2160
CUTOUT_MASTER = 1440
GRAIN = 0.9 / 255
"""Film grain, standard deviation in display values: enough that no gradient bands in 8 bits."""


@dataclass(frozen=True)
class File:
    """One rendition on disk; `path` is relative to the folder of all pictures."""

    format: str
    width: int
    height: int
    path: str


def _quality(kind: str, width: int) -> int:
    """Set by looking: below these the walls' long gradients break into blocks."""
    table = {
        "avif": {320: 84, 480: 85, 640: 85, 960: 84, 1440: 83, 2160: 82},
        "webp": {320: 88, 480: 88, 640: 88, 960: 88, 1440: 87, 2160: 85},
        "jpeg": {640: 86, 1440: 84},
    }
    return table[kind][width]


def _pixels(display: Floats, width: int, height: int, seed: int) -> Image.Image:
    channels = [resize(display[..., i], width, height) for i in range(display.shape[2])]
    small = np.stack(channels, axis=-1)
    noise = np.random.default_rng(seed).normal(scale=GRAIN, size=(height, width, 1))
    if small.shape[2] == 4:
        # premultiplied while resampling would be exact; colour under clear glass is smooth enough
        small[..., :3] += noise.astype(np.float32)
        small[..., :3] *= (small[..., 3:] > 0.002).astype(np.float32)
    else:
        small = small + noise.astype(np.float32)
    values = np.clip(small * 255 + 0.5, 0, 255).astype(np.uint8)
    return Image.fromarray(values)


def write(shot: Shot, folder: Path) -> dict[str, object]:
    """Render one shot, write its renditions under `folder`, and answer its manifest entry."""
    master = CUTOUT_MASTER if shot.alpha else MASTER
    drawn = shot.draw(master)
    display = drawn if shot.alpha else encode(drawn)
    (folder / shot.product).mkdir(parents=True, exist_ok=True)
    files: list[File] = []
    for width in (w for w in WIDTHS if w <= master):
        height = round(width * shot.ratio)
        picture = _pixels(display, width, height, seed=width)
        kinds = ["avif", "webp"]
        if not shot.alpha and width in FALLBACK_WIDTHS:
            kinds.append("jpeg")
        for kind in kinds:
            suffix = "jpg" if kind == "jpeg" else kind
            path = f"{shot.product}/{shot.name}-{width}.{suffix}"
            quality = _quality(kind, width)
            if kind == "avif":
                picture.save(folder / path, "AVIF", quality=quality, speed=6, max_threads=1)
            elif kind == "webp":
                picture.save(folder / path, "WEBP", quality=quality, method=5)
            else:
                picture.save(folder / path, "JPEG", quality=quality, optimize=True, progressive=True)
            files.append(File(kind, width, height, path))
    entry: dict[str, object] = {
        "product": shot.product,
        "view": shot.view,
        "name": shot.name,
        "alt": shot.alt,
        "width": master,
        "height": round(master * shot.ratio),
        "ground": shot.ground,
        "files": [asdict(file) for file in files],
    }
    if shot.alpha:
        # parts of the picture's width and height: what is opaque, and where the glass meets the floor
        entry["bounds"] = {"left": 0.106, "top": 0.025, "right": 0.894, "bottom": 0.968}
        entry["baseline"] = 0.968
    return entry
