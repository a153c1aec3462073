"""A stranger's file becomes clean pixels, or is refused in words; never anything else."""

import zipfile
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st
from PIL import Image, ImageCms

from noirel.content.errors import PictureRefused
from noirel.content.pixels import clean_picture, digest_of, ground_of, preview_of
from noirel.content.tests.make import BLUE, RED, a_bomb, a_deep_png, a_file, a_picture, a_telltale_jpeg, a_webp_canvas, as_file


def _refusal(content: bytes) -> str:
    with pytest.raises(PictureRefused) as refused:
        clean_picture(content)
    return refused.value.code


def _near(pixel: Any, colour: tuple[int, ...], *, by: int = 8) -> bool:
    return all(abs(a - b) <= by for a, b in zip(pixel, colour, strict=False))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "GIF"])
def test_every_kind_that_we_take_becomes_its_pixels(kind: str) -> None:
    picture = clean_picture(a_file(kind))
    assert (picture.mode, picture.size, picture.info) == ("RGB", (8, 10), {})
    assert _near(picture.getpixel((4, 5)), RED)


@pytest.mark.parametrize(
    ("orientation", "size", "red_at"),
    [
        (1, (64, 32), (8, 16)), (2, (64, 32), (56, 16)), (3, (64, 32), (56, 16)), (4, (64, 32), (8, 16)),
        (5, (32, 64), (16, 8)), (6, (32, 64), (16, 8)), (7, (32, 64), (16, 56)), (8, (32, 64), (16, 56)),
    ],
)  # fmt: skip
def test_a_picture_is_turned_as_its_phone_was_held(orientation: int, size: Any, red_at: Any) -> None:
    picture = clean_picture(a_telltale_jpeg(orientation=orientation))
    assert picture.size == size
    assert _near(picture.getpixel(red_at), RED, by=20)
    assert _near(picture.getpixel((size[0] - 1 - red_at[0], size[1] - 1 - red_at[1])), BLUE, by=20)


def _with_red_and_blue_exchanged(profile: bytes) -> bytes:
    """sRGB, but its red is blue: the tags' names change places (ICC.1, 7.3)."""
    return profile.replace(b"rXYZ", b"????", 1).replace(b"bXYZ", b"rXYZ", 1).replace(b"????", b"bXYZ", 1)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_colours_of_another_profile_become_srgb(kind: str) -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert _near(clean_picture(a_file(kind, icc_profile=srgb)).getpixel((4, 5)), RED)
    exchanged = clean_picture(a_file(kind, icc_profile=_with_red_and_blue_exchanged(srgb)))
    assert _near(exchanged.getpixel((4, 5)), RED[::-1])
    assert exchanged.info == {}


def test_a_broken_profile_or_another_mode_s_spoils_nothing() -> None:
    assert clean_picture(a_file(icc_profile=b"not a profile")).getpixel((0, 0)) == RED
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert clean_picture(as_file(a_picture(mode="L", colour=9), icc_profile=srgb)).getpixel((0, 0)) == (9, 9, 9)


@pytest.mark.parametrize(
    ("mode", "colour", "told", "mode_after"),
    [
        ("L", 120, (120, 120, 120), "RGB"),
        ("1", 1, (255, 255, 255), "RGB"),
        ("LA", (120, 40), (120, 120, 120, 40), "RGBA"),
        ("RGBA", (*RED, 40), (*RED, 40), "RGBA"),
        ("RGBA", (*RED, 255), RED, "RGB"),  # nothing is seen through: a JPEG will do
        ("I;16", 120 * 257, (120, 120, 120), "RGB"),
    ],
)
def test_grey_deep_and_see_through_pictures_keep_what_is_seen(mode: str, colour: Any, told: Any, mode_after: str) -> None:
    picture = clean_picture(as_file(a_picture(mode=mode, colour=colour)))
    assert (picture.mode, picture.getpixel((3, 3))) == (mode_after, told)


def test_a_press_s_four_inks_become_three_lights() -> None:
    assert clean_picture(as_file(a_picture(mode="CMYK", colour=(0, 0, 0, 0)), "JPEG")).getpixel((1, 1)) == (255, 255, 255)


