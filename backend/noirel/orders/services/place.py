"""Placing an order from a quote."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from noirel.core.db import prepared
from noirel.core.domain.ids import random_number
from noirel.core.events import OUTBOX, outbox_row, run_in_transaction_handlers
from noirel.drops.person import Person
from noirel.drops.rules import Asked, Terms
from noirel.drops.services.claim import admit, claim
from noirel.inventory import services as inventory
from noirel.orders.lifecycle import EVENTS, Status
from noirel.orders.models import Order, OrderEvent, OrderLine
from noirel.orders.selectors import OrderDetail
from noirel.orders.services.transition import build_timeline_entry
from noirel.pricing.quote import Quote, QuotedLine


@dataclass(frozen=True)
class Buyer:
    """The buyer with addresses and wishes. Addresses are JSON as stored on the order."""

    user_id: UUID | None
    email: str
    shipping_address: Mapping[str, str]
    billing_address: Mapping[str, str]
    note: str
    gift: Mapping[str, Any]
    samples: Sequence[Mapping[str, str]]
    account_email: str = ""

    @property
    def person(self) -> Person:
        return Person(
            user_id=self.user_id,
            emails=(self.email, self.account_email),
            phone=self.shipping_address.get("phone", ""),
            address=self.shipping_address,
        )


PLACED = "(SELECT id FROM placed)"  # SQL for the order's id, for statements executed alongside
# The first timeline entry stores a hash of the frozen columns, which reveals later edits made with the triggers disabled.
_STATE_WITH_HASH = """given.state || jsonb_build_object('frozen', (
    SELECT orders_frozen_hash(placed::orders_order, ARRAY(SELECT lines::orders_orderline FROM lines)) FROM placed))"""
_PLACE = f"""
placed AS ({prepared.insert_sql(Order)} RETURNING *),
lines AS ({prepared.insert_sql(OrderLine, order_id=PLACED)} RETURNING *), {OUTBOX},
timeline AS ({prepared.insert_sql(OrderEvent, order_id=PLACED, state=_STATE_WITH_HASH)} RETURNING id)
"""
_SELECT_IDS = "SELECT placed.id, timeline.id FROM placed, timeline"


def place_order(
    quote: Quote,
    *,
    buyer: Buyer,
    shipping_method: Mapping[str, Any],
    cart_id: UUID | None,
    checkout_key: str,
    alongside: Callable[[Order], Sequence[prepared.Statement]] | None = None,
) -> OrderDetail:
    """Insert an order as it was sold and reserve its stock. Call inside a transaction.

    `alongside` returns further statements to execute in the same round trip: it receives the order without its id, which the
    statements may refer to as PLACED. The hold lasts HOLD_SECONDS, or as long as the drop of one of its lines prescribes.
    Raises OutOfStock naming every line that fell short; DropNotOpen, DropClosed, DropByLot, ShareUsed. Locks the buyer's share
    of a drop, then the stock rows in id order, last of all writes because they are contended.
    """
    now = timezone.now()
    admission = admit(_in_drops(quote), cart_id=cart_id, at=now)
    held_until = now + timedelta(seconds=admission.hold_seconds or settings.HOLD_SECONDS)
    order = Order(
        number=random_number("NE-"),
        user_id=buyer.user_id,
        email=buyer.email,
        customer_name=buyer.shipping_address["name"],
        currency=quote.total.currency,
        subtotal_amount=quote.subtotal.amount,
        discount_amount=quote.discount.amount,
        shipping_amount=quote.shipping.amount,
        tax_amount=quote.tax.amount,
        shipping_tax_amount=quote.tax.amount - sum(line.tax.amount for line in quote.lines),
        total_amount=quote.total.amount,
        item_count=sum(line.requested.quantity for line in quote.lines),
        shipping_address=dict(buyer.shipping_address),
        billing_address=dict(buyer.billing_address),
        shipping_method=dict(shipping_method),
        note=buyer.note,
        gift=dict(buyer.gift),
        samples=list(buyer.samples),
        cart_id=cart_id,
        checkout_key=checkout_key,
        placed_at=now,
        held_until=held_until,
        hold_seconds=admission.hold_seconds,
    )
    name, payload = EVENTS[Status.PENDING_PAYMENT], {"number": order.number}
    lines = [_snapshot(order, position, line) for position, line in enumerate(quote.lines)]
    placed = build_timeline_entry(order, name, "Order placed.", at=now)
    outbox_event = outbox_row(name, key=order.number, payload=payload)
    values = [prepared.rows_json(order), prepared.rows_json(*lines), outbox_event, prepared.rows_json(placed)]
    ((order.pk, placed.pk),) = prepared.execute_batch(
        *(alongside(order) if alongside else ()), ctes=_PLACE, select=_SELECT_IDS, values=values
    )
    order._state.adding = False
    placed.order_id = order.pk
    for line in lines:
        line.order_id = order.pk
    run_in_transaction_handlers(name, payload)
    claimed = claim(admission, reference=order.number, person=buyer.person, cart_id=cart_id, expires_at=held_until, at=now)
    inventory.reserve(
        {id_: units for id_, units in _units(lines).items() if id_ not in claimed},
        reference=order.number,
        expires_at=held_until,
    )
    return OrderDetail(order=order, lines=lines, events=[placed], shipments=[])


def _in_drops(quote: Quote) -> list[Asked]:
    lines = [line.requested for line in quote.lines]
    return [Asked(line.item.sku, Terms.of(line.item.drop), line.quantity) for line in lines if line.item.drop]


def _units(lines: Sequence[OrderLine]) -> dict[int, int]:
    units: dict[int, int] = {}
    for line in lines:
        units[line.variant_id] = units.get(line.variant_id, 0) + line.quantity
    return units


def _snapshot(order: Order, position: int, line: QuotedLine) -> OrderLine:
    item = line.requested.item
    return OrderLine(
        order=order,
        position=position,
        variant_id=item.variant_id,
        sku=item.sku,
        name=item.product_name,
        variant_title=item.title,
        product_slug=item.product_slug,
        quantity=line.requested.quantity,
        unit_price_amount=item.price.amount,
        discount_amount=line.discount.amount,
        tax_amount=line.tax.amount,
        tax_rate_bps=item.tax_rate_bps,
        total_amount=line.total.amount,
        image=item.image,
        attributes=dict(item.attributes),
        engraving=line.requested.engraving,
        ahead=line.requested.ahead.json() if line.requested.ahead else None,
    )
