"""The moment a cart becomes an order."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from noirel.cart.models import Cart
from noirel.cart.selectors import QuotedCart, quote_cart
from noirel.cart.services import lock_contents, removal_statements
from noirel.catalog.sellable import sellable
from noirel.checkout.errors import CartEmpty, CartOutOfStock, TotalChanged
from noirel.core.db import prepared
from noirel.core.domain.errors import FieldError, Invalid
from noirel.core.domain.money import Money
from noirel.core.http.idempotency import RETENTION, KeyReused
from noirel.core.viewer import SYSTEM, Viewer
from noirel.drops.rules import must_be_admitted
from noirel.orders.lifecycle import Status
from noirel.orders.models import Order
from noirel.orders.selectors import OrderDetail, order_detail
from noirel.orders.services.cancel import cancel_order
from noirel.orders.services.place import PLACED, Buyer, place_order
from noirel.payments.errors import GatewayRefused, GatewayUnavailable
from noirel.payments.gateway_slots import gateway_slot
from noirel.payments.models import Payment
from noirel.payments.selectors import attempts_of, open_attempt
from noirel.payments.services.create import attempt_insert, open_first_payment, open_payment

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Placed:
    """An order and the attempt it can be paid with."""

    whole: OrderDetail
    payment: Payment


def check_out(viewer: Viewer, *, key: str, **wanted: Any) -> Placed:
    """Buy what is in a cart at the total its owner has seen.

    One durable transaction makes the order, holds the stock and writes the attempt down; then, outside it, the gateway
    makes its order. The same key after a crash in between finds that order and finishes it. Raises CartEmpty,
    TotalChanged, OutOfStock, Invalid; DropNotOpen, DropClosed, DropByLot, ShareUsed for what is sold in a drop;
    GatewayUnavailable when the gateway can't be reached, and then order, stock and bag are as if it had not been tried;
    GatewayBusy when too many wait for it here, before anything is done.
    """
    with gateway_slot():
        return _check_out(viewer, key=key, **wanted)


def _check_out(viewer: Viewer, *, key: str, **wanted: Any) -> Placed:
    placed, made_now = _placed(viewer, key=key, **wanted)
    if placed.payment.gateway_order_id is not None:
        return placed
    order = placed.whole.order
    try:
        payment = (
            open_first_payment(order, placed.payment) if made_now else open_payment(order, placed.payment, look_first=True)
        )
    except (GatewayUnavailable, GatewayRefused) as error:
        log.warning("checkout of %s: gateway failed: %s %s", order.number, error.code, error.detail)
        cancel_order(SYSTEM, order, reason="the payment service could not be reached", actor="system")
        raise GatewayUnavailable(
            "The payment service can't be reached. Nothing was charged, and your bag is as it was."
        ) from error
    return Placed(placed.whole, payment)


@transaction.atomic(durable=True)
def _placed(
    viewer: Viewer,
    *,
    key: str,
    cart: UUID,
    email: str,
    shipping_address: Mapping[str, str],
    shipping_method: str,
    expected_total: Money,
    billing_address: Mapping[str, str] | None = None,
    note: str | None = None,
) -> tuple[Placed, bool]:
    """The order for this cart, and whether it was made now. Locks the cart, then the stock in id order."""
    full = lock_contents(viewer, cart)
    bag = full.cart
    quoted = quote_cart(
        full, country=shipping_address["country"], postcode=shipping_address["postcode"], shipping_method=shipping_method
    )
    if not quoted.lines:
        asked = {
            "email": email,
            "shipping_address": dict(shipping_address),
            "billing_address": dict(billing_address or shipping_address),
            "total": expected_total,
        }
        return _unfinished(viewer, bag, key, asked, shipping_method=shipping_method), False
    must_be_admitted(quoted.in_drops, at=timezone.now())
    _must_be_sellable(quoted)
    method = next((m for m in quoted.methods if m.code == shipping_method), None)
    if method is None:
        raise Invalid(
            "This way of delivery does not reach that address.",
            errors=[FieldError("shipping_method", "invalid_choice", "Not offered to this address.")],
        )
    if quoted.quote.total != expected_total:
        raise TotalChanged(
            "The total is not the one you saw.",
            expected_total=expected_total.json(),
            total=quoted.quote.total.json(),
            totals=totals_json(quoted),
        )
    attempts: list[Payment] = []

    def alongside(order: Order) -> list[prepared.Statement]:
        attempt, begun = attempt_insert(order, order_id=PLACED)
        attempts.append(attempt)
        return [begun, *removal_statements(bag)]

    made = place_order(
        quoted.quote,
        buyer=Buyer(
            user_id=viewer.user_id,
            email=email,
            shipping_address=shipping_address,
            billing_address=billing_address or shipping_address,
            note=bag.note if note is None else note,
            gift=bag.gift,
            samples=_samples(bag),
            account_email=viewer.user.email if viewer.user else "",
        ),
        shipping_method={
            "code": method.code,
            "name": method.name,
            "price": method.price.json(),
            "promise": {
                "earliest_on": method.promise.earliest_on,
                "latest_on": method.promise.latest_on,
                "text": method.promise.text,
            },
        },
        cart_id=bag.pk,
        checkout_key=key,
        alongside=alongside,
    )
    (attempt,) = attempts
    attempt.order = made.order
    return Placed(made, attempt), True


def totals_json(quoted: QuotedCart) -> dict[str, dict[str, int | str]]:
    """The contract's Totals."""
    quote = quoted.quote
    return {name: getattr(quote, name).json() for name in ("subtotal", "discount", "shipping", "tax", "total")}


