"""Every captured amount is booked in the ledger, in entries that balance."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from noirel.core.domain.money import inr
from noirel.ledger.accounts import Account
from noirel.ledger.selectors import balances, entries_of
from noirel.orders.models import Order
from noirel.payments import jobs
from noirel.payments.models import UnmatchedPayment
from tests.client import Client
from tests.make import make_variant
from tests.shopping import LocalGateway, RunningShop, Shopper
from tests.stories.test_payment_failures import captured_event, expire_holds, send

pytestmark = pytest.mark.django_db(transaction=True)
PRICE = 12_500_00


def ledger_balances(reference: str = "") -> dict[Account, int]:
    return {account: amount for (account, _), amount in balances(reference=reference).items() if amount}


def test_a_paid_order_is_booked_as_revenue_with_its_tax_and_fee(guest: Shopper, gateway: LocalGateway) -> None:
    gateway.without_webhooks()
    placed = guest.buy((make_variant(price=inr(PRICE), on_hand=3).sku, 2))
    payment_result = gateway.pay(placed["payment"]["gateway_order_id"])
    assert guest.verify(placed, payment_result).status_code == 200
    assert guest.verify(placed, payment_result).status_code == 200
    order = Order.objects.get()
    (payment,) = gateway.state()["payments"]
    assert ledger_balances(order.number) == {
        Account.GATEWAY: 2 * PRICE - payment["fee"],
        Account.FEES: payment["fee"] - payment["tax"],
        Account.FEE_TAX: payment["tax"],
        Account.SALES: -(2 * PRICE - order.tax_amount),
        Account.TAX: -order.tax_amount,
    }
    assert [entry.kind for entry in entries_of(order.number)] == ["capture", "fee", "sale"]


def test_only_staff_may_read_the_ledger_entries_of_an_order(
    guest: Shopper, gateway: LocalGateway, client: Client, staff: Client
) -> None:
    gateway.without_webhooks()
    placed = guest.buy((make_variant(price=inr(PRICE), on_hand=3).sku, 1))
    path = f"admin/orders/{placed['order']['number']}/books"
    assert staff.get(path).json() == {"entries": [], "balances": []}
    guest.verify(placed, gateway.pay(placed["payment"]["gateway_order_id"]))
    order_balances = staff.get(path).json()
    assert [entry["kind"] for entry in order_balances["entries"]] == ["capture", "fee", "sale"]
    for entry in order_balances["entries"]:
        assert sum(posting["amount"]["amount"] for posting in entry["postings"]) == 0
    assert sum(balance["amount"]["amount"] for balance in order_balances["balances"]) == 0
    assert [balance["account"] for balance in order_balances["balances"]] == ["gateway", "sales", "tax", "fees", "fee_tax"]
    assert [client.get(path).status_code, client.get(f"{path}?token={placed['order_token']}").status_code] == [401, 401]


def test_shipping_is_booked_separately_with_its_own_tax(guest: Shopper, gateway: LocalGateway) -> None:
    gateway.without_webhooks()
    placed = guest.buy((make_variant(price=inr(500_00), on_hand=3).sku, 1))
    guest.verify(placed, gateway.pay(placed["payment"]["gateway_order_id"]))
    order = Order.objects.get()
    assert order.shipping_amount > order.shipping_tax_amount > 0
    order_balances = ledger_balances(order.number)
    assert order_balances[Account.SHIPPING] == -(order.shipping_amount - order.shipping_tax_amount)
    assert order_balances[Account.SALES] == -(500_00 - (order.tax_amount - order.shipping_tax_amount))
    assert Account.CUSTOMERS not in order_balances


def test_a_late_payment_that_pays_for_nothing_is_booked_as_unmatched(guest: Shopper, gateway: LocalGateway) -> None:
    gateway.without_webhooks()
    variant = make_variant(price=inr(PRICE), on_hand=1)
    placed = guest.buy((variant.sku, 1))
    expire_holds()
    jobs.expire_unpaid_orders()
    guest.buy((variant.sku, 1))
    payment_result = gateway.pay(placed["payment"]["gateway_order_id"])
    guest.verify(placed, payment_result)
    assert UnmatchedPayment.objects.get().kind == "late"
    order_balances = ledger_balances(placed["order"]["number"])
    assert order_balances[Account.UNMATCHED] == -PRICE
    assert Account.CUSTOMERS not in order_balances
    assert Account.SALES not in order_balances


@pytest.mark.parametrize("off_by", [-1, 1])
def test_a_payment_of_a_wrong_amount_is_booked_as_unmatched(
    shop: RunningShop, guest: Shopper, gateway: LocalGateway, off_by: int
) -> None:
    gateway.without_webhooks()
    placed = guest.buy((make_variant(price=inr(PRICE), on_hand=1).sku, 1))
    body = captured_event(placed["payment"]["gateway_order_id"], amount=PRICE + off_by)
    for _ in range(2):
        assert send(shop, body).status_code == 200
    assert ledger_balances() == {
        Account.GATEWAY: PRICE + off_by - 295_00,
        Account.FEES: 250_00,
        Account.FEE_TAX: 45_00,
        Account.UNMATCHED: -(PRICE + off_by),
    }


def test_a_fee_that_is_reported_later_is_booked_then(shop: RunningShop, guest: Shopper, gateway: LocalGateway) -> None:
    gateway.without_webhooks()
    placed = guest.buy((make_variant(price=inr(PRICE), on_hand=1).sku, 1))
    event: Any = captured_event(placed["payment"]["gateway_order_id"])
    send(shop, event.replace(b'"fee": 29500, "tax": 4500', b'"fee": null, "tax": null'))
    assert ledger_balances()[Account.GATEWAY] == PRICE
    send(shop, event)
    assert ledger_balances()[Account.GATEWAY] == PRICE - 295_00
    assert ledger_balances()[Account.FEES] == 250_00


def test_a_revived_order_is_booked_once(guest: Shopper, gateway: LocalGateway) -> None:
    gateway.without_webhooks()
    placed = guest.buy((make_variant(price=inr(PRICE), on_hand=1).sku, 1))
    expire_holds()
    jobs.expire_unpaid_orders()
    payment_result = gateway.pay(placed["payment"]["gateway_order_id"])
    Order.objects.update(placed_at=F("placed_at") - timedelta(hours=1), updated_at=timezone.now())
    for _ in range(2):
        assert guest.verify(placed, payment_result).json()["status"] == "paid"
    assert [entry.kind for entry in entries_of(placed["order"]["number"])] == ["capture", "fee", "sale"]
