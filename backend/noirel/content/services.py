"""Taking pictures in."""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from noirel.content.models import MediaAsset


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
