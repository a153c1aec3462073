from noirel.drops.models.launch import Drop, DropVariant, Share, ShareClaim
from noirel.drops.models.lottery import Commitment, Draw, Entry, EntryList, Seed

__all__ = ["Commitment", "Draw", "Drop", "DropVariant", "Entry", "EntryList", "Seed", "Share", "ShareClaim"]
