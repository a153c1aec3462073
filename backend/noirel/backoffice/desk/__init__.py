"""The desk: money that needs a decision, and what was never told. The gravest deadline first."""

from noirel.backoffice.desk.desk import counts, item_of, resolve, waiting
from noirel.backoffice.desk.items import Act, Item, Kind

__all__ = ["Act", "Item", "Kind", "counts", "item_of", "resolve", "waiting"]
