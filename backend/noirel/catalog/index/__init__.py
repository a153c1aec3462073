"""The in-memory catalogue index: lists, facets, search and suggestions. See docs/search.md and ADR 0009."""
