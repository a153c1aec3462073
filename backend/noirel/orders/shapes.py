"""Order as defined by the API contract, for shoppers and staff: schema and JSON side by side."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from noirel.content.shapes import PictureOut
from noirel.core.domain.addresses import AddressOut
from noirel.core.http import MoneyField, Out
from noirel.orders.disputes import lost_amount
from noirel.orders.lifecycle import DisputeStatus, FulfilmentStatus, PaymentStatus, Status
from noirel.orders.models import Order, OrderEvent, OrderLine, Shipment
from noirel.orders.selectors import OrderDetail, is_under_way
from noirel.pricing.shapes import AheadOut

TOKEN = OpenApiParameter("token", str, description="The order's token, for buyers who are not signed in.")
STATUSES = [str(value) for value in Status.values]
PAYMENT_STATUSES = [str(value) for value in PaymentStatus.values]
DISPUTE_STATUSES = [str(value) for value in DisputeStatus.values]
FULFILMENT_STATUSES = [str(value) for value in FulfilmentStatus.values]


class GatewayPaymentOut(Out):
    provider = serializers.ChoiceField(["razorpay"])
    key_id = serializers.CharField()
    gateway_order_id = serializers.CharField()
    amount = serializers.IntegerField(help_text="Minor units.")
    currency = serializers.CharField()


class OrderTotalsOut(Out):
    subtotal = MoneyField()
    discount = MoneyField()
    shipping = MoneyField()
    tax = MoneyField()
    total = MoneyField()


class OrderLineOut(Out):
    id = serializers.UUIDField()
    sku = serializers.CharField()
    name = serializers.CharField()
    variant_title = serializers.CharField()
    product_slug = serializers.CharField()
    quantity = serializers.IntegerField()
    unit_price = MoneyField()
    discount = MoneyField()
    tax = MoneyField()
    tax_rate_bps = serializers.IntegerField()
    total = MoneyField()
    image = PictureOut(allow_null=True)
    attributes = serializers.DictField()
    engraving = serializers.CharField(allow_null=True)
    ahead = AheadOut(allow_null=True)
    fulfilled_quantity = serializers.IntegerField()
    returned_quantity = serializers.IntegerField()
    cancelled_quantity = serializers.IntegerField()


class OrderPromiseOut(Out):
    earliest_on = serializers.DateField(allow_null=True)
    latest_on = serializers.DateField(allow_null=True)
    text = serializers.CharField()


class OrderShippingOut(Out):
    code = serializers.CharField()
    name = serializers.CharField()
    price = MoneyField()
    promise = OrderPromiseOut()


class OrderGiftOut(Out):
    wrap = serializers.BooleanField()
    message = serializers.CharField()
    hide_prices = serializers.BooleanField()


class OrderSampleOut(Out):
    sku = serializers.CharField()
    name = serializers.CharField()


class TimelineEntryOut(Out):
    at = serializers.DateTimeField()
    type = serializers.CharField()
    message = serializers.CharField()


class ShipmentLineOut(Out):
    line_id = serializers.UUIDField()
    quantity = serializers.IntegerField()


class ShipmentOut(Out):
    id = serializers.UUIDField()
    status = serializers.ChoiceField(["packed", "in_transit", "delivered"])
    packed_at = serializers.DateTimeField()
    carrier = serializers.CharField()
    tracking_number = serializers.CharField()
    tracking_url = serializers.CharField()
    shipped_at = serializers.DateTimeField(allow_null=True)
    delivered_at = serializers.DateTimeField(allow_null=True)
    lines = ShipmentLineOut(many=True)


class RefundOut(Out):
    id = serializers.CharField()
    amount = MoneyField()
    status = serializers.CharField()
    reason = serializers.CharField()
    origin = serializers.ChoiceField(["staff", "cancel", "stray", "external"])
    created_at = serializers.DateTimeField()
    processed_at = serializers.DateTimeField(allow_null=True)


class PaymentFailureOut(Out):
    code = serializers.CharField()
    description = serializers.CharField()
    reason = serializers.CharField()


class OrderPaymentOut(Out):
    state = serializers.ChoiceField(["none", "created", "failed", "authorized", "captured", "quarantined"])
    method = serializers.CharField()
    failure = PaymentFailureOut(allow_null=True)
    is_set_aside = serializers.BooleanField(help_text="The payment is authorized and is captured when the order is sent.")
    dispute_status = serializers.ChoiceField(
        DISPUTE_STATUSES,
        help_text="Status of disputes over the payment. The order is not sent while it is `open` or `lost`.",
    )
    taken_back = MoneyField(help_text="Amount of the payment lost in disputes.")
    checkout = GatewayPaymentOut(allow_null=True)


REFUND_PENDING = "True while a refund that `payment_status` counts has been requested but not sent."


def is_refund_pending(order: Order) -> bool:
    """Whether a refund was requested that the gateway has not sent yet."""
    return any(refund["status"] == "pending" for refund in order.refunds)


REFUND_FIELDS = tuple(RefundOut().fields)


class OrderOut(Out):
    number = serializers.CharField()
    status = serializers.ChoiceField(STATUSES)
    payment_status = serializers.ChoiceField(PAYMENT_STATUSES)
    is_refund_pending = serializers.BooleanField(help_text=REFUND_PENDING)
    fulfilment_status = serializers.ChoiceField(FULFILMENT_STATUSES)
    email = serializers.CharField()
    currency = serializers.CharField()
    placed_at = serializers.DateTimeField()
    paid_at = serializers.DateTimeField(allow_null=True)
    held_until = serializers.DateTimeField(allow_null=True)
    lines = OrderLineOut(many=True)
    totals = OrderTotalsOut()
    shipping_address = AddressOut()
    billing_address = AddressOut()
    shipping_method = OrderShippingOut()
    note = serializers.CharField()
    gift = OrderGiftOut()
    samples = OrderSampleOut(many=True)
    timeline = TimelineEntryOut(many=True)
    shipments = ShipmentOut(many=True)
    refunds = RefundOut(many=True)
    payment = OrderPaymentOut()
    can_cancel = serializers.BooleanField()


class OrderCardLineOut(Out):
    name = serializers.CharField()
    variant_title = serializers.CharField()
    quantity = serializers.IntegerField()
    image = PictureOut(allow_null=True)


class OrderCardOut(Out):
    number = serializers.CharField()
    status = serializers.ChoiceField(STATUSES)
    payment_status = serializers.ChoiceField(PAYMENT_STATUSES)
    is_refund_pending = serializers.BooleanField(help_text=REFUND_PENDING)
    fulfilment_status = serializers.ChoiceField(FULFILMENT_STATUSES)
    placed_at = serializers.DateTimeField()
    total = MoneyField()
    item_count = serializers.IntegerField()
    lines = OrderCardLineOut(many=True)


def order_json(record: OrderDetail) -> dict[str, Any]:
    """Serialize an order as Order of the API contract."""
    order = record.order
    return {
        "number": order.number,
        "status": order.status,
        "payment_status": order.payment_status,
        "is_refund_pending": is_refund_pending(order),
        "fulfilment_status": order.fulfilment_status,
        "email": order.email,
        "currency": order.currency,
        "placed_at": format_instant(order.placed_at),
        "paid_at": format_instant(order.paid_at),
        "held_until": format_instant(order.held_until),
        "lines": [_line_json(line, order.currency) for line in record.lines],
        "totals": {
            name: {"amount": getattr(order, f"{name}_amount"), "currency": order.currency}
            for name in ("subtotal", "discount", "shipping", "tax", "total")
        },
        "shipping_address": order.shipping_address,
        "billing_address": order.billing_address,
        "shipping_method": order.shipping_method,
        "note": order.note,
        "gift": order.gift,
        "samples": order.samples,
        "timeline": [_entry_json(event) for event in record.events if event.is_public],
        "shipments": [_shipment_json(parcel) for parcel in record.shipments if any(part.left for part in parcel.lines.all())],
        "refunds": [{name: refund[name] for name in REFUND_FIELDS} for refund in order.refunds],
        "payment": _payment_json(order),
        "can_cancel": (order.status == Status.PENDING_PAYMENT and not is_under_way(order))
        or (
            order.status == Status.PAID
            and order.fulfilment_status == FulfilmentStatus.UNFULFILLED
            and order.dispute_status != DisputeStatus.OPEN
        ),
    }


def card_json(order: Order) -> dict[str, Any]:
    """Serialize an order as OrderCard of the API contract. Its lines must be prefetched."""
    return {
        "number": order.number,
        "status": order.status,
        "payment_status": order.payment_status,
        "is_refund_pending": is_refund_pending(order),
        "fulfilment_status": order.fulfilment_status,
        "placed_at": format_instant(order.placed_at),
        "total": order.total.json(),
        "item_count": order.item_count,
        "lines": [
            {"name": line.name, "variant_title": line.variant_title, "quantity": line.quantity, "image": line.image}
            for line in order.lines.all()
        ],
    }


def checkout_json(order: Order, entry: Mapping[str, Any]) -> dict[str, Any]:
    """Serialize a payment attempt as GatewayPayment of the API contract, with which the payment window is opened."""
    return {
        "provider": "razorpay",
        "key_id": entry["key_id"],
        "gateway_order_id": entry["gateway_order_id"],
        "amount": order.total_amount,
        "currency": order.currency,
    }


def format_instant(at: datetime | None) -> str | None:
    """Format an instant as RFC 3339 in UTC with a Z, to the millisecond."""
    return None if at is None else at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _payment_json(order: Order) -> dict[str, Any]:
    entry = _decisive_attempt(order.payments)
    if entry is None:
        no_payment = {"state": "none", "method": "", "failure": None, "is_set_aside": False, "checkout": None}
        return no_payment | _dispute_json(order)
    is_failed = entry["status"] == "failed"
    is_payable = (
        order.status == Status.PENDING_PAYMENT
        and order.held_until is not None
        and order.held_until > timezone.now()
        and entry["status"] in {"created", "failed"}
        and entry["gateway_order_id"] is not None
    )
    return {
        "state": entry["status"],
        "method": entry["method"],
        "failure": {
            "code": entry["error_code"],
            "description": entry["error_description"],
            "reason": entry["error_reason"],
        }
        if is_failed
        else None,
        "is_set_aside": settings.CAPTURE_MODE == "manual"
        and entry["status"] == "authorized"
        and order.status == Status.PENDING_PAYMENT,
        "checkout": checkout_json(order, entry) if is_payable else None,
    } | _dispute_json(order)


def _dispute_json(order: Order) -> dict[str, Any]:
    taken_back = lost_amount(order.payments, order.disputes)
    return {
        "dispute_status": order.dispute_status,
        "taken_back": {"amount": taken_back, "currency": order.currency},
    }


def _decisive_attempt(entries: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Return the attempt that decides the order's payment state: the captured one, or else the latest."""
    latest = None
    for entry in entries:
        if entry["status"] == "captured":
            return entry
        latest = entry
    return latest


