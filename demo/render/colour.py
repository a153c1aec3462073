"""Colour: CSS `oklch()` to linear light and back to what a screen is sent.

Pictures are computed in linear sRGB (light adds up) and encoded once, at the end.
Source of the matrices: https://bottosson.github.io/posts/oklab/
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating[Any]]

_OKLCH = re.compile(r"oklch\(\s*([\d.]+)\s+([\d.]+)\s+([\d.]+)\s*\)")


def parse_oklch(css: str) -> Floats:
    """Linear sRGB of an opaque CSS `oklch(L C H)`, clipped to the sRGB gamut.

    Raises ValueError for any other syntax: plates are written in one way only.
    """
    found = _OKLCH.fullmatch(css)
    if found is None:
        raise ValueError(f"not an opaque oklch() colour: {css!r}")
    lightness, chroma, hue = (float(part) for part in found.groups())
    a = chroma * np.cos(np.radians(hue))
    b = chroma * np.sin(np.radians(hue))
    lms = (
        np.array(
            [
                lightness + 0.3963377774 * a + 0.2158037573 * b,
                lightness - 0.1055613458 * a - 0.0638541728 * b,
                lightness - 0.0894841775 * a - 1.2914855480 * b,
            ]
        )
        ** 3
    )
    matrix = np.array(
        [
            [4.0767416621, -3.3077115913, 0.2309699292],
            [-1.2684380046, 2.6097574011, -0.3413193965],
            [-0.0041960863, -0.7034186147, 1.7076147010],
        ]
    )
    return np.asarray(np.clip(matrix @ lms, 0, 1), dtype=np.float32)


def encode(linear: Floats) -> Floats:
    """sRGB transfer curve: linear light 0..1 to display values 0..1."""
    x = np.clip(linear, 0, 1)
    return np.where(x <= 0.0031308, x * 12.92, 1.055 * x ** (1 / 2.4) - 0.055).astype(np.float32)


def decode(display: Floats) -> Floats:
    """Inverse of `encode`."""
    return np.where(display <= 0.04045, display / 12.92, ((display + 0.055) / 1.055) ** 2.4).astype(np.float32)


def hexadecimal(linear: Floats) -> str:
    """`#rrggbb` as a browser would show it."""
    return "#" + "".join(f"{round(float(value) * 255):02x}" for value in encode(linear))


def luminance(linear: Floats) -> Floats:
    """Relative luminance (WCAG 2.2) over the last axis."""
    return (linear @ np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)).astype(np.float32)


def contrast(one: Floats, other: Floats) -> float:
    """WCAG 2.2 contrast ratio of two linear colours, 1..21."""
    high, low = sorted((float(luminance(one)), float(luminance(other))), reverse=True)
    return (high + 0.05) / (low + 0.05)
