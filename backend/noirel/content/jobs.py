"""What the clock does with pictures."""

from noirel.content.services.render import render_due
from noirel.content.services.uploads import forget_old_uploads

__all__ = ["forget_old_uploads", "render_due"]
