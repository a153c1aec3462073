"""Small pictures as files, of every kind that comes along."""

import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image

RED, BLUE = (200, 30, 40), (20, 40, 200)


def a_picture(*, size: tuple[int, int] = (8, 10), colour: Any = RED, mode: str = "RGB") -> Image.Image:
    return Image.new(mode, size, colour)


def as_file(picture: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    out = BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def a_file(kind: str = "PNG", *, size: tuple[int, int] = (8, 10), colour: Any = RED, **options: Any) -> bytes:
    return as_file(a_picture(size=size, colour=colour), kind, **options)


def a_telltale_jpeg(*, orientation: int = 1) -> bytes:
    """Red on the left and blue on the right, by a phone that told where it was."""
    picture = Image.new("RGB", (64, 32), RED)
    picture.paste(BLUE, (32, 0, 64, 32))
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "SECRET-MAKER"
    exif.get_ifd(0x8825)[2] = (48.0, 51.0, 29.9)
    exif.get_ifd(0x8825)[1] = "N"
    return as_file(picture, "JPEG", exif=exif, comment=b"SECRET-COMMENT", xmp=b"<x:xmpmeta>SECRET-XMP</x:xmpmeta>", quality=95)


def _png(width: int, height: int, bits: int, rows: bytes) -> bytes:
    """RGB; what rows hold is written as it is."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, bits, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def a_bomb(*, width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is this large."""
    return _png(width, height, 8, b"\0" * 1000)


def a_deep_png() -> bytes:
    """Two red pixels of 16 bits a colour."""
    return _png(2, 1, 16, b"\0" + struct.pack(">3H", *(part * 257 for part in RED)) * 2)


def a_webp_canvas(width: int, height: int) -> bytes:
    """A moving WebP with one small frame on a canvas of this size (RFC 9649, 2.7)."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return name + struct.pack("<I", len(body)) + body

    def size(width: int, height: int) -> bytes:
        return struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]

    frame = bytes(6) + size(8, 10) + b"\x10\0\0\0" + a_file("WEBP")[12:]
    head = chunk(b"VP8X", b"\2\0\0\0" + size(width, height)) + chunk(b"ANIM", bytes(6))
    return chunk(b"RIFF", b"WEBP" + head + chunk(b"ANMF", frame))
