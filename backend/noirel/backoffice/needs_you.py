"""What waits for a person: the short list on the dashboard, the gravest first."""

from typing import Any

from django.db.models import Count, Q

from noirel.backoffice import desk
from noirel.catalog.services.availability import LOW_STOCK
from noirel.inventory.models import StockItem
from noirel.orders.models import Order

NAMED = 5


def needs_you() -> list[dict[str, str]]:
    """Each entry names a thing, says it in a sentence and links to where it is done. A few statements."""
    return [*_money(), *_orders(), *_stock()]


def _entry(kind: str, title: str, detail: str, link: str) -> dict[str, str]:
    return {"kind": kind, "title": title, "detail": detail, "link": link}


def _money() -> list[dict[str, str]]:
    found = desk.counts()
    untold = found.pop(desk.Kind.EVENT_PARKED) + found.pop(desk.Kind.WEBHOOK_PARKED)
    entries = []
    if money := sum(found.values()):
        title = f"{_count(money, 'sum')} of money to decide on"
        entries.append(_entry("desk", title, "Look at the evidence and decide.", "/desk"))
    if untold:
        detail = "A mail or a webhook failed for hours."
        entries.append(_entry("untold", f"{_count(untold, 'event')} could not be told", detail, "/desk"))
    return entries


def _orders() -> list[dict[str, str]]:
    counts: dict[str, Any] = Order.objects.filter(status="paid").aggregate(
        to_fulfil=Count("pk", distinct=True), to_engrave=Count("pk", filter=Q(lines__engraving__gt=""), distinct=True)
    )
    entries = []
    if counts["to_engrave"]:
        title = f"{_count(counts['to_engrave'], 'order')} to engrave"
        entries.append(_entry("to_engrave", title, "Before they are packed.", "/orders?view=to_engrave"))
    if counts["to_fulfil"]:
        title = f"{_count(counts['to_fulfil'], 'order')} to pack"
        entries.append(_entry("to_fulfil", title, "Paid, and waiting to leave the house.", "/orders?view=unfulfilled"))
    return entries


def _stock() -> list[dict[str, str]]:
    low = (
        StockItem.objects.filter(is_tracked=True, available__lte=LOW_STOCK, variant__product__status="active")
        .select_related("variant__product")
        .order_by("available", "pk")[:NAMED]
    )
    return [
        _entry(
            "low_stock",
            f"{item.variant.product.name} {item.variant.title}".strip(),
            "Sold out." if item.available <= 0 else f"{item.available} left.",
            f"/inventory?q={item.variant.sku}",
        )
        for item in low
    ]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
