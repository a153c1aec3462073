"""Small tools of the renderer: soft edges, blurs, sampling, type as masks.

Every picture is an array `height x width x 3` of linear light, 0..1 and above before encoding.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from demo.render.colour import Floats

FONTS = Path(__file__).parent / "fonts"


def mix(one: Floats, other: Floats, amount: Floats | float) -> Floats:
    """`one` where `amount` is 0, `other` where it is 1; `amount` may be a mask without channels."""
    if isinstance(amount, np.ndarray) and amount.ndim == 2:
        amount = amount[..., None]
    return np.asarray(one + (other - one) * amount, dtype=np.float32)


def smooth(low: float, high: float, x: Floats) -> Floats:
    """Smoothstep from `low` to `high` (falls when `low` is above `high`)."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), dtype=np.float32)


def bell(x: Floats, middle: float, width: float) -> Floats:
    """Gaussian of standard deviation `width`, 1 at `middle`."""
    return np.asarray(np.exp(-0.5 * ((x - middle) / width) ** 2), dtype=np.float32)


def curve(x: Floats, *points: tuple[float, float]) -> Floats:
    """Piecewise linear function through `points`, flat outside of them."""
    return np.interp(x, [p[0] for p in points], [p[1] for p in points]).astype(np.float32)


def rounded(x: Floats, y: Floats, box: tuple[float, float, float, float], radius: float) -> Floats:
    """Signed distance to a rounded rectangle (left, top, right, bottom): negative inside."""
    left, top, right, bottom = box
    qx = np.abs(x - (left + right) / 2) - ((right - left) / 2 - radius)
    qy = np.abs(y - (top + bottom) / 2) - ((bottom - top) / 2 - radius)
    outside = np.hypot(np.maximum(qx, 0), np.maximum(qy, 0))
    return np.asarray(outside + np.minimum(np.maximum(qx, qy), 0) - radius, dtype=np.float32)


def blur(mask: Floats, sigma: float) -> Floats:
    """Gaussian blur of a 2-D array, edges held, by FFT. `sigma` in pixels."""
    if sigma <= 0:
        return mask
    pad = int(3 * sigma) + 1
    padded = np.pad(mask, pad, mode="edge")
    fy = np.fft.fftfreq(padded.shape[0])[:, None]
    fx = np.fft.rfftfreq(padded.shape[1])[None, :]
    kernel = np.exp(-2 * (np.pi * sigma) ** 2 * (fx**2 + fy**2))
    soft = np.fft.irfft2(np.fft.rfft2(padded) * kernel, padded.shape)
    return np.asarray(soft[pad:-pad, pad:-pad], dtype=np.float32)


def resize(mask: Floats, width: int, height: int) -> Floats:
    """Resample a 2-D array without leaving floating point."""
    image = Image.fromarray(mask.astype(np.float32), mode="F")
    return np.asarray(image.resize((width, height), Image.Resampling.LANCZOS), dtype=np.float32)


def soften(image: Floats, sigma: float) -> Floats:
    """Blur all channels; wide blurs are done on a smaller copy, which cannot be told apart."""
    height, width = image.shape[:2]
    step = max(1, int(sigma / 3))
    channels = []
    for index in range(image.shape[2]):
        small = resize(image[..., index], max(1, width // step), max(1, height // step))
        channels.append(resize(blur(small, sigma / step), width, height))
    return np.stack(channels, axis=-1)


def sample(image: Floats, x: Floats, y: Floats) -> Floats:
    """Bilinear look-up at pixel positions, edges held."""
    height, width = image.shape[:2]
    x = np.clip(x, 0, width - 1.001)
    y = np.clip(y, 0, height - 1.001)
    column, row = x.astype(np.int32), y.astype(np.int32)
    fx, fy = (x - column)[..., None], (y - row)[..., None]
    top = image[row, column] * (1 - fx) + image[row, column + 1] * fx
    bottom = image[row + 1, column] * (1 - fx) + image[row + 1, column + 1] * fx
    return np.asarray(top * (1 - fy) + bottom * fy, dtype=np.float32)


@cache
def _face(name: str, pixels: int, weight: int, optical: int) -> ImageFont.FreeTypeFont:
    face = ImageFont.truetype(str(FONTS / name), pixels)
    values: list[float] = []
    for axis in face.get_variation_axes():
        label = axis["name"]
        key = label.decode() if isinstance(label, bytes) else str(label)
        values.append(optical if "ptical" in key else weight)
    face.set_variation_by_axes(values)
    return face


def type_mask(
    shape: tuple[int, int],
    text: str,
    *,
    at: tuple[float, float],
    size: float,
    family: str = "imbue",
    weight: int = 300,
    optical: int = 100,
    tracking: float = 0,
) -> Floats:
    """Coverage of one centred line of type; `at` is the middle of its baseline, all in pixels."""
    name = "imbue-latin-opsz-normal.woff2" if family == "imbue" else "geist-latin-wght-normal.woff2"
    face = _face(name, max(4, round(size)), weight, optical)
    mask = Image.new("L", (shape[1], shape[0]), 0)
    draw = ImageDraw.Draw(mask)
    widths = [face.getlength(letter) for letter in text]
    x = at[0] - (sum(widths) + tracking * (len(text) - 1)) / 2
    for letter, width in zip(text, widths, strict=True):
        draw.text((x, at[1]), letter, font=face, fill=255, anchor="ls")
        x += width + tracking
    return np.asarray(mask, dtype=np.float32) / 255
