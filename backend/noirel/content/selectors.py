"""How a picture is told."""

from typing import Any

from django.core.files.storage import default_storage

from noirel.content.models import MediaAsset


def media_url(path: str) -> str:
    """The public address of a stored file."""
    return str(default_storage.url(path))


def picture_json(asset: MediaAsset) -> dict[str, Any]:
    """A Picture of the contract; no statement."""
    return {
        "id": str(asset.pk),
        "alt": asset.alt,
        "view": asset.view,
        "width": asset.width,
        "height": asset.height,
        "ground": asset.ground,
        "focal": asset.focal,
        "renditions": [
            {"format": r["format"], "width": r["width"], "height": r["height"], "url": media_url(r["path"])}
            for r in asset.renditions
        ],
    }


def media_json(asset: MediaAsset) -> dict[str, Any]:
    """A Media of the contract, for staff; no statement."""
    status = "ready" if asset.renditions else "failed" if asset.problem else "waiting"
    return picture_json(asset) | {
        "preview": asset.preview,
        "status": status,
        "problem": asset.problem,
        "created_at": asset.created_at,
    }
