"""What the proof and the bank's settlements found, for a person to look into."""

import hashlib
from typing import Any, ClassVar

from django.db.models import Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Concat

from noirel.backoffice.desk.items import SHOWN, Act, Choice, Evidence, Item, Kind, Source, Then, close, sum_
from noirel.backoffice.models import AuditRun, Decision, SettlementLine
from noirel.backoffice.proof.checks import CHECKS
from noirel.backoffice.reconcile.runs import run_audit
from noirel.backoffice.reconcile.selectors import last_run
from noirel.core.money import Money
from noirel.core.viewer import Viewer
from noirel.orders.models import Order
from noirel.payments.lifecycle import Fact

# These lie on the desk themselves.
OTHERS = {"webhooks.parked", "events.parked"}
SAYS = {check.name: check.says for check in CHECKS}


class Findings(Source):
    """What the last audit found. It goes when an audit doesn't find it any more, and by nothing else."""

    prefix: ClassVar[str] = "finding"

    def counts(self) -> dict[str, int]:
        run = last_run()
        return {Kind.AUDIT_FINDING: len(_findings(run)) if run else 0}

    def waiting(self, limit: int) -> list[Item]:
        run = last_run()
        return [_finding_item(run, finding) for finding in _findings(run)[:limit]] if run else []

    def find(self, key: str) -> Item | None:
        return next((item for item in self.waiting(SHOWN) if item.id == f"{self.prefix}-{key}"), None)

    def decide(self, viewer: Viewer, key: str, act: Act, note: str, *, seen: Fact | None) -> Then | None:
        return lambda: run_audit(actor=viewer.name)


class Lines(Source):
    """Lines of settlements that match nothing we know."""

    prefix: ClassVar[str] = "settled"

    def counts(self) -> dict[str, int]:
        return {Kind.SETTLEMENT_UNMATCHED: self._rows().count()}

    def waiting(self, limit: int) -> list[Item]:
        return [_line_item(row) for row in self._rows().order_by("settlement__created_at", "pk")[:limit]]

    def find(self, key: str) -> Item | None:
        row = self._rows().filter(entity_id=key).first()
        return _line_item(row) if row else None

    def decide(self, viewer: Viewer, key: str, act: Act, note: str, *, seen: Fact | None) -> Then | None:
        close(viewer, f"{self.prefix}-{key}", act, note)
        return None

    def _rows(self) -> QuerySet[SettlementLine]:
        name = Concat(Value(f"{self.prefix}-"), OuterRef("entity_id"))
        rows = SettlementLine.objects.select_related("settlement").exclude(problem="")
        return rows.filter(~Exists(Decision.objects.filter(item=name)))


def _findings(run: AuditRun) -> list[dict[str, Any]]:
    return [finding for finding in run.findings if finding["check"] not in OTHERS]


def _finding_item(run: AuditRun, finding: dict[str, Any]) -> Item:
    named = "\n".join([finding["check"], finding["subject"]])
    order = Order.objects.filter(number=finding["subject"]).values_list("number", flat=True).first()
    return Item(
        id=f"{Findings.prefix}-{hashlib.blake2b(named.encode(), digest_size=8).hexdigest()}",
        kind=Kind.AUDIT_FINDING,
        subject=finding["subject"],
        happened=f"{finding['subject']}: {finding['detail']}.",
        why="Find out why before anything is changed by hand. What is mended is not found again.",
        choices=[
            Choice(Act.RETRY, "Prove it again", "Every rule is asked again, and the gateway with it. Nothing is changed.")
        ],
        created_at=run.at,
        order=order,
        evidence=[
            Evidence("Rule", SAYS.get(finding["check"], "The gateway and the books agree."), finding["check"]),
            Evidence("Found", "", finding["detail"]),
        ],
    )


def _line_item(line: SettlementLine) -> Item:
    moved = line.credit or line.debit
    return Item(
        id=f"{Lines.prefix}-{line.entity_id}",
        kind=Kind.SETTLEMENT_UNMATCHED,
        subject=line.entity_id,
        happened=f"Settlement {line.settlement_id} has a {line.type} of {sum_(moved, line.currency)}. {line.problem}",
        why="Ask the gateway what it is. Until somebody has explained it, it is not explained.",
        choices=[
            Choice(
                Act.DISMISS,
                "It is explained",
                f"{sum_(moved, line.currency)} stays in the settlement as it is. Nothing is booked.",
                needs_note=True,
            )
        ],
        created_at=line.settlement.created_at,
        order=Order.objects.filter(number=line.order_receipt.rpartition("-")[0]).values_list("number", flat=True).first(),
        amount=Money(moved, line.currency) if moved else None,
        evidence=[
            Evidence("Line", "", f"{line.type} {line.entity_id}"),
            Evidence("Amount", "", sum_(line.amount, line.currency)),
            Evidence("To the bank", "", sum_(line.credit, line.currency)),
            Evidence("From the bank", "", sum_(line.debit, line.currency)),
            Evidence("Fee", "", sum_(line.fee, line.currency)),
            Evidence("Receipt", "", line.order_receipt),
            Evidence("Settlement", "", f"{line.settlement_id} {line.settlement.utr}".strip()),
        ],
    )
