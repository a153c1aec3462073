"""Taking pictures in."""

from noirel.content.services.renditions import keep_picture, render_picture, store_renditions

__all__ = ["keep_picture", "render_picture", "store_renditions"]
