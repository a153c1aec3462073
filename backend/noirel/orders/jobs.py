"""Scheduled job of the orders app."""

from noirel.core.history import seal
from noirel.orders.models import HISTORY


def seal_timelines() -> None:
    """Seal the timeline entries written since the last seal."""
    seal(HISTORY)
