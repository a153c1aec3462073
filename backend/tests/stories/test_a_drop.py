"""A launch, bought over HTTP: one share for one person, held for minutes, given back when it is not paid."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import requests
from django.utils import timezone

from noirel.core.domain.money import inr
from noirel.core.viewer import SYSTEM
from noirel.drops.models import Drop, ShareClaim
from noirel.drops.services.launch import announce
from noirel.inventory.models import StockItem
from noirel.orders.models import Order
from noirel.payments import jobs
from noirel.payments.models import UnmatchedPayment
from tests.make import make_drop, make_variant
from tests.shopping import ADDRESS, LocalGateway, Shopper, order_path

pytestmark = pytest.mark.django_db(transaction=True)
ELSEWHERE = ADDRESS | {
    "line1": "7 Park Street",
    "city": "Kolkata",
    "region": "WB",
    "postcode": "700016",
    "phone": "+919830054321",
}


def let_the_hold_end() -> None:
    Order.objects.filter(status="pending_payment").update(held_until=timezone.now() - timedelta(seconds=1))
    jobs.expire_unpaid_orders()


def buy(guest: Shopper, variant: Any, quantity: int = 1, **changes: Any) -> requests.Response:
    return guest.check_out(guest.bag((variant.sku, quantity)), **changes)


def is_refused(answer: requests.Response, code: str) -> dict[str, Any]:
    assert answer.status_code == 409, answer.text
    assert answer.json()["code"] == code
    return dict(answer.json())


def test_a_share_is_one_persons_however_they_sign(guest: Shopper, gateway: LocalGateway) -> None:
    variant = make_variant(price=inr(12_500_00), on_hand=20)
    make_drop(variant, per_person=2, per_address=3)
    assert buy(guest, variant, email="ira.sen@gmail.com").status_code == 201
    told = is_refused(buy(guest, variant, 2, email="irasen+two@gmail.com", shipping_address=ELSEWHERE), "drop_limit")
    assert (told["per_person"], told["left"]) == (2, 1)
    assert told["detail"].endswith("2 for each person, and you may have 1 more.")
    # Another mail, the same phone in another dress; then a housemate's phone and the same door.
    same_phone = ELSEWHERE | {"phone": "098200 12345"}
    assert is_refused(buy(guest, variant, 2, email="x@example.com", shipping_address=same_phone), "drop_limit")["left"] == 1
    same_door = ADDRESS | {"line1": "14, marine dr", "phone": "+919999900000", "name": "Mira Sen"}
    assert buy(guest, variant, 2, email="mira@example.com", shipping_address=same_door).status_code == 201
    third = same_door | {"phone": "+919999900001"}
    assert is_refused(buy(guest, variant, email="third@example.com", shipping_address=third), "drop_limit")["left"] == 0
    assert buy(guest, variant, email="third@example.com", shipping_address=ELSEWHERE).status_code == 201
    assert StockItem.objects.get(pk=variant.pk).reserved == 4


def test_a_refusal_for_the_address_does_not_say_that_one_has_had_ones_own(guest: Shopper, gateway: LocalGateway) -> None:
    variant = make_variant(price=inr(12_500_00), on_hand=20)
    drop = make_drop(variant, per_person=2, per_address=3)
    assert buy(guest, variant, 2, email="ira@example.com").status_code == 201
    housemate = ADDRESS | {"phone": "+919999900000", "name": "Mira Sen"}
    told = is_refused(buy(guest, variant, 2, email="mira@example.com", shipping_address=housemate), "drop_limit")
    assert told["detail"] == f"{drop.name}: 3 for each delivery address, and 1 more may go to this one."
    assert (told["limit"], told["per_address"], told["left"]) == ("address", 3, 1)
    assert buy(guest, variant, 1, email="mira@example.com", shipping_address=housemate).status_code == 201
    third = ADDRESS | {"phone": "+919999900001", "name": "Dev Sen"}
    told = is_refused(buy(guest, variant, email="dev@example.com", shipping_address=third), "drop_limit")
    assert told["detail"] == f"{drop.name}: 3 for each delivery address, and this one has had as many."
    assert "yours" not in told["detail"]
    # Whose own share is used up is told of that, whatever the address has left.
    told = is_refused(buy(guest, variant, email="ira@example.com", shipping_address=ELSEWHERE), "drop_limit")
    assert (told["limit"], told["detail"]) == ("person", f"{drop.name}: 2 for each person, and you have had yours.")


def test_a_share_that_is_not_paid_comes_back_and_one_that_is_paid_stays(guest: Shopper, gateway: LocalGateway) -> None:
    gateway.without_webhooks()
    variant = make_variant(price=inr(12_500_00), on_hand=20)
    make_drop(variant)
    assert buy(guest, variant).status_code == 201
    let_the_hold_end()
    placed = buy(guest, variant).json()
    assert guest.call("POST", order_path(placed, "/cancel"), {}).status_code == 200
    paid = buy(guest, variant).json()
    assert guest.verify(paid, gateway.pay(paid["payment"]["gateway_order_id"])).json()["status"] == "paid"
    is_refused(buy(guest, variant), "drop_limit")
    assert sorted(ShareClaim.objects.values_list("state", flat=True)) == ["claimed", "released", "released"]


def test_a_drop_holds_for_as_long_as_it_says(guest: Shopper, gateway: LocalGateway) -> None:
    variant, other = make_variant(price=inr(12_500_00)), make_variant(price=inr(900_00))
    make_drop(variant, hold_seconds=240)
    placed = guest.buy((variant.sku, 1), (other.sku, 1))["order"]
    held = datetime.fromisoformat(placed["held_until"]) - datetime.fromisoformat(placed["placed_at"])
    assert held == timedelta(seconds=240)
    ordinary = guest.buy((other.sku, 1))["order"]
    held = datetime.fromisoformat(ordinary["held_until"]) - datetime.fromisoformat(ordinary["placed_at"])
    assert held == timedelta(minutes=30)


def test_what_was_in_the_bag_before_the_opening_is_not_bought_before_it(guest: Shopper, gateway: LocalGateway) -> None:
    variant = make_variant(price=inr(12_500_00))
    cart = guest.bag((variant.sku, 1))
    opens_at = timezone.now() + timedelta(minutes=5)
    drop = make_drop(variant, opens_at=opens_at)
    told = is_refused(guest.check_out(cart), "drop_not_open")
    assert datetime.fromisoformat(told["opens_at"]) == opens_at
    Drop.objects.filter(pk=drop.pk).update(status="draft", opens_at=timezone.now())
    announce(drop.slug, actor=SYSTEM)
    assert guest.check_out(cart).status_code == 201


def test_the_drops_own_row_has_the_last_word(guest: Shopper, gateway: LocalGateway) -> None:
    """A variant's note of its terms may be a moment old, in our cache or in a replica's."""
    variant = make_variant(price=inr(12_500_00))
    drop = make_drop(variant)
    cart = guest.bag((variant.sku, 1))
    Drop.objects.filter(pk=drop.pk).update(status="closed", closed_at=timezone.now())
    is_refused(guest.check_out(cart), "drop_closed")
    assert not Order.objects.exists()
    assert StockItem.objects.get(pk=variant.pk).reserved == 0


def test_late_money_takes_the_share_again(guest: Shopper, gateway: LocalGateway) -> None:
    gateway.without_webhooks()
    variant = make_variant(price=inr(12_500_00), on_hand=20)
    make_drop(variant)
    late = buy(guest, variant).json()
    let_the_hold_end()
    assert guest.verify(late, gateway.pay(late["payment"]["gateway_order_id"])).json()["status"] == "paid"
    is_refused(buy(guest, variant), "drop_limit")
    assert ShareClaim.objects.get().state == "claimed"


def test_late_money_for_a_share_that_is_used_goes_back(guest: Shopper, gateway: LocalGateway) -> None:
    gateway.without_webhooks()
    variant = make_variant(price=inr(12_500_00), on_hand=20)
    make_drop(variant)
    late = buy(guest, variant).json()
    let_the_hold_end()
    second = buy(guest, variant).json()
    assert guest.verify(second, gateway.pay(second["payment"]["gateway_order_id"])).json()["status"] == "paid"
    assert guest.verify(late, gateway.pay(late["payment"]["gateway_order_id"])).json()["status"] == "expired"
    assert UnmatchedPayment.objects.get().kind == "late"
    item = StockItem.objects.get(pk=variant.pk)
    assert (item.on_hand, item.reserved, item.committed) == (20, 0, 1)
