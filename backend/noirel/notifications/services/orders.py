"""Mails about orders, built from the data stored on the order."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.conf import settings

from noirel.core.domain.addresses import COUNTRIES
from noirel.core.domain.ids import uuid7
from noirel.core.domain.money import Money, format_money
from noirel.core.viewer import SYSTEM
from noirel.notifications.mail import INK, PAPER, send_once
from noirel.orders.disputes import lost_amount
from noirel.orders.lifecycle import PaymentStatus
from noirel.orders.models import Order, OrderLine, Shipment
from noirel.orders.selectors import OrderDetail, link_token, order_detail, order_for
from noirel.payments.models import Refund
from noirel.payments.selectors import refund_of

REFUND_REASONS = {
    "late": "Your payment reached us after order {number} had ended, and what you wanted was gone by then.",
    "duplicate": "Order {number} was paid twice. The second payment is yours.",
    "mismatch": "Your payment was not the amount of order {number}.",
    "cancel": "Order {number} was cancelled.",
}


def send_receipt(payload: Mapping[str, Any]) -> None:
    """Handle `order.paid`: confirm the purchase with its lines, totals and delivery date."""
    order = order_for(SYSTEM, payload["number"])
    names = _list_names([line.name for line in order_detail(order).lines])
    _send(order, "receipt", subject=f"{names}: order {order.number}")


def send_shipped(payload: Mapping[str, Any]) -> None:
    """Handle `order.shipped`: one mail per parcel, with its contents and whether more follows."""
    order = order_for(SYSTEM, payload["number"])
    record = order_detail(order)
    for parcel in record.shipments:
        if parcel.shipped_at is not None:
            _send_parcel(record, parcel, subject=f"Order {order.number} is on its way", key=f"{order.number}:{parcel.pk}")


def send_new_tracking(payload: Mapping[str, Any]) -> None:
    """Handle `order.tracking_changed`: send the parcel's mail again with its new tracking number."""
    order = order_for(SYSTEM, payload["number"])
    record = order_detail(order)
    for parcel in record.shipments:
        if str(parcel.pk) == payload["shipment"]:
            key = f"{order.number}:{parcel.pk}:{payload['tracking_number']}"
            _send_parcel(record, parcel, subject=f"New tracking number for order {order.number}", key=key)


def _send_parcel(record: OrderDetail, parcel: Shipment, *, subject: str, key: str) -> None:
    order, lines_by_id = record.order, {line.pk: line for line in record.lines}
    contents = [
        {"name": lines_by_id[part.line_id].name, "variant": lines_by_id[part.line_id].variant_title, "quantity": part.left}
        for part in parcel.lines.all()
        if part.left
    ]
    shipped: dict[Any, int] = {}
    for shipment in record.shipments:
        if shipment.shipped_at is not None:
            for part in shipment.lines.all():
                shipped[part.line_id] = shipped.get(part.line_id, 0) + part.left
    to_come = sum(
        max(0, line.quantity - line.cancelled_quantity - line.returned_quantity - shipped.get(line.pk, 0))
        for line in record.lines
    )
    extra = {
        "parcel": parcel,
        "contents": contents,
        "to_come": to_come,
        "link": parcel.tracking_url or _link(order),
        "act": "Track parcel" if parcel.tracking_url else "See your order",
    }
    _send(order, "shipped", subject=subject, key=key, extra=extra)


def send_authorized(payload: Mapping[str, Any]) -> None:
    """Handle `payment.authorized` with manual capture: confirm the order, which is charged when it is sent."""
    order = order_for(SYSTEM, payload["number"])
    _send(order, "set_aside", subject=f"Your order {order.number}", key=payload["payment"])


def send_released(payload: Mapping[str, Any]) -> None:
    """Handle `payment.let_go`: report that nothing was charged and the order has ended."""
    order = order_for(SYSTEM, payload["number"])
    _send(order, "let_go", subject=f"Order {order.number} was not charged", key=payload["payment"])


def send_cancelled(payload: Mapping[str, Any]) -> None:
    """Handle `order.cancelled`: report the cancellation and what happens to the money.

    Not sent if the mail about the refund says so, nor to a buyer who cancelled an order before any payment.
    """
    order = order_for(SYSTEM, payload["number"])
    if payload["was"] == "pending_payment" and payload.get("actor", "") in {"", SYSTEM.name} and not has_held_money(order):
        return
    if Refund.objects.filter(order=order, origin=Refund.Origin.CANCEL).exists():
        return
    total = format_money(order.total)
    lost = lost_amount(order.payments, order.disputes)
    if lost:
        money_text = f"Your bank has returned {format_money(Money(lost, order.currency))} to you. Nothing else was charged."
    elif payload["was"] == "paid":
        money_text = "What you paid for it has been refunded before."
    elif order.payment_status == PaymentStatus.AUTHORIZED:
        money_text = (
            f"Nothing was charged. Your bank still holds {total} for this order and releases it by itself, usually in 5 days."
        )
    else:
        money_text = "We received no payment for it. If one still arrives, it goes back to you the way it came."
    _send(order, "cancelled", subject=f"Order {order.number} is cancelled", extra={"money": money_text})


