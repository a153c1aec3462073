"""Scheduled job of the ledger."""

from noirel.core.history import seal
from noirel.ledger.models import HISTORY


def seal_entries() -> None:
    """Seal the entries booked since the last seal."""
    seal(HISTORY)
