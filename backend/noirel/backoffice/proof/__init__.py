"""The proof: what has to be true of stock and money, asked of the raw rows."""

from noirel.backoffice.proof.prove import Finding, prove

__all__ = ["Finding", "prove"]
