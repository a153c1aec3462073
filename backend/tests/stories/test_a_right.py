"""A right that was drawn, from the mail's link to the paid order, and every way it can go instead."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from noirel.core.domain.money import inr
from noirel.core.viewer import SYSTEM
from noirel.drops import jobs as drop_jobs
from noirel.drops.models import Drop, Entry
from noirel.drops.services.launch import end
from noirel.drops.tokens import token_for
from noirel.inventory.models import Reservation, StockItem
from noirel.orders.models import Order
from noirel.payments import jobs
from noirel.payments.models import UnmatchedPayment
from tests.make import drawn_lottery, make_variant
from tests.shopping import ADDRESS, LocalGateway, Shopper, order_path

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def drawn(gateway: LocalGateway) -> tuple[Drop, list[Entry]]:
    """Two units, four who entered, drawn: the entries by place."""
    gateway.without_webhooks()
    return drawn_lottery(make_variant(price=inr(12_500_00), on_hand=5), units=2, entries=4)


def claim(guest: Shopper, entry: Entry, *, cart: dict[str, Any] | None = None) -> Any:
    cart = cart or guest.bag()
    body = {"drop": entry.drop.slug, "entry": str(entry.pk), "token": token_for(entry.pk)}
    return guest.call("POST", f"carts/{cart['id']}/rights", body)


def home(number: int) -> dict[str, str]:
    return ADDRESS | {"line1": f"{number} Marine Drive", "phone": f"+9198200{number:05}"}


def buy(guest: Shopper, entry: Entry, *, number: int = 1, email: str = "") -> Any:
    brought = claim(guest, entry)
    assert brought.status_code == 200, brought.text
    return guest.check_out(brought.json(), email=email or entry.email, shipping_address=home(number))


def pool(drop: Drop) -> tuple[int, str]:
    row = Reservation.objects.get(reference=drop.reference)
    return row.units, row.state


def state_of(entry: Entry) -> tuple[str, str]:
    entry.refresh_from_db()
    return entry.state, entry.order


def test_a_right_brings_a_flacon_to_the_bag_and_to_the_order(guest: Shopper, gateway: LocalGateway, drawn: Any) -> None:
    drop, (first, *_) = drawn
    item = StockItem.objects.get()
    assert (item.on_hand, item.reserved) == (5, 2)
    bag = claim(guest, first).json()
    assert bag["warnings"] == []
    assert bag["email"] == first.email
    assert [(line["quantity"], line["available"]) for line in bag["lines"]] == [(1, 1)]
    more = guest.call("PATCH", f"carts/{bag['id']}/lines/{bag['lines'][0]['id']}", {"quantity": 2})
    assert (more.status_code, more.json()["code"]) == (409, "drop_limit")
    placed = guest.check_out(bag, email=first.email).json()
    item.refresh_from_db()
    assert (item.on_hand, item.reserved) == (5, 2)  # the same units, in other hands
    assert pool(drop) == (1, "held")
    assert state_of(first) == ("claimed", placed["order"]["number"])
    assert guest.verify(placed, gateway.pay(placed["payment"]["gateway_order_id"])).json()["status"] == "paid"
    item.refresh_from_db()
    assert (item.on_hand, item.reserved, item.committed) == (5, 1, 1)
    assert claim(guest, first).json()["code"] == "drop_by_lot"


def test_who_was_not_drawn_or_has_no_token_buys_nothing(guest: Shopper, drawn: Any) -> None:
    drop, (first, _, third, _) = drawn
    assert claim(guest, third).json()["code"] == "drop_by_lot"
    body = {"drop": drop.slug, "entry": str(first.pk), "token": token_for(third.pk)}
    assert guest.call("POST", f"carts/{guest.bag()['id']}/rights", body).status_code == 404


def test_a_right_is_its_persons_and_is_in_one_bag(guest: Shopper, drawn: Any) -> None:
    _, (first, second, *_) = drawn
    refused = buy(guest, first, email="somebody@example.com")
    assert (refused.status_code, refused.json()["code"]) == (409, "drop_by_lot")
    old = claim(guest, first).json()
    new = claim(guest, first).json()
    assert guest.check_out(old, email=first.email).json()["code"] == "drop_by_lot"
    assert guest.check_out(new, email=first.email).status_code == 201
    # The second winner is the first one in another mailbox: same door, same phone.
    assert buy(guest, second, number=2).status_code == 201


def test_one_person_with_two_winning_mailboxes_has_one_share(guest: Shopper, drawn: Any) -> None:
    drop, (first, second, *_) = drawn
    assert buy(guest, first).status_code == 201
    refused = buy(guest, second)
    assert (refused.status_code, refused.json()["code"], refused.json()["left"]) == (409, "drop_limit", 0)
    assert state_of(second) == ("offered", "")
    assert pool(drop) == (1, "held")


def test_an_unpaid_order_gives_the_right_back_while_its_time_lasts(guest: Shopper, drawn: Any) -> None:
    drop, (first, *_) = drawn
    placed = buy(guest, first).json()
    assert guest.call("POST", order_path(placed, "/cancel"), {}).status_code == 200
    assert state_of(first)[0] == "offered"
    assert pool(drop) == (2, "held")
    assert StockItem.objects.get().reserved == 2
    assert buy(guest, first).status_code == 201
    assert pool(drop) == (1, "held")


def test_an_unpaid_order_whose_right_is_over_goes_to_the_next(guest: Shopper, drawn: Any) -> None:
    drop, (first, second, third, _) = drawn
    for number, entry in enumerate((first, second)):
        assert buy(guest, entry, number=number).status_code == 201
    assert StockItem.objects.get().reserved == 2
    assert Reservation.objects.get(reference=drop.reference).state == "released"
    Entry.objects.filter(pk=first.pk).update(claim_by=timezone.now() - timedelta(seconds=1))
    Order.objects.update(held_until=timezone.now() - timedelta(seconds=1))
    jobs.expire_unpaid_orders()
    assert (state_of(first)[0], state_of(second)[0]) == ("lapsed", "offered")
    assert pool(drop) == (2, "held")
    drop_jobs.pass_rights_on()
    assert state_of(third)[0] == "offered"
    assert buy(guest, third, number=3).status_code == 201


def test_late_money_takes_the_right_again_while_it_is_there(guest: Shopper, gateway: LocalGateway, drawn: Any) -> None:
    drop, (first, second, *_) = drawn
    placed = [buy(guest, entry, number=number).json() for number, entry in enumerate((first, second))]
    Order.objects.update(held_until=timezone.now() - timedelta(seconds=1))
    jobs.expire_unpaid_orders()
    Entry.objects.filter(pk=second.pk).update(claim_by=timezone.now() - timedelta(seconds=1))
    drop_jobs.pass_rights_on()
    told = [guest.verify(one, gateway.pay(one["payment"]["gateway_order_id"])).json()["status"] for one in placed]
    assert told == ["paid", "expired"]
    assert (state_of(first)[0], state_of(second)[0]) == ("claimed", "lapsed")
    assert UnmatchedPayment.objects.get().kind == "late"
    item = StockItem.objects.get()
    assert (item.on_hand, item.reserved, item.committed, pool(drop)) == (5, 1, 1, (1, "held"))


def test_an_end_while_a_winner_pays_keeps_what_the_order_holds(guest: Shopper, gateway: LocalGateway, drawn: Any) -> None:
    drop, (first, second, *_) = drawn
    paying, leaving = (buy(guest, entry, number=number).json() for number, entry in enumerate((first, second)))
    end(drop.slug, actor=SYSTEM)
    assert guest.verify(paying, gateway.pay(paying["payment"]["gateway_order_id"])).json()["status"] == "paid"
    assert guest.call("POST", order_path(leaving, "/cancel"), {}).status_code == 200
    item = StockItem.objects.get()
    assert (item.on_hand, item.reserved, item.committed) == (5, 0, 1)


def test_a_lottery_and_an_ordinary_thing_go_in_one_order(guest: Shopper, gateway: LocalGateway, drawn: Any) -> None:
    drop, (first, *_) = drawn
    other = make_variant(price=inr(900_00), on_hand=3)
    brought = claim(guest, first).json()
    bag = guest.call("POST", f"carts/{brought['id']}/lines", {"sku": other.sku, "quantity": 2}).json()
    placed = guest.check_out(bag, email=first.email).json()
    assert StockItem.objects.get(pk=other.pk).reserved == 2
    assert guest.call("POST", order_path(placed, "/cancel"), {}).status_code == 200
    assert StockItem.objects.get(pk=other.pk).reserved == 0
    assert pool(drop) == (2, "held")
