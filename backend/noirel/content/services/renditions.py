"""Files that are served, made from clean pixels."""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image

from noirel.content.models import MediaAsset
from noirel.content.pixels import LARGEST_WIDTH, ground_of, preview_of

WIDTHS = (320, 480, 640, 960, 1440, LARGEST_WIDTH)
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
            stored_file = ContentFile(content)
            stored_file.content_type = f"image/{file['format']}"  # type: ignore[attr-defined]  # a bucket serves it as this
            default_storage.save(path, stored_file)
        stored.append({"format": file["format"], "width": file["width"], "height": file["height"], "path": path})
    return stored


def keep_picture(*, source: str, **fields: Any) -> MediaAsset:
    """The asset of this source, made or brought up to date."""
    asset, _ = MediaAsset.objects.update_or_create(source=source, defaults=fields)
    return asset


def shown_of(picture: Image.Image) -> dict[str, Any]:
    """What an asset says of a picture before it has renditions."""
    return {
        "width": picture.width,
        "height": picture.height,
        "ground": ground_of(picture),
        "preview": preview_of(picture),
    }


def render_picture(picture: Image.Image) -> dict[str, Any]:
    """Renditions of clean pixels (pixels.clean_picture) put into the store; the asset's fields for them.

    AVIF and WebP in the widths of the house up to the picture's own, with a JPEG (a PNG where it is see-through) for
    the rest of the world. The same pixels twice make the same files.
    """
    widths = [width for width in WIDTHS if width < picture.width]
    widths.append(min(picture.width, LARGEST_WIDTH))
    fallback = "png" if picture.mode == "RGBA" else "jpeg"
    renditions = []
    with TemporaryDirectory() as folder:
        for width in widths:
            height = max(1, round(picture.height * width / picture.width))
            scaled = picture.resize((width, height), Image.Resampling.LANCZOS) if width != picture.width else picture
            files = []
            for kind in ("avif", "webp", fallback) if width in {widths[-1], widths[len(widths) // 2]} else ("avif", "webp"):
                name = f"{width}.{kind}"
                scaled.save(Path(folder) / name, **QUALITY[kind])
                files.append({"format": kind, "width": width, "height": height, "path": name})
            renditions += store_renditions(files, root=Path(folder))
    return shown_of(picture) | {"renditions": renditions}
