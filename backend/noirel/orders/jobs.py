"""What the clock does with orders."""

from noirel.core.history import seal
from noirel.orders.models import HISTORY


def seal_timelines() -> None:
    """Lay a seal over what happened to orders since the last one."""
    seal(HISTORY)
