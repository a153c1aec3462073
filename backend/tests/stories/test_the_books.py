"""Every paisa that the gateway took stands in the books, in an entry that balances."""

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
from tests.stories.test_what_goes_wrong import captured_event, let_the_hold_end, send

pytestmark = pytest.mark.django_db(transaction=True)
PRICE = 12_500_00


def held(reference: str = "") -> dict[Account, int]:
    return {account: amount for (account, _), amount in balances(reference=reference).items() if amount}


def test_a_paid_order_is_earned_with_its_tax_and_fee(guest: Shopper, gateway: LocalGateway) -> None:
    gateway.without_webhooks()
    placed = guest.buy((make_variant(price=inr(PRICE), on_hand=3).sku, 2))
    told = gateway.pay(placed["payment"]["gateway_order_id"])
    assert guest.verify(placed, told).status_code == 200
    assert guest.verify(placed, told).status_code == 200
    order = Order.objects.get()
    (payment,) = gateway.state()["payments"]
    assert held(order.number) == {
        Account.GATEWAY: 2 * PRICE - payment["fee"],
        Account.FEES: payment["fee"] - payment["tax"],
        Account.FEE_TAX: payment["tax"],
        Account.SALES: -(2 * PRICE - order.tax_amount),
        Account.TAX: -order.tax_amount,
    }
    assert [entry.kind for entry in entries_of(order.number)] == ["capture", "fee", "sale"]


def test_staff_read_an_orders_books_and_shoppers_do_not(
    guest: Shopper, gateway: LocalGateway, client: Client, staff: Client
) -> None:
    gateway.without_webhooks()
    placed = guest.buy((make_variant(price=inr(PRICE), on_hand=3).sku, 1))
    path = f"admin/orders/{placed['order']['number']}/books"
    assert staff.get(path).json() == {"entries": [], "balances": []}
    guest.verify(placed, gateway.pay(placed["payment"]["gateway_order_id"]))
    books = staff.get(path).json()
    assert [entry["kind"] for entry in books["entries"]] == ["capture", "fee", "sale"]
    for entry in books["entries"]:
        assert sum(posting["amount"]["amount"] for posting in entry["postings"]) == 0
    assert sum(left["amount"]["amount"] for left in books["balances"]) == 0
    assert [left["account"] for left in books["balances"]] == ["gateway", "sales", "tax", "fees", "fee_tax"]
    assert [client.get(path).status_code, client.get(f"{path}?token={placed['order_token']}").status_code] == [401, 401]


def test_delivery_is_earned_beside_the_goods_with_its_own_tax(guest: Shopper, gateway: LocalGateway) -> None:
    gateway.without_webhooks()
    placed = guest.buy((make_variant(price=inr(500_00), on_hand=3).sku, 1))
    guest.verify(placed, gateway.pay(placed["payment"]["gateway_order_id"]))
    order = Order.objects.get()
    assert order.shipping_amount > order.shipping_tax_amount > 0
    books = held(order.number)
    assert books[Account.SHIPPING] == -(order.shipping_amount - order.shipping_tax_amount)
    assert books[Account.SALES] == -(500_00 - (order.tax_amount - order.shipping_tax_amount))
    assert Account.CUSTOMERS not in books


def test_late_money_for_nothing_stands_on_the_desk(guest: Shopper, gateway: LocalGateway) -> None:
    gateway.without_webhooks()
    variant = make_variant(price=inr(PRICE), on_hand=1)
    placed = guest.buy((variant.sku, 1))
    let_the_hold_end()
    jobs.expire_unpaid_orders()
    guest.buy((variant.sku, 1))
    told = gateway.pay(placed["payment"]["gateway_order_id"])
    guest.verify(placed, told)
    assert UnmatchedPayment.objects.get().kind == "late"
    books = held(placed["order"]["number"])
    assert books[Account.UNMATCHED] == -PRICE
    assert Account.CUSTOMERS not in books
    assert Account.SALES not in books


@pytest.mark.parametrize("off_by", [-1, 1])
def test_a_wrong_sum_stands_on_the_desk_and_never_as_paid(
    shop: RunningShop, guest: Shopper, gateway: LocalGateway, off_by: int
) -> None:
    gateway.without_webhooks()
    placed = guest.buy((make_variant(price=inr(PRICE), on_hand=1).sku, 1))
    body = captured_event(placed["payment"]["gateway_order_id"], amount=PRICE + off_by)
    for _ in range(2):
        assert send(shop, body).status_code == 200
    assert held() == {
        Account.GATEWAY: PRICE + off_by - 295_00,
        Account.FEES: 250_00,
        Account.FEE_TAX: 45_00,
        Account.UNMATCHED: -(PRICE + off_by),
    }


def test_a_fee_that_is_told_later_is_booked_then(shop: RunningShop, guest: Shopper, gateway: LocalGateway) -> None:
    gateway.without_webhooks()
    placed = guest.buy((make_variant(price=inr(PRICE), on_hand=1).sku, 1))
    told: Any = captured_event(placed["payment"]["gateway_order_id"])
    send(shop, told.replace(b'"fee": 29500, "tax": 4500', b'"fee": null, "tax": null'))
    assert held()[Account.GATEWAY] == PRICE
    send(shop, told)
    assert held()[Account.GATEWAY] == PRICE - 295_00
    assert held()[Account.FEES] == 250_00


def test_a_revived_order_is_earned_once(guest: Shopper, gateway: LocalGateway) -> None:
    gateway.without_webhooks()
    placed = guest.buy((make_variant(price=inr(PRICE), on_hand=1).sku, 1))
    let_the_hold_end()
    jobs.expire_unpaid_orders()
    told = gateway.pay(placed["payment"]["gateway_order_id"])
    Order.objects.update(placed_at=F("placed_at") - timedelta(hours=1), updated_at=timezone.now())
    for _ in range(2):
        assert guest.verify(placed, told).json()["status"] == "paid"
    assert [entry.kind for entry in entries_of(placed["order"]["number"])] == ["capture", "fee", "sale"]
