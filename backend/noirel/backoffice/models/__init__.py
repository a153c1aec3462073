"""What staff decided, what reconciliation found, what files brought in and took out."""

from noirel.backoffice.models.bulk import BulkChange, BulkItem
from noirel.backoffice.models.files import (
    Export,
    FilePart,
    Import,
    ImportFinding,
    ImportProduct,
    ImportRow,
    MetafieldColumn,
    PendingPicture,
    StoredCells,
    StoredFile,
)  # fmt: skip
from noirel.backoffice.models.reconciliation import AuditRun, Decision, Settlement, SettlementLine, SyncProgress

__all__ = [
    "AuditRun",
    "BulkChange",
    "BulkItem",
    "Decision",
    "Export",
    "FilePart",
    "Import",
    "ImportFinding",
    "ImportProduct",
    "ImportRow",
    "MetafieldColumn",
    "PendingPicture",
    "Settlement",
    "SettlementLine",
    "StoredCells",
    "StoredFile",
    "SyncProgress",
]  # fmt: skip
