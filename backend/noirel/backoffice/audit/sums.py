"""Sums in the details of findings: written by SQL with their currency, formatted as money when the detail is read."""

import re

from noirel.core.domain.money import format_amount

_SUM = re.compile(r"‹(-?\d+) ([^›]*)›")


def sum_of(amount: str, currency: str, *, otherwise: str = "'nothing'") -> str:
    """The SQL expression for an amount in minor units and its currency, both SQL expressions themselves.

    `otherwise` is the text where either is NULL. Details with such expressions have to go through `with_sums`.
    """
    return f"coalesce('‹' || ({amount})::text || ' ' || ({currency})::text || '›', {otherwise})"


def with_sums(detail: str) -> str:
    """The detail with its sums as money: `₹6,550`, `KWD 1.250`."""
    return _SUM.sub(lambda found: format_amount(int(found[1]), found[2]), detail)
