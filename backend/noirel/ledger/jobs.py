"""What the clock does with the books."""

from noirel.core.history import seal
from noirel.ledger.models import HISTORY


def seal_entries() -> None:
    """Lay a seal over what was booked since the last one."""
    seal(HISTORY)
