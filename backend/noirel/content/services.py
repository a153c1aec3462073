"""Taking pictures in."""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image

from noirel.content.models import MediaAsset

WIDTHS = (320, 480, 640, 960, 1440, 2160)
QUALITY: dict[str, dict[str, Any]] = {
    "avif": {"format": "AVIF", "quality": 60, "speed": 7},
    "webp": {"format": "WEBP", "quality": 80},
    "jpeg": {"format": "JPEG", "quality": 82, "progressive": True},
    "png": {"format": "PNG", "optimize": True},
}


def store_renditions(files: Iterable[Mapping[str, Any]], *, root: Path) -> list[dict[str, Any]]:
    """Put ready-made files ({"format", "width", "height", "path" below root}) into the store under their content's name."""
    stored = []
    for file in files:
        source = root / file["path"]
        content = source.read_bytes()
        name = hashlib.blake2b(content, digest_size=16).hexdigest()
        path = f"pictures/{name[:2]}/{name}{source.suffix}"
        if not default_storage.exists(path):
            default_storage.save(path, ContentFile(content))
        stored.append({"format": file["format"], "width": file["width"], "height": file["height"], "path": path})
    return stored


def keep_picture(*, source: str, **fields: Any) -> MediaAsset:
    """The asset of this source, made or brought up to date."""
    asset, _ = MediaAsset.objects.update_or_create(source=source, defaults=fields)
    return asset


def render_picture(picture: Image.Image) -> dict[str, Any]:
    """Renditions of a picture put into the store; the asset's width, height, ground and renditions.

    AVIF and WebP in the widths of the house up to the picture's own, with a JPEG (a PNG where it is see-through) for
    the rest of the world. Saving from pixels leaves EXIF and places behind.
    """
    widths = [width for width in WIDTHS if width < picture.width] or [picture.width]
    if picture.width <= WIDTHS[-1] and widths[-1] != picture.width:
        widths.append(picture.width)
    fallback = "png" if picture.mode == "RGBA" else "jpeg"
    with TemporaryDirectory() as folder:
        files = []
        for width in widths:
            height = max(1, round(picture.height * width / picture.width))
            scaled = picture.resize((width, height), Image.Resampling.LANCZOS) if width != picture.width else picture
            for kind in ("avif", "webp", fallback) if width in {widths[-1], widths[len(widths) // 2]} else ("avif", "webp"):
                name = f"{width}.{kind}"
                scaled.save(Path(folder) / name, **QUALITY[kind])
                files.append({"format": kind, "width": width, "height": height, "path": name})
        renditions = store_renditions(files, root=Path(folder))
    mean = picture.convert("RGB").resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
    ground = "#{:02x}{:02x}{:02x}".format(*mean) if isinstance(mean, tuple) else ""
    return {"width": picture.width, "height": picture.height, "ground": ground, "renditions": renditions}
