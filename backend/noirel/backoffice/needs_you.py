"""What waits for a person: the short list on the dashboard, the gravest first."""

from typing import Any

from django.conf import settings
from django.db.models import Count, Min, Q
from django.utils import timezone

from noirel.backoffice import desk
from noirel.catalog.services.availability import LOW_STOCK
from noirel.core.shop_time import format_moment
from noirel.inventory.models import StockItem
from noirel.orders.lifecycle import DisputeStatus
from noirel.orders.models import Order
from noirel.orders.selectors import DISPUTED, RELEASED, RELEASED_SHOWN, TO_CAPTURE, TO_PACK

NAMED = 5


def needs_you() -> list[dict[str, str]]:
    """Each entry names a thing, says it in a sentence and links to where it is done. A few statements."""
    return [*_payments(), *_money(), *_orders(), *_stock()]


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


def _payments() -> list[dict[str, str]]:
    """Orders whose money is not safe: to be captured, released by the bank, or lost to a dispute before they were sent."""
    released = RELEASED & Q(placed_at__gte=timezone.now() - RELEASED_SHOWN)
    lost = DISPUTED & Q(dispute_status=DisputeStatus.LOST)
    found: dict[str, Any] = Order.objects.filter(TO_CAPTURE | released | lost).aggregate(
        to_capture=Count("pk", filter=TO_CAPTURE),
        capture_by=Min("held_until", filter=TO_CAPTURE),
        released=Count("pk", filter=released),
        lost=Count("pk", filter=lost),
    )
    entries = []
    if found["to_capture"] and settings.CAPTURE_MODE == "manual":
        title = f"{_count(found['to_capture'], 'payment')} to capture"
        detail = f"The bank releases the first one at {format_moment(found['capture_by'])}."
        entries.append(_entry("to_capture", title, detail, "/orders?view=to_capture"))
    if found["lost"]:
        title = f"{_count(found['lost'], 'order')} lost to a dispute"
        detail = "The bank took the money back. Cancel them to release their stock."
        entries.append(_entry("dispute_lost", title, detail, "/orders?view=disputed"))
    if found["released"]:
        title = f"{_count(found['released'], 'payment')} not captured in time"
        detail = "The bank released the money in the last two weeks, and the orders expired."
        entries.append(_entry("released", title, detail, "/orders?view=released"))
    return entries


def _orders() -> list[dict[str, str]]:
    counts: dict[str, Any] = Order.objects.filter(TO_PACK).aggregate(
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
