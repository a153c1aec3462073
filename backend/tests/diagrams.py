"""`python -m tests.diagrams`: print the generated parts of docs/integrity.md as JSON: {name: markdown}.

State diagrams are drawn from the transition tables and functions of the lifecycles, which are called for every pair of states.
Arrows that depend on more than the two states have a label. The list of audit checks is read from the checks. `make diagrams`
writes these parts into the page, and `make check` compares them.
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
    django.setup()  # the checks import models
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
    return ((source, target, EVENTS[target]) for source in Status for target in Status if target in TRANSITIONS[source])


def _payments() -> Iterable[Arrow]:
    yield from _pairs(State, is_progress)
    yield from ((source, State.QUARANTINED, "another amount") for source in State if source in OPEN)
    yield State.QUARANTINED, State.CAPTURED, "accepted by staff"


def _refunds() -> Iterable[Arrow]:
    yield from _pairs(RefundState, is_refund_progress)
    yield "[*]", RefundState.QUARANTINED, "reported by the gateway, contradicts our data"
    yield RefundState.FAILED, RefundState.QUARANTINED, "sent after all, exceeds what is left"
    yield RefundState.QUARANTINED, RefundState.FAILED, "reported as failed"


def _disputes() -> Iterable[Arrow]:
    """Transitions by later updates. Updates that are not later change nothing but an undecided dispute."""
    yield from _pairs(
        DisputeState,
        lambda source, target: (
            is_newer_dispute_update(source, 1, target, 2) and not (source == target and source in UNDECIDED_DISPUTE_STATES)
        ),
    )


def _pairs(states: Iterable[S], is_allowed: Callable[[S, S], bool]) -> list[Arrow]:
    members = list(states)
    return [(source, target, "") for source in members for target in members if is_allowed(source, target)]


def _diagram(first: str, arrows: Iterable[Arrow]) -> str:
    arrows = list(arrows)
    final_states = sorted({target for _, target, _ in arrows} - {source for source, _, _ in arrows})
    lines = [f"[*] --> {first}", *(f"{source} --> {target}{f': {label}' if label else ''}" for source, target, label in arrows)]
    lines += [f"{final_state} --> [*]" for final_state in final_states]
    return "\n".join(["```mermaid", "stateDiagram-v2", *(f"  {line}" for line in lines), "```"])


def _checks() -> str:
    from noirel.backoffice.audit.checks import CHECKS

    rows = [f"| `{check.name}` | {check.description}{' (at rest)' if check.at_rest else ''} |" for check in CHECKS]
    return "\n".join(["| check | what it verifies |", "| --- | --- |", *rows])


if __name__ == "__main__":
    main()
