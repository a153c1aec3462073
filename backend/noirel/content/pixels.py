"""From a stranger's file to clean pixels: pure, and the only place where such a file is opened.

What comes out is upright, in sRGB and nothing but pixels. What was beside them in the file (EXIF and where it was taken,
profiles, comments, thumbnails, whatever stands behind the end) stays behind. The limits are settings.
"""

import re
import threading
from base64 import b64encode
from collections import Counter
from hashlib import blake2b
from io import BytesIO
from typing import Any

from django.conf import settings
from PIL import Image, ImageCms

from noirel.content.errors import (
    PictureHasTooManyPixels,
    PictureIsMore,
    PictureMoves,
    PictureRefused,
    PictureTooLarge,
    PictureTypeRefused,
    PictureUnreadable,
)
from noirel.content.scans import has_too_many_scans

LARGEST_WIDTH = 2160  # pixels; wider ones are scaled down first, since nothing larger is shown
TYPES = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/webp": "WEBP",
    "image/avif": "AVIF",
    "image/gif": "GIF",
}
_ORIENTATION = 0x0112  # EXIF 2.3, 4.6.4
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# Long enough that compressed pixels don't spell them by chance: once in some 10^8 files of the largest size.
_MARKUP = re.compile(rb"<script[\s>/]|<!doctype\s|<iframe[\s>]|<\?php\s", re.IGNORECASE)
_PDF = re.compile(rb"%PDF-\d\.\d")
_SRGB = ImageCms.createProfile("sRGB")
_PLATE = "#e6e1d8"

# Ours is checked as soon as the header is read; Pillow's own, only a warning up to its double, would come between.
Image.MAX_IMAGE_PIXELS = None
# A picture of the largest size takes some hundreds of megabytes to unpack: one at a time in each process.
_unpacking = threading.Lock()


def clean_picture(content: bytes, *, first_frame: bool = False) -> Image.Image:
    """The pixels of a file, RGB or RGBA, at most LARGEST_WIDTH wide. Raises PictureRefused, and nothing else.

    first_frame takes a moving picture's first; without it such a picture is refused.
    """
    if len(content) > settings.MEDIA_MAX_BYTES:
        raise PictureTooLarge(f"It has to be at most {settings.MEDIA_MAX_BYTES / 1024 / 1024:.3g} MB.")
    kind = _kind(content)
    if kind is None:
        raise PictureTypeRefused
    if _is_more(content):
        raise PictureIsMore
    if kind == "JPEG" and has_too_many_scans(content):
        raise PictureUnreadable("It is packed in more layers than a picture needs. Save it anew.")
    with _unpacking:
        try:
            return _unpacked(content, kind, first_frame=first_frame)
        except PictureRefused:
            raise
        except Exception as error:  # what a damaged file makes Pillow's readers raise is not written anywhere
            raise PictureUnreadable from error


def digest_of(picture: Image.Image) -> str:
    """The same for the same pixels, whatever file they came in."""
    mark = blake2b(f"{picture.mode} {picture.width} {picture.height} ".encode(), digest_size=20)
    mark.update(picture.tobytes())
    return mark.hexdigest()


def ground_of(picture: Image.Image) -> str:
    """The colour that most of the picture has, as CSS; see-through pixels don't count."""
    small = picture.convert("RGBA").resize((32, 32), Image.Resampling.BOX)
    raw = small.tobytes()
    seen = [tuple(raw[at : at + 3]) for at in range(0, len(raw), 4) if raw[at + 3] > 127]
    if not seen:
        return _PLATE
    shades = Counter(tuple(part >> 5 for part in pixel) for pixel in seen)
    most = shades.most_common(1)[0][0]
    alike = [pixel for pixel in seen if tuple(part >> 5 for part in pixel) == most]
    return "#" + "".join(f"{round(sum(pixel[at] for pixel in alike) / len(alike)):02x}" for at in range(3))


def preview_of(picture: Image.Image) -> str:
    """The picture at 16 pixels, as a data: address of some 200 characters: to be shown, blurred, until it is there."""
    small = picture.copy()
    small.thumbnail((16, 16), Image.Resampling.BOX)
    out = BytesIO()
    small.save(out, "WEBP", quality=20, method=6)
    return "data:image/webp;base64," + b64encode(out.getvalue()).decode()


