"""Double-entry ledger of all money movements."""