def test_a_wide_picture_is_no_wider_than_what_is_shown() -> None:
    assert clean_picture(a_file("JPEG", size=(4400, 8))).width == 2160


@pytest.mark.parametrize(
    "content",
    [
        b"", b"hello", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", b"<!doctype html><p>",
        b"%PDF-1.7", b"PK\x03\x04", b"II*\0", b"BM" + bytes(60), b"\0\0\0\x18ftypheic" + bytes(60),
        b"\0\0\1\0" + bytes(60), b"%!PS-Adobe",
    ],
)  # fmt: skip
def test_what_is_no_picture_of_ours_is_refused_whatever_it_is_called(content: bytes) -> None:
    assert _refusal(content) == "picture_type_refused"


@pytest.mark.parametrize("size", [(60_001, 1000), (1, 20_001), (2**31 - 1, 2**31 - 1), (10_000, 10_000)])
def test_a_bomb_is_refused_by_its_header(size: tuple[int, int]) -> None:
    assert _refusal(a_bomb(width=size[0], height=size[1])) == "picture_too_many_pixels"


def test_a_jpeg_of_a_thousand_layers_is_refused_before_it_is_unpacked() -> None:
    """Each costs the work of the whole picture again: 20 MB of them would take hours."""
    whole = as_file(Image.effect_noise((64, 64), 90).convert("RGB"), "JPEG", progressive=True)
    last, end = whole.rindex(b"\xff\xda"), whole.rindex(b"\xff\xd9")
    assert clean_picture(whole).size == (64, 64)
    assert _refusal(whole[:end] + whole[last:end] * 1000 + whole[end:]) == "picture_unreadable"
    assert _refusal(whole[:end] + b"\0junk\xff\xd0".join([whole[last:end]] * 1000) + whole[end:]) == "picture_unreadable"
    # What only looks like one: in a comment, and in the film that a phone keeps behind the end.
    assert clean_picture(whole[:2] + b"\xff\xfe\x0f\xa2" + b"\xff\xda" * 2000 + whole[2:]).size == (64, 64)
    assert clean_picture(whole + b"\xff\xda" * 2000).size == (64, 64)


def test_sixteen_bits_a_colour_become_eight() -> None:
    """Pillow writes none of these: a PNG by hand (RGB, 16 bits, 2 by 1)."""
    assert clean_picture(a_deep_png()).getpixel((1, 0)) == RED


def test_what_a_press_s_program_inverts_is_not_seen_as_its_negative() -> None:
    """Adobe's four inks are written the other way round, and said to be so by a marker of its own."""
    picture = clean_picture(as_file(a_picture(mode="CMYK", colour=(0, 255, 255, 0), size=(16, 16)), "JPEG", quality=95))
    assert _near(picture.getpixel((8, 8)), (255, 0, 0), by=12)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_one_frame_in_a_moving_format_is_still(kind: str) -> None:
    assert clean_picture(a_file(kind, save_all=True, duration=100)).size == (8, 10)


def test_a_bomb_of_frames_is_refused_by_its_canvas() -> None:
    """A WebP of 100 bytes whose frames would be put together on 16383 by 16383 pixels, and a GIF that grows by its frame."""
    assert _refusal(a_webp_canvas(16_383, 16_383)) == "picture_too_many_pixels"
    gif = bytearray(a_file("GIF"))
    frame = gif.index(b"\x2c\0\0\0\0")
    gif[frame + 5 : frame + 9] = b"\xff\xff\xff\xff"
    assert _refusal(bytes(gif)) == "picture_too_many_pixels"


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "JPEG"])
def test_a_file_that_is_a_script_as_well_leaves_only_its_pixels(kind: str) -> None:
    """What the look at its words does not know is gone all the same: served is what our encoders write."""
    for extra in (
        b"/*",
        b"*/=alert(document.domain)//",
        b"<svg onload=alert(1)>",
        b"javascript:alert(1)",
        b"Rar!\x1a\x07\x01\0",
    ):
        told = clean_picture(a_file(kind) + extra)
        assert (told.size, told.info) == ((8, 10), {})
        assert all(extra not in as_file(told, written) for written in ("JPEG", "WEBP", "AVIF"))


