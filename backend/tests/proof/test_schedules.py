"""Ten thousand deliveries, late, twice, reordered, forged, lost and found again: the end is the orderly one's."""

import random
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
import requests
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from noirel.backoffice.audit import run_checks
from noirel.inventory.models import StockItem
from noirel.ledger.models import Entry
from noirel.orders.models import Order
from noirel.payments import jobs
from noirel.payments.models import GatewayEvent, Payment, Refund, UnmatchedPayment
from tests.client import Client
from tests.proof.world import Purchase, World
from tests.shopping import LocalGateway

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.proof]

SCHEDULES, DELIVERIES = 140, 42  # and then each of the 33 once more: 10,500
SEED = 2112


def bought(world: World, variant: int) -> Purchase:
    world.new_bag()
    sku = world.variants[variant].sku
    world.ask(world.guest, "POST", f"carts/{world.bags[-1].cart}/lines", {"sku": sku, "quantity": 1})
    world.check_out(world.bags[-1], again=False, off_by=0)
    return world.purchases[-1]


def lived(world: World) -> list[Purchase]:
    """Nine orders, each with a history at the gateway that the shop has not heard a word of."""
    gateway = world.gateway
    plain, moody, bank, twice, back, failed = (bought(world, 0 if at < 4 else 1) for at in range(6))
    gateway.pay(plain.gateway_order)
    gateway.pay(moody.gateway_order, "failure")
    gateway.pay(moody.gateway_order, "failure", method="upi")
    gateway.pay(moody.gateway_order)
    held = gateway.pay(bank.gateway_order, "authorize")
    requests.post(
        f"{gateway.url}/v1/payments/{held['razorpay_payment_id']}/capture",
        json={"amount": 12_500_00, "currency": "INR"},
        auth=(settings.RAZORPAY_KEY_ID, settings.RAZORPAY_KEY_SECRET),
        timeout=10,
    ).raise_for_status()
    gateway.pay(twice.gateway_order)
    gateway.pay(twice.gateway_order, second=True)
    paid = gateway.pay(back.gateway_order)
    gateway.door(f"payments/{paid['razorpay_payment_id']}/refund", amount=1_000_00)
    gateway.door(f"payments/{paid['razorpay_payment_id']}/refund", amount=500_00)
    gateway.pay(failed.gateway_order, "failure")
    # Money that comes after the order ended: while its bottle is still here, when it is gone, and after a cancellation.
    here, gone, cancelled = bought(world, 2), bought(world, 1), bought(world, 0)
    for ended in (here, gone):
        world.hold_ends(ended.number)
    jobs.expire_unpaid_orders()
    world.ask(world.guest, "POST", cancelled.path("/cancel"), {})
    stock = StockItem.objects.get(pk=world.variants[1].pk).available
    sku = world.variants[1].sku
    world.ask(world.staff, "POST", f"admin/inventory/{sku}/adjust", {"delta": -stock, "reason": "damaged"})
    for ended in (here, gone, cancelled):
        gateway.pay(ended.gateway_order)
    return world.purchases


def outcome() -> dict[str, Any]:
    """All that counts, without who came first: of two payments for one order either may be the one that pays."""
    books: Counter[tuple[str, str]] = Counter()
    for chain, postings in Entry.objects.values_list("chain", "postings"):
        for account, amount in postings.items():
            books[chain, account] += amount
    return {
        "orders": sorted(Order.objects.values_list("number", "status", "payment_status", "fulfilment_status")),
        "payments": sorted(Payment.objects.values_list("receipt", "status", "amount", "refunded_amount", "fee_amount")),
        "strays": sorted(UnmatchedPayment.objects.values_list("payment__receipt", "kind", "fate", "amount", "is_captured")),
        "refunds": sorted(Refund.objects.values_list("order__number", "amount", "status", "origin")),
        "books": {where: amount for where, amount in books.items() if amount},
        "stock": sorted(StockItem.objects.values_list("pk", "on_hand", "reserved", "committed")),
    }


def end_of(world: World, deliveries: list[dict[str, Any]], *, chance: random.Random | None) -> dict[str, Any]:
    """What is left when these came in this order, and then whatever was never delivered; and all of it undone again."""
    with transaction.atomic():
        for event in deliveries:
            forged = chance is not None and chance.random() < 0.1
            again = chance is not None and chance.random() < 0.2  # the same word under another event's name
            status = world.deliver(event, signed=not forged, event_id=f"evt_{chance.random()}" if again and chance else "")
            assert status == (400 if forged else 200)
            if chance is not None and chance.random() < 0.1:
                GatewayEvent.objects.filter(retry_at__isnull=False).update(retry_at=timezone.now())
                jobs.retry_webhooks()
        rest = list(world.events)
        if chance is not None:
            chance.shuffle(rest)
        for event in rest:
            world.deliver(event)
        for _ in range(3):
            GatewayEvent.objects.filter(retry_at__isnull=False).update(retry_at=timezone.now() - timedelta(seconds=1))
            jobs.retry_webhooks()
        found = outcome()
        assert run_checks(at_rest=False) == []
        transaction.set_rollback(True)
    return found


def test_ten_thousand_deliveries_in_any_order_end_as_the_orderly_one(gateway: LocalGateway, staff: Client) -> None:
    world = World(gateway, staff)
    lived(world)
    events = world.hear()
    orderly = end_of(world, events, chance=None)
    said = Counter(status for _, status, _, _ in orderly["orders"])
    assert said == {"paid": 6, "pending_payment": 1, "expired": 1, "cancelled": 1}
    assert [kind for _, kind, *_ in orderly["strays"]].count("late") == 2
    chance, delivered = random.Random(SEED), 0
    for _ in range(SCHEDULES):
        chosen = [chance.choice(events) for _ in range(DELIVERIES)]
        assert end_of(world, chosen, chance=chance) == orderly
        delivered += len(chosen) + len(events)
    print(f"{delivered} deliveries of {len(events)} events in {SCHEDULES} schedules end as the orderly one")
    assert delivered >= 10_000
