"""`python -m tests.diagrams`: the parts of docs/integrity.md that are derived from code, as JSON: {name: markdown}.

State machines are drawn from the tables and questions of the lifecycles: every pair of states is put to them, and an arrow
that needs more than the two states to tell has words. What `manage.py audit` proves is read from its checks. `make diagrams`
puts them in their place on the page, `make check` compares.
"""

import json
import sys
from collections.abc import Callable, Iterable
from typing import TypeVar

import django

from noirel.orders.lifecycle import EVENTS, TRANSITIONS, Status
from noirel.payments.lifecycle import (
    OPEN,
    UNDECIDED_DISPUTE_STATES,
    DisputeState,
    RefundState,
    State,
    is_newer_dispute_update,
    is_progress,
    is_refund_progress,
)

Arrow = tuple[str, str, str]
S = TypeVar("S", bound=str)


def main() -> None:
    django.setup()  # the checks stand beside models
    sys.stdout.write(
        json.dumps(
            {
                "order": _diagram(Status.PENDING_PAYMENT, _orders()),
                "payment": _diagram(State.CREATED, _payments()),
                "refund": _diagram(RefundState.REQUESTED, _refunds()),
                "dispute": _diagram(DisputeState.OPEN, _disputes()),
                "checks": _checks(),
            }
        )
    )


def _orders() -> Iterable[Arrow]:
    return ((was, to, EVENTS[to]) for was in Status for to in Status if to in TRANSITIONS[was])


def _payments() -> Iterable[Arrow]:
    yield from _pairs(State, is_progress)
    yield from ((was, State.QUARANTINED, "another sum") for was in State if was in OPEN)
    yield State.QUARANTINED, State.CAPTURED, "accepted by staff"


def _refunds() -> Iterable[Arrow]:
    yield from _pairs(RefundState, is_refund_progress)
    yield "[*]", RefundState.QUARANTINED, "told by the gateway, and can't be"
    yield RefundState.FAILED, RefundState.QUARANTINED, "left after all, with no room"
    yield RefundState.QUARANTINED, RefundState.FAILED, "it never left"


def _disputes() -> Iterable[Arrow]:
    """What later news does; news that is not later changes nothing but an open dispute."""
    yield from _pairs(
        DisputeState,
        lambda was, to: is_newer_dispute_update(was, 1, to, 2) and not (was == to and was in UNDECIDED_DISPUTE_STATES),
    )


def _pairs(states: Iterable[S], may: Callable[[S, S], bool]) -> list[Arrow]:
    known = list(states)
    return [(was, to, "") for was in known for to in known if may(was, to)]


def _diagram(first: str, arrows: Iterable[Arrow]) -> str:
    arrows = list(arrows)
    ends = sorted({to for _, to, _ in arrows} - {was for was, _, _ in arrows})
    lines = [f"[*] --> {first}", *(f"{was} --> {to}{f': {said}' if said else ''}" for was, to, said in arrows)]
    lines += [f"{end} --> [*]" for end in ends]
    return "\n".join(["```mermaid", "stateDiagram-v2", *(f"  {line}" for line in lines), "```"])


def _checks() -> str:
    from noirel.backoffice.audit.checks import CHECKS

    rows = [f"| `{check.name}` | {check.description}{' (at rest)' if check.at_rest else ''} |" for check in CHECKS]
    return "\n".join(["| check | what it proves |", "| --- | --- |", *rows])


if __name__ == "__main__":
    main()
