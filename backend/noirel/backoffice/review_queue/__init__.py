"""The desk: money that needs a decision, and what was never told. The gravest deadline first."""

from noirel.backoffice.review_queue.items import Action, Item, Kind
from noirel.backoffice.review_queue.queue import counts, get_item, open_items, resolve

__all__ = ["Action", "Item", "Kind", "counts", "get_item", "open_items", "resolve"]
