"""The committed pictures keep the promises of the design: formats, weights, words, legible text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from demo.render import plates
from demo.render.colour import contrast, decode

PICTURES = Path(__file__).resolve().parents[2] / "pictures"
MANIFEST: list[dict[str, Any]] = json.loads((PICTURES / "manifest.json").read_text(encoding="utf-8"))["pictures"]
PLATES = plates.load()
KILOBYTE = 1024


def ident(picture: dict[str, Any]) -> str:
    return f"{picture['product']}/{picture['name']}"


@pytest.mark.parametrize("slug", PLATES)
def test_a_perfume_has_four_views_and_a_cut_out(slug: str) -> None:
    views = [picture["view"] for picture in MANIFEST if picture["product"] == slug]
    assert views == ["whole", "stopper", "engraving", "scale", "cutout"]


@pytest.mark.parametrize("picture", MANIFEST, ids=ident)
def test_every_rendition_is_there_in_the_size_it_claims(picture: dict[str, Any]) -> None:
    cut_out = picture["view"] == "cutout"
    for file in picture["files"]:
        with Image.open(PICTURES / file["path"]) as image:
            assert image.format == file["format"].upper()
            assert image.size == (file["width"], file["height"])
            assert (image.mode == "RGBA") == cut_out
    formats = {file["format"] for file in picture["files"]}
    assert formats == ({"avif", "webp"} if cut_out else {"avif", "webp", "jpeg"})


@pytest.mark.parametrize("picture", MANIFEST, ids=ident)
def test_pictures_are_light_enough_for_a_card_a_phone_and_a_desk(picture: dict[str, Any]) -> None:
    most = {320: 35, 480: 35, 640: 35, 960: 90, 1440: 90, 2160: 180}
    if picture["view"] == "cutout":  # stands on covers only, never on a card
        most |= {640: 45, 1440: 180}
    for file in picture["files"]:
        if file["format"] == "avif":
            weight = (PICTURES / file["path"]).stat().st_size
            assert weight <= most[file["width"]] * KILOBYTE, file["path"]


@pytest.mark.parametrize("picture", MANIFEST, ids=ident)
def test_alt_text_is_one_sentence_that_says_what_is_seen(picture: dict[str, Any]) -> None:
    alt = picture["alt"]
    assert 40 <= len(alt) <= 160
    assert alt.endswith(".")
    names = [plate.name for plate in PLATES.values()]
    assert not any(name in alt for name in names)
    assert sum(other["alt"] == alt for other in MANIFEST) == 1


@pytest.mark.parametrize("slug", PLATES)
def test_the_hour_and_the_tag_can_be_read_on_the_picture_itself(slug: str) -> None:
    """The band where a card sets the hour and its tag, pixel by pixel."""
    with Image.open(PICTURES / slug / "whole-640.webp") as image:
        band = image.convert("RGB").crop((20, 16, 620, 72)).resize((75, 7), Image.Resampling.BOX)
    light = decode(np.asarray(band, dtype=np.float32) / 255)
    worst = min(contrast(PLATES[slug].on, pixel) for row in light for pixel in row)
    assert worst >= 4.5


@pytest.mark.parametrize("slug", PLATES)
def test_a_cut_out_says_where_its_glass_begins_and_ends(slug: str) -> None:
    entry = next(picture for picture in MANIFEST if picture["product"] == slug and picture["view"] == "cutout")
    with Image.open(PICTURES / slug / "cutout-640.webp") as image:
        alpha = np.asarray(image)[..., 3] > 70
    rows, columns = np.flatnonzero(alpha.any(axis=1)), np.flatnonzero(alpha[:1000].any(axis=0))
    bounds = entry["bounds"]
    assert columns[0] / alpha.shape[1] == pytest.approx(bounds["left"], abs=0.012)
    assert columns[-1] / alpha.shape[1] == pytest.approx(bounds["right"], abs=0.012)
    assert rows[0] / alpha.shape[0] == pytest.approx(bounds["top"], abs=0.012)
    assert rows[-1] / alpha.shape[0] == pytest.approx(bounds["bottom"], abs=0.012)


@pytest.mark.parametrize("slug", PLATES)
def test_the_ground_is_close_to_the_wall_that_will_cover_it(slug: str) -> None:
    """A plate shows its ground until the picture comes: neither may flash against the other."""
    entry = next(picture for picture in MANIFEST if picture["product"] == slug and picture["view"] == "whole")
    with Image.open(PICTURES / slug / "whole-320.webp") as image:
        wall = np.asarray(image.convert("RGB").crop((0, 0, 320, 280)), dtype=np.float32).mean(axis=(0, 1))
    ground = [int(entry["ground"][index : index + 2], 16) for index in (1, 3, 5)]
    assert np.abs(wall - ground).max() < 60
