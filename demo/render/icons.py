"""The brand's icons: the moon of the stopper, by day and by night, and the card for links."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from demo.render import plates
from demo.render.colour import Floats, encode, parse_oklch
from demo.render.draw import bell, mix, resize, smooth, type_mask
from demo.render.flacon import HEIGHT, Place, flacon, reflection, shadow
from demo.render.stage import grain

INK = parse_oklch("oklch(.205 .020 310)")
IVORY = parse_oklch("oklch(.955 .010 95)")
PAPER = parse_oklch("oklch(.972 .008 88)")

_SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
    "<style>{style}</style>"
    '<circle class="m" cx="16" cy="16" r="15"/>'
    '<path class="l" d="M17.7 4.4A11.7 11.7 0 1 0 17.7 27.6 12 12 0 0 1 17.7 4.4z"/>'
    "</svg>\n"
)
_DAY = ".m{fill:#1a151e}.l{fill:#f8f6f0}"
_NIGHT = ".m{fill:#f2f0e9}.l{fill:#110d14}"


def _moon(size: int, part: float, *, ground: Floats | None) -> Image.Image:
    """The ball and its crescent, `part` of the picture wide; clear ground when None."""
    big = size * 4
    y, x = np.mgrid[0:big, 0:big].astype(np.float32)
    radius = part / 2
    px, py = ((x + 0.5) / big - 0.5) / radius, ((y + 0.5) / big - 0.5) / radius
    ball = smooth(0.006, -0.006, np.hypot(px, py) - 1)
    crescent = smooth(0.006, -0.006, np.hypot(px, py) - 0.78)
    crescent *= smooth(-0.006, 0.006, np.hypot(px - 0.30, py) - 0.80) * (px < 0.1)
    on_ink = ground is not None
    disc, mark = (IVORY, INK) if on_ink else (INK, IVORY)
    base = ground if ground is not None else INK
    image = mix(np.broadcast_to(base, (big, big, 3)).astype(np.float32), disc, ball)
    image = encode(mix(image, mark, crescent))
    alpha = np.ones_like(ball) if on_ink else ball
    planes = [resize(image[..., i], size, size) for i in range(3)]
    if not on_ink:
        planes.append(resize(alpha, size, size))
    return Image.fromarray(np.clip(np.dstack(planes) * 255 + 0.5, 0, 255).astype(np.uint8))


def _card(width: int, height: int) -> Floats:
    """The hour and its flacon, for links shared elsewhere: 21, the bottle, 12."""
    plate = plates.load()["encre"]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    u, v = x / width, y / height
    night = parse_oklch("oklch(.165 .014 280)")
    image = mix(night, plate.wall, smooth(0, 0.7, v))
    halo = np.exp(-(((u - 0.5) / 0.30) ** 2) - ((v - 0.45) / 0.50) ** 2)
    image = mix(image, parse_oklch("oklch(.40 .052 254)"), 0.85 * halo)
    floor = mix(plate.floor * 0.4, parse_oklch("oklch(.33 .05 254)"), 0.6 * bell(u, 0.5, 0.22))
    image = mix(image, floor, smooth(0.829, 0.833, v))
    image *= (1 + 0.008 * grain(width, height, 0.05, 2))[..., None]
    size = height * 0.86
    tone = mix(IVORY, parse_oklch("oklch(.56 .036 256)"), smooth(0.35, 0.80, v))
    for text, middle in (("21", 0.285), ("12", 0.715)):
        mask = type_mask((height, width), text, at=(middle * width, 0.765 * height), size=size, weight=200)
        image = mix(image, tone, mask)
    scale = 0.80 * height / HEIGHT
    place = Place(width / 2 - 160 * scale, 0.925 * height - HEIGHT * scale, scale)
    shadow(image, plate, place)
    flacon(image, plate, place)
    reflection(image, plate, place)
    mark = type_mask(
        (height, width), "NOIR’EL", at=(width / 2, height * 0.085), size=height * 0.05,
        weight=400, optical=30, tracking=height * 0.0125,
    )  # fmt: skip
    return mix(image, IVORY, mark)


def write(folder: Path) -> None:
    """Write favicon, application icons and the default link card into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    auto = _DAY + "@media(prefers-color-scheme:dark){" + _NIGHT + "}"
    (folder / "favicon.svg").write_text(_SVG.format(style=auto), encoding="utf-8")
    (folder / "favicon-noir.svg").write_text(_SVG.format(style=_NIGHT), encoding="utf-8")
    _moon(48, 0.96, ground=None).save(folder / "favicon.ico", sizes=[(16, 16), (32, 32), (48, 48)])
    for size in (192, 512):
        _moon(size, 0.96, ground=None).save(folder / f"icon-{size}.png", optimize=True)
        _moon(size, 0.60, ground=INK).save(folder / f"icon-maskable-{size}.png", optimize=True)
    _moon(180, 0.68, ground=INK).save(folder / "apple-touch-icon.png", optimize=True)
    card = encode(_card(2400, 1260))
    small = np.dstack([resize(card[..., i], 1200, 630) for i in range(3)])
    small += np.random.default_rng(1).normal(scale=0.8 / 255, size=(630, 1200, 1)).astype(np.float32)
    Image.fromarray(np.clip(small * 255 + 0.5, 0, 255).astype(np.uint8)).save(
        folder / "og-default.jpg", quality=86, optimize=True, progressive=True
    )
