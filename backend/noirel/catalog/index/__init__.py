"""Which products a list holds, in which order, and how many of each kind: see docs/search.md."""