def test_a_file_beyond_the_limit_is_not_even_opened(settings: Any) -> None:
    settings.MEDIA_MAX_BYTES = 1000
    assert _refusal(a_file() + bytes(1000)) == "picture_too_large"


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "AVIF"])
def test_a_moving_picture_is_refused_unless_its_first_frame_will_do(kind: str) -> None:
    frames = [a_picture(colour=colour, size=(16, 16)) for colour in (RED, BLUE, (0, 0, 0))]
    content = as_file(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)
    assert _refusal(content) == "picture_moves"
    assert _near(clean_picture(content, first_frame=True).getpixel((8, 8)), RED)


def test_a_page_a_script_or_an_archive_in_a_picture_is_refused() -> None:
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("a.class", "x")
    for extra in (b"<script>alert(1)</script>", b"<?php system($_GET[0]);", b"<!DOCTYPE html><p>", b"<iframe src=x>"):
        assert _refusal(a_file("JPEG") + extra) == "picture_is_more"
        assert _refusal(a_file("JPEG", comment=extra)) == "picture_is_more"
    assert _refusal(a_file("GIF") + archive.getvalue()) == "picture_is_more"
    # Phones write more behind the end: that alone is no reason.
    assert clean_picture(a_file("JPEG") + bytes(500)).size == (8, 10)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_half_a_picture_is_refused(kind: str) -> None:
    noise = Image.effect_noise((64, 64), 90).convert("RGB")
    whole = as_file(noise, kind)
    assert _refusal(whole[: len(whole) // 2]) == "picture_unreadable"


def test_the_same_pixels_have_the_same_digest_whatever_was_beside_them() -> None:
    plain, told = a_file("PNG"), as_file(a_picture(), "PNG", exif=Image.Exif(), dpi=(300, 300))
    assert plain != told
    assert digest_of(clean_picture(plain)) == digest_of(clean_picture(told))
    assert digest_of(clean_picture(plain)) != digest_of(clean_picture(a_file(colour=BLUE)))


def test_the_ground_is_the_colour_that_most_of_it_has() -> None:
    picture = a_picture(size=(100, 100))
    picture.paste(BLUE, (0, 0, 40, 100))
    assert ground_of(picture) == "#c81e28"
    see_through = a_picture(mode="RGBA", colour=(*BLUE, 0), size=(100, 100))
    see_through.paste((*RED, 255), (0, 0, 30, 100))
    assert ground_of(see_through) == "#c81e28"
    assert ground_of(a_picture(mode="RGBA", colour=(0, 0, 0, 0))) == "#e6e1d8"


def test_the_preview_is_a_tiny_picture_in_an_address() -> None:
    preview = preview_of(Image.effect_noise((200, 100), 90).convert("RGB"))
    assert preview.startswith("data:image/webp;base64,")
    assert len(preview) < 600


SEEDS = [
    *(as_file(Image.effect_noise((24, 24), 90).convert("RGB"), kind) for kind in ("JPEG", "PNG", "WEBP", "AVIF", "GIF")),
    a_telltale_jpeg(orientation=6),
    as_file(a_picture(mode="RGBA", colour=(*RED, 9)), "PNG"),
]


@how(max_examples=150, deadline=None)
@given(
    st.sampled_from(SEEDS), st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=6)), max_size=6), st.floats(0, 1)
)
def test_a_damaged_picture_is_a_picture_or_a_refusal(whole: bytes, damage: list[tuple[float, bytes]], kept: float) -> None:
    content = bytearray(whole)
    for where, bytes_ in damage:
        at = int(where * len(content))
        content[at : at + len(bytes_)] = bytes_
    try:
        picture = clean_picture(bytes(content[: max(1, int(len(content) * kept))]) if kept < 0.5 else bytes(content))
    except PictureRefused:
        return
    assert picture.mode in {"RGB", "RGBA"}
    assert picture.info == {}


@how(max_examples=100, deadline=None)
@given(
    st.sampled_from([b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBP", b"GIF89a", b"\0\0\0\x1cftypavif"]),
    st.binary(max_size=300),
)
def test_rubbish_behind_a_right_beginning_is_refused(magic: bytes, rubbish: bytes) -> None:
    with pytest.raises(PictureRefused):
        clean_picture(magic + rubbish)
