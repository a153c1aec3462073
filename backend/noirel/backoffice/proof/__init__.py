"""The proof: what has to be true of stock and money, asked of the raw rows, and of the gateway."""

from noirel.backoffice.proof.gateway import compare_with_gateway
from noirel.backoffice.proof.prove import Finding, prove

__all__ = ["Finding", "compare_with_gateway", "prove"]
