"""What staff decided, what reconciliation found, what files brought in and took out."""

from noirel.backoffice.models.bulk import BulkChange, BulkItem
from noirel.backoffice.models.files import (
    Export,
    FilePart,
    Import,
    ImportFinding,
    ImportProduct,
    ImportRow,
    KeptCells,
    MetafieldColumn,
    StoredFile,
    WantedPicture,
)  # fmt: skip
from noirel.backoffice.models.reconciliation import AuditRun, Decision, Reached, Settlement, SettlementLine

__all__ = [
    "AuditRun", "BulkChange", "BulkItem", "Decision", "Export", "FilePart", "Import", "ImportFinding", "ImportProduct",
    "ImportRow", "KeptCells", "MetafieldColumn", "Reached", "Settlement", "SettlementLine", "StoredFile", "WantedPicture",
]  # fmt: skip