def has_held_money(order: Order) -> bool:
    """Whether a payment of the order was authorized or captured at any time."""
    return any(entry["gateway_payment_id"] for entry in order.payments)


def send_refund(payload: Mapping[str, Any]) -> None:
    """Handle `refund.requested` or `refund.processed`, whichever comes first: one mail per refund, with its reason."""
    order = order_for(SYSTEM, payload["number"])
    refund = refund_of(order, payload["refund"])
    amount = format_money(Money(refund.amount, refund.currency))
    reason = REFUND_REASONS.get(refund.stray.kind if refund.stray else refund.origin, "It belongs to order {number}.")
    extra = {"sum": amount, "why": reason.format(number=order.number)}
    _send(order, "refund", subject=f"{amount} is on its way back to you", key=str(refund.pk), extra=extra)


def send_order_link(payload: Mapping[str, Any]) -> None:
    """Handle `order.link_asked`: mail a link to the order, each time it is requested. No number: no such order."""
    if not payload["number"]:
        return
    order = order_for(SYSTEM, payload["number"])
    _send(order, "order_link", subject=f"Your order {order.number}", key=f"{order.number}:{uuid7().hex}")


def _send(order: Order, template: str, *, subject: str, key: str = "", extra: Mapping[str, Any] | None = None) -> None:
    lines = order_detail(order).lines
    background = _background(lines)
    context = {
        "order": order,
        "lines": [_line(line, order.currency) for line in lines],
        "totals": _totals(order),
        "address": _address(order.shipping_address),
        "delivery": _delivery(order.shipping_method),
        "link": _link(order),
        "picture": _picture(lines),
        "ground": background,
        "on": _text_colour_on(background),
        **(extra or {}),
    }
    send_once(f"{template}:{key or order.number}", to=order.email, subject=subject, template=template, context=context)


def _link(order: Order) -> str:
    return f"{settings.PUBLIC_URL}/orders/{order.number}?token={link_token(order)}"


def _line(line: OrderLine, currency: str) -> dict[str, Any]:
    # Before the discount, which has a row of its own, so that the lines add up to the subtotal.
    return {
        "name": line.name,
        "variant": line.variant_title,
        "hour": line.attributes.get("hour", ""),
        "engraving": line.engraving,
        "quantity": line.quantity,
        "total": format_money(Money(line.total_amount + line.discount_amount, currency)),
    }


def _totals(order: Order) -> list[tuple[str, str]]:
    def text(amount: int) -> str:
        return format_money(Money(amount, order.currency))

    rows = [("Subtotal", text(order.subtotal_amount))]
    if order.discount_amount:
        rows.append(("Discount", text(-order.discount_amount)))
    rows.append(("Delivery", text(order.shipping_amount) if order.shipping_amount else "Free"))
    rows.append(("Total", text(order.total_amount)))
    rows.append(("of which tax", text(order.tax_amount)))
    return rows


def _address(address: Mapping[str, str]) -> list[str]:
    country = COUNTRIES.get(address.get("country", ""))
    place = " ".join(part for part in (address.get("city", ""), address.get("postcode", "")) if part)
    rows = [address.get("name", ""), address.get("line1", ""), address.get("line2", ""), place, country.name if country else ""]
    return [row for row in rows if row]


def _delivery(method: Mapping[str, Any]) -> str:
    """Return the promised delivery date as a sentence: "Delivered by Thursday 26 November." or similar."""
    promise = method.get("promise") or {}
    try:
        day = date.fromisoformat(str(promise.get("latest_on", "")))
    except ValueError:
        return f"{promise['text']}." if promise.get("text") else ""
    return f"Delivered by {day:%A} {day.day} {day:%B}."


def _background(lines: list[OrderLine]) -> str:
    """Return the solid background colour of the first picture: mail programs support neither gradients nor oklch."""
    for line in lines:
        background = str((line.image or {}).get("ground", ""))
        if re.fullmatch(r"#[0-9a-fA-F]{6}", background):
            return background
    return PAPER


def _text_colour_on(background: str) -> str:
    """Return the text colour with the higher contrast on this background (WCAG 2.2, relative luminance)."""

    def linear(channel: int) -> float:
        part = channel / 255
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(background[place : place + 2], 16)) for place in (1, 3, 5))
    return INK if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.18 else PAPER


def _picture(lines: list[OrderLine]) -> dict[str, Any] | None:
    """Return the first picture in a format that every mail program supports."""
    for line in lines:
        renditions = [
            r for r in (line.image or {}).get("renditions", []) if r["format"] in {"jpeg", "png"} and r["width"] <= 960
        ]
        if renditions:
            best = max(renditions, key=lambda rendition: rendition["width"])
            url = best["url"] if "://" in best["url"] else f"{settings.PUBLIC_URL}{best['url']}"
            return {"url": url, "alt": (line.image or {}).get("alt", "")}
    return None


def _list_names(names: list[str]) -> str:
    unique = list(dict.fromkeys(names))
    if len(unique) > 3:
        return f"{unique[0]}, {unique[1]} and {len(unique) - 2} more"
    return " and ".join([", ".join(unique[:-1]), unique[-1]]) if len(unique) > 1 else (unique[0] if unique else "Your order")