def _line_json(line: OrderLine, currency: str) -> dict[str, Any]:
    def money(amount: int) -> dict[str, Any]:
        return {"amount": amount, "currency": currency}

    return {
        "id": str(line.pk),
        "sku": line.sku,
        "name": line.name,
        "variant_title": line.variant_title,
        "product_slug": line.product_slug,
        "quantity": line.quantity,
        "unit_price": money(line.unit_price_amount),
        "discount": money(line.discount_amount),
        "tax": money(line.tax_amount),
        "tax_rate_bps": line.tax_rate_bps,
        "total": money(line.total_amount),
        "image": line.image,
        "attributes": line.attributes,
        "engraving": line.engraving or None,
        "ahead": line.ahead,
        "fulfilled_quantity": line.fulfilled_quantity,
        "returned_quantity": line.returned_quantity,
        "cancelled_quantity": line.cancelled_quantity,
    }


def _entry_json(event: OrderEvent) -> dict[str, Any]:
    return {"at": format_instant(event.at), "type": event.type, "message": event.message}


def _shipment_json(shipment: Shipment) -> dict[str, Any]:
    return {
        "id": str(shipment.pk),
        "status": "delivered" if shipment.delivered_at else "in_transit" if shipment.shipped_at else "packed",
        "packed_at": format_instant(shipment.created_at),
        "carrier": shipment.carrier,
        "tracking_number": shipment.tracking_number,
        "tracking_url": shipment.tracking_url,
        "shipped_at": format_instant(shipment.shipped_at),
        "delivered_at": format_instant(shipment.delivered_at),
        "lines": [{"line_id": str(line.line_id), "quantity": line.left} for line in shipment.lines.all() if line.left],
    }
