"""Text on a plate can be read, whatever light falls there."""

from __future__ import annotations

import pytest

from demo.render import plates
from demo.render.colour import contrast

PLATES = plates.load()


@pytest.mark.parametrize("slug", PLATES)
@pytest.mark.parametrize("ground", ["wall", "lit"])
def test_text_reaches_4_5_to_1_in_shade_and_in_light(slug: str, ground: str) -> None:
    plate = PLATES[slug]
    assert contrast(plate.on, getattr(plate, ground)) >= 4.5


def test_there_is_one_plate_for_each_hour_of_the_night() -> None:
    hours = [plate.hour for plate in PLATES.values()]
    assert hours == ["18:40", "19:27", "21:12", "22:05", "23:58", "02:30", "04:44", "05:51"]


def test_every_moon_is_its_own() -> None:
    assert len({plate.moon for plate in PLATES.values()}) == len(PLATES)