def _kind(content: bytes) -> str | None:
    """What the first bytes say it is, as Pillow calls it."""
    if content.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "WEBP"
    if content[:6] in {b"GIF87a", b"GIF89a"}:
        return "GIF"
    if content[4:12] in {b"ftypavif", b"ftypavis"}:
        return "AVIF"
    return None


def _is_more(content: bytes) -> bool:
    """Whether a browser or an unpacker could take it for something else. Phones do write things behind the end of
    their JPEGs (a depth map, a second view), so bytes there alone refuse nobody.
    """
    if _MARKUP.search(content) or _PDF.search(content[:1024]):
        return True
    end = content.rfind(b"PK\x05\x06", max(0, len(content) - 65_557))  # a ZIP is known by its end (APPNOTE 4.3.16)
    return (
        end >= 0
        and len(content) >= end + 22
        and end + 22 + int.from_bytes(content[end + 20 : end + 22], "little") == len(content)
    )


def _unpacked(content: bytes, kind: str, *, first_frame: bool) -> Image.Image:
    with Image.open(BytesIO(content), formats=(kind,)) as opened:
        width, height = opened.size
        if max(width, height) > settings.MEDIA_MAX_SIDE or width * height > settings.MEDIA_MAX_PIXELS:
            raise PictureHasTooManyPixels(
                f"It is {width} by {height}; we take up to {settings.MEDIA_MAX_PIXELS / 1_000_000:g} million pixels"
                f" and {settings.MEDIA_MAX_SIDE} to a side."
            )
        # A phone's JPEG with its second view (MPO) is still. Frames are never counted: counting reads them all.
        if kind != "JPEG" and not first_frame and getattr(opened, "is_animated", False):
            raise PictureMoves
        orientation = _orientation(opened)
        turned = orientation in {5, 6, 7, 8}
        # A JPEG can be unpacked at a half, a quarter or an eighth right away: that saves memory and most of the time.
        least = LARGEST_WIDTH / (height if turned else width)
        if least < 1:
            opened.draft(None, (round(width * least) + 1, round(height * least) + 1))
        opened.load()
        picture: Image.Image = opened
        profile = opened.info.get("icc_profile")
        if orientation in _TURNS:
            picture = picture.transpose(_TURNS[orientation])
        picture = _plain(picture)
        if picture.width > LARGEST_WIDTH:
            scaled = max(1, round(picture.height * LARGEST_WIDTH / picture.width))
            picture = picture.resize((LARGEST_WIDTH, scaled), Image.Resampling.LANCZOS)
        picture = _srgb(picture, profile)
        clean = Image.new(picture.mode, picture.size)  # has no info: encoders write comments and profiles they find there
        clean.paste(picture)
        return clean


def _orientation(opened: Image.Image) -> Any:
    try:
        return opened.getexif().get(_ORIENTATION)
    except Exception:  # broken EXIF is no reason to refuse the pixels
        return None


def _plain(picture: Image.Image) -> Image.Image:
    """In 8 bits a channel and without a palette: RGB, RGBA, L or CMYK."""
    if picture.mode.startswith(("I;16", "I")):
        # Sixteen bits, kept in 32; convert() alone would cut off what is above 255.
        return picture.convert("I").point(lambda level: level / 257).convert("L")
    if picture.mode in {"LA", "La", "PA", "RGBa", "RGBA"} or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        lowest = picture.getchannel("A").getextrema()[0]
        return picture if lowest != 255 else picture.convert("RGB")
    return picture if picture.mode in {"RGB", "L", "CMYK"} else picture.convert("RGB")


def _srgb(picture: Image.Image, profile: Any) -> Image.Image:
    alpha = picture.getchannel("A") if picture.mode == "RGBA" else None
    colours = picture.convert("RGB") if alpha else picture
    if profile:
        try:
            told = ImageCms.ImageCmsProfile(BytesIO(profile))
            colours = ImageCms.profileToProfile(colours, told, _SRGB, outputMode="RGB") or colours
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            pass  # a broken profile, or another mode's: the numbers are taken for sRGB, as a browser does
    if colours.mode != "RGB":
        colours = colours.convert("RGB")
    if alpha:
        colours.putalpha(alpha)
    return colours
