"""The proof: what has to be true of stock and money, asked of the raw rows, and of the gateway."""

from noirel.backoffice.audit.gateway import compare_with_gateway
from noirel.backoffice.audit.runner import Finding, run_checks

__all__ = ["Finding", "compare_with_gateway", "run_checks"]
