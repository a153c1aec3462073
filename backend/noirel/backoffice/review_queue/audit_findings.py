"""What the proof and the bank's settlements found, for a person to look into."""

import hashlib
from typing import Any, ClassVar

from django.db.models import QuerySet

from noirel.backoffice.audit.checks import CHECKS
from noirel.backoffice.models import AuditRun, Settlement, SettlementLine
from noirel.backoffice.reconciliation.runs import run_audit
from noirel.backoffice.reconciliation.selectors import (
    explained_line_key,
    explained_settlement_key,
    last_run,
    open_findings,
    unexplained_lines,
    unexplained_settlements,
)
from noirel.backoffice.review_queue.items import (
    MAX_ITEMS,
    Action,
    AfterCommit,
    AlreadyDecided,
    Choice,
    Evidence,
    Item,
    Kind,
    NothingChanged,
    Source,
    format_amount,
    parse_number,
    record_decision,
)
from noirel.core.domain.money import Money
from noirel.core.viewer import Viewer
from noirel.orders.models import Order
from noirel.payments.lifecycle import PaymentUpdate

SAYS = {check.name: check.description for check in CHECKS}


class AuditFindings(Source):
    """What the last audit found. It goes when an audit doesn't find it any more, and by nothing else."""

    prefix: ClassVar[str] = "finding"

    def counts(self) -> dict[str, int]:
        return {Kind.AUDIT_FINDING: len(open_findings(last_run()))}

    def open_items(self, limit: int) -> list[Item]:
        run = last_run()
        return [_finding_item(run, finding) for finding in open_findings(run)[:limit]] if run else []

    def find(self, key: str) -> Item | None:
        return next((item for item in self.open_items(MAX_ITEMS) if item.id == f"{self.prefix}-{key}"), None)

    def decide(self, viewer: Viewer, key: str, act: Action, note: str, *, seen: PaymentUpdate | None) -> AfterCommit | None:
        return lambda: self._prove_again(viewer, key)

    def _prove_again(self, viewer: Viewer, key: str) -> None:
        run_audit(actor=viewer.name)
        found = self.find(key)
        if found is not None:
            raise NothingChanged(f"Every check ran again, and this one still fails. {found.description}")


class SettlementLines(Source):
    """Lines of settlements that match nothing we know."""

    prefix: ClassVar[str] = "settled"

    def counts(self) -> dict[str, int]:
        return {Kind.SETTLEMENT_UNMATCHED: self._rows().count()}

    def open_items(self, limit: int) -> list[Item]:
        return [_line_item(row) for row in self._rows().order_by("settlement__created_at", "pk")[:limit]]

    def find(self, key: str) -> Item | None:
        row = self._rows().filter(pk=parse_number(key)).first()
        return _line_item(row) if row else None

    def decide(self, viewer: Viewer, key: str, act: Action, note: str, *, seen: PaymentUpdate | None) -> AfterCommit | None:
        record_decision(viewer, explained_line_key(SettlementLine.objects.get(pk=key)), act, note)
        return None

    def _rows(self) -> QuerySet[SettlementLine]:
        return unexplained_lines().select_related("settlement")


class Settlements(Source):
    """Settlements whose sum is not the sum of their lines."""

    prefix: ClassVar[str] = "settlement"

    def counts(self) -> dict[str, int]:
        return {Kind.SETTLEMENT_UNMATCHED: unexplained_settlements().count()}

    def open_items(self, limit: int) -> list[Item]:
        return [_settlement_item(row) for row in unexplained_settlements().order_by("created_at", "pk")[:limit]]

    def find(self, key: str) -> Item | None:
        row = unexplained_settlements().filter(pk=key).first()
        return _settlement_item(row) if row else None

    def decide(self, viewer: Viewer, key: str, act: Action, note: str, *, seen: PaymentUpdate | None) -> AfterCommit | None:
        row = unexplained_settlements().filter(pk=key).first()
        if row is None:
            raise AlreadyDecided
        record_decision(viewer, explained_settlement_key(row, _lines_amount(row)), act, note)
        return None


def _lines_amount(settlement: Settlement) -> int:
    """The sum of its lines, which unexplained_settlements has annotated."""
    return int(getattr(settlement, "lines_amount"))  # noqa: B009


def _settlement_item(settlement: Settlement) -> Item:
    sum__ = format_amount(settlement.amount, settlement.currency)
    return Item(
        id=f"{Settlements.prefix}-{settlement.pk}",
        kind=Kind.SETTLEMENT_UNMATCHED,
        subject=settlement.pk,
        description=f"Settlement {settlement.pk} over {sum__} does not add up. {settlement.problem}",
        reason="Ask the gateway for its statement of this settlement.",
        choices=[_explained(f"{sum__} stays in the books as the bank received it.")],
        created_at=settlement.created_at,
        amount=Money(settlement.amount, settlement.currency) if settlement.amount else None,
        evidence=[
            Evidence("Sum", format_amount(_lines_amount(settlement), settlement.currency), sum__),
            Evidence("Settlement", "", f"{settlement.pk} {settlement.utr}".strip()),
        ],
    )


def _explained(says: str) -> Choice:
    return Choice(Action.DISMISS, "Mark as explained", f"{says} Audits do not report it again.", needs_note=True)


def _finding_item(run: AuditRun, finding: dict[str, Any]) -> Item:
    named = "\n".join([finding["check"], finding["subject"]])
    order = Order.objects.filter(number=finding["subject"]).values_list("number", flat=True).first()
    return Item(
        id=f"{AuditFindings.prefix}-{hashlib.blake2b(named.encode(), digest_size=8).hexdigest()}",
        kind=Kind.AUDIT_FINDING,
        subject=finding["subject"],
        description=f"{finding['subject']}: {finding['detail']}.",
        reason="Find out why before anything is changed by hand. It goes once it is fixed.",
        choices=[
            Choice(
                Action.RETRY,
                "Check again",
                "Every check runs again, with the gateway. If this one still fails, the item stays.",
            )
        ],
        created_at=run.at,
        order=order,
        evidence=[
            Evidence("Rule", SAYS.get(finding["check"], "The gateway and the books agree."), ""),
            Evidence("Check", "", finding["check"]),
            Evidence("Found", "", finding["detail"]),
        ],
    )


def _line_item(line: SettlementLine) -> Item:
    moved = line.credit or line.debit
    return Item(
        id=f"{SettlementLines.prefix}-{line.pk}",
        kind=Kind.SETTLEMENT_UNMATCHED,
        subject=line.entity_id,
        description=(
            f"Settlement {line.settlement_id} has a {line.type} of {format_amount(moved, line.currency)}. {line.problem}"
        ),
        reason="Ask the gateway what it is.",
        choices=[
            _explained(f"{format_amount(moved, line.currency)} stays in the settlement as it is, and nothing is booked."),
        ],
        created_at=line.settlement.created_at,
        order=Order.objects.filter(number=line.order_receipt.rpartition("-")[0]).values_list("number", flat=True).first(),
        amount=Money(moved, line.currency) if moved else None,
        evidence=[
            Evidence("Line", "", f"{line.type} {line.entity_id}"),
            Evidence("Amount", "", format_amount(line.amount, line.currency)),
            Evidence("Paid out", "", format_amount(line.credit, line.currency)),
            Evidence("Charged", "", format_amount(line.debit, line.currency)),
            Evidence("Fee", "", format_amount(line.fee, line.currency)),
            Evidence("Receipt", "", line.order_receipt),
            Evidence("Settlement", "", f"{line.settlement_id} {line.settlement.utr}".strip()),
        ],
    )