def _unfinished(viewer: Viewer, bag: Cart, key: str, asked: Mapping[str, Any], *, shipping_method: str) -> Placed:
    """What this same request began and did not finish: we were killed between the commit and the answer.

    Only for the same viewer and body: whoever has learnt a cart's id and a key from somewhere gets no order by them. Not once
    the order's links were revoked, and not for longer than answers are kept: a key opens no order for ever. Raises CartEmpty;
    KeyReused for the same viewer with another body.
    """
    order = Order.objects.filter(cart_id=bag.pk, checkout_key=key).order_by("-id").first()
    if order is None or order.user_id != viewer.user_id or order.status in {Status.CANCELLED, Status.EXPIRED}:
        raise CartEmpty("There is nothing in the bag.")
    if order.link_version or order.placed_at < timezone.now() - RETENTION:
        raise CartEmpty("There is nothing in the bag.")
    if any(getattr(order, name) != value for name, value in asked.items()) or order.shipping_method["code"] != shipping_method:
        raise KeyReused
    attempts = attempts_of(order)
    return Placed(order_detail(order), open_attempt(attempts) or attempts[-1])


def _must_be_sellable(quoted: QuotedCart) -> None:
    """Every line, in full, at once: a buyer is never told of one shortage after the other."""
    wanted: dict[str, int] = {}
    for line in quoted.lines:
        wanted[line.sku] = wanted.get(line.sku, 0) + line.quantity
    blocked = {w.sku: w.available for w in quoted.warnings if w.code in {"unavailable", "out_of_stock", "quantity_reduced"}}
    if not blocked:
        return
    lines = []
    for sku in sorted(sku for sku in blocked if sku):
        item = quoted.items.get(sku)
        there = item.available if item is not None and item.product_status_ok else 0
        lines.append({"sku": sku, "requested": wanted[sku], "available": there or 0})
    raise CartOutOfStock("Some of it is gone.", lines=lines)


def _samples(bag: Cart) -> list[dict[str, str]]:
    if not bag.samples:
        return []
    items = sellable(bag.samples)
    return [{"sku": sku, "name": items[sku].product_name} for sku in bag.samples if sku in items]
