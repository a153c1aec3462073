"""What waits for a person: the short list on the dashboard, the gravest first.

Each count is taken with the filter of the list that its link opens, so that the list shows what was counted.
"""

from dataclasses import asdict, dataclass

from django.conf import settings

from noirel.backoffice import review_queue
from noirel.core.shop_time import format_moment
from noirel.core.viewer import Viewer
from noirel.inventory.selectors import running_low
from noirel.orders.selectors import orders_for_staff

MAX_NAMED = 5  # variants that are named one by one

# The kinds of the review queue: one, and several of them.
QUEUE: dict[str, tuple[str, str]] = {
    review_queue.Kind.DISPUTE: ("dispute to answer", "disputes to answer"),
    review_queue.Kind.MISMATCH: ("payment of another amount", "payments of another amount"),
    review_queue.Kind.LATE: ("late payment", "late payments"),
    review_queue.Kind.DUPLICATE: ("duplicate payment", "duplicate payments"),
    review_queue.Kind.UNMATCHED: ("payment without an order", "payments without an order"),
    review_queue.Kind.REFUND_FAILED: ("failed refund", "failed refunds"),
    review_queue.Kind.SETTLEMENT_UNMATCHED: ("unmatched settlement line", "unmatched settlement lines"),
    review_queue.Kind.AUDIT_FINDING: ("audit finding", "audit findings"),
    review_queue.Kind.WEBHOOK_PARKED: ("webhook that could not be applied", "webhooks that could not be applied"),
    review_queue.Kind.EVENT_PARKED: ("event that could not be delivered", "events that could not be delivered"),
}


@dataclass(frozen=True, slots=True)
class TodoItem:
    """Something to be done: in words, with the list where it is done. count: how many that list holds; null for one thing."""

    kind: str
    title: str
    detail: str
    link: str
    count: int | None = None


def todo_for(viewer: Viewer) -> list[dict[str, object]]:
    """What waits for this member of staff; what their role can't open is left out. A few statements."""
    needs: list[TodoItem] = []
    if viewer.has("orders.view"):
        needs += _payments()
    if viewer.has("orders.refund"):
        needs += _queue()
    if viewer.has("orders.view"):
        needs += _orders()
    if viewer.has("inventory.view"):
        needs += _stock()
    return [asdict(need) for need in needs]


def _payments() -> list[TodoItem]:
    """Orders whose money is not safe: to be captured, lost to a dispute before they were sent, or released by the bank."""
    needs = []
    if settings.CAPTURE_MODE == "manual":
        waiting = orders_for_staff(view="to_capture")
        if count := waiting.count():
            first = waiting.order_by("held_until").values_list("held_until", flat=True)[0]
            detail = (
                f"The bank releases the first one at {format_moment(first)}." if first else "Before the bank releases them."
            )
            needs.append(_orders_in("to_capture", count, ("payment to capture", "payments to capture"), detail))
    if count := orders_for_staff(view="dispute_lost").count():
        detail = "The bank took money back. Send what is still paid for, or cancel them to release their stock."
        needs.append(_orders_in("dispute_lost", count, ("order lost to a dispute", "orders lost to a dispute"), detail))
    if count := orders_for_staff(view="released").count():
        detail = "The bank released the money in the last two weeks, and the orders expired."
        needs.append(_orders_in("released", count, ("payment not captured in time", "payments not captured in time"), detail))
    return needs


def _queue() -> list[TodoItem]:
    counts = review_queue.counts()
    return [
        TodoItem(kind, _pluralize(count, *words), "Look at the evidence and decide.", f"/desk?kind={kind}", count)
        for kind, words in QUEUE.items()
        if (count := counts[kind])
    ]


def _orders() -> list[TodoItem]:
    needs = []
    if count := orders_for_staff(view="to_engrave").count():
        needs.append(_orders_in("to_engrave", count, ("order to engrave", "orders to engrave"), "Engrave before packing."))
    if count := orders_for_staff(view="unfulfilled").count():
        detail = "Paid, and waiting to leave the house."
        link = "/orders?view=unfulfilled"
        needs.append(TodoItem("to_fulfil", _pluralize(count, "order to pack", "orders to pack"), detail, link, count))
    if count := orders_for_staff(view="to_ship").count():
        detail = "Packed, and not handed to the carrier yet."
        needs.append(_orders_in("to_ship", count, ("order to ship", "orders to ship"), detail))
    return needs


def _stock() -> list[TodoItem]:
    low = running_low()
    named = [
        TodoItem(
            "low_stock",
            f"{item.variant.product.name} {item.variant.title}".strip(),
            "Sold out." if item.available <= 0 else f"{item.available} left.",
            f"/inventory/{item.variant.sku}",
        )
        for item in low.select_related("variant__product").order_by("available", "pk")[:MAX_NAMED]
    ]
    if len(named) == MAX_NAMED and (count := low.count()) > MAX_NAMED:
        title = f"{count} variants are running low"
        named.append(TodoItem("running_low", title, "With those named above.", "/inventory?low=true", count))
    return named


def _orders_in(view: str, count: int, words: tuple[str, str], detail: str) -> TodoItem:
    return TodoItem(view, _pluralize(count, *words), detail, f"/orders?view={view}", count)


def _pluralize(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
