"""What the clock does for the back office."""

from noirel.backoffice.reconcile.runs import run_audit
from noirel.backoffice.reconcile.settlements import import_new_settlements
from noirel.backoffice.reconcile.sweep import sweep


def sweep_gateway() -> None:
    """Find payments and refunds that nobody told us of."""
    sweep()


def import_settlements() -> None:
    """Take in what was paid to our bank."""
    import_new_settlements()


def audit() -> None:
    """Prove everything and keep the answer."""
    run_audit()
