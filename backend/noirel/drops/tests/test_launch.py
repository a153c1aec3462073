"""What staff do with a drop, and what the shop says of it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from noirel.core.domain.errors import Conflict, Invalid
from noirel.core.domain.money import inr
from noirel.core.viewer import SYSTEM
from noirel.drops.errors import DropFixed
from noirel.drops.models import Drop, Share
from noirel.drops.services.launch import announce, close, create_drop, end, update_drop
from tests.client import Client
from tests.make import make_drop, make_variant

pytestmark = pytest.mark.django_db


def test_the_product_tells_of_its_drop_from_the_announcement_to_the_end(client: Client) -> None:
    variant = make_variant(price=inr(12_500_00))

    def told() -> object:
        return client.get(f"products/{variant.product.slug}").json()["variants"][0]["drop"]

    drop = make_drop(variant, announced=False, per_person=2, per_address=4)
    assert told() is None
    announce(drop.slug, actor=SYSTEM)
    assert told() == {
        "slug": drop.slug,
        "name": drop.name,
        "mode": "first_come",
        "opens_at": drop.opens_at.isoformat().replace("+00:00", "Z"),
        "closes_at": drop.closes_at.isoformat().replace("+00:00", "Z") if drop.closes_at else None,
        "per_person": 2,
        "hold_seconds": 300,
    }
    end(drop.slug, actor=SYSTEM)
    assert told() is None


def test_before_the_opening_it_goes_into_no_bag(client: Client) -> None:
    variant = make_variant(price=inr(12_500_00))
    opens_at = (timezone.now() + timedelta(minutes=5)).replace(microsecond=0)
    make_drop(variant, opens_at=opens_at)
    cart = client.post("carts", {}).json()
    refused = client.post(f"carts/{cart['id']}/lines", {"sku": variant.sku, "quantity": 1})
    assert refused.status_code == 409
    assert refused.json()["code"] == "drop_not_open"
    assert refused.json()["opens_at"] == opens_at.isoformat().replace("+00:00", "Z")
    assert refused.json()["lines"] == [{"sku": variant.sku}]


def test_a_bag_that_was_filled_before_warns_and_counts_it_for_nothing(client: Client) -> None:
    variant, other = make_variant(price=inr(12_500_00)), make_variant(price=inr(900_00))
    lines = [{"sku": variant.sku, "quantity": 1}, {"sku": other.sku, "quantity": 1}]
    cart = client.post("carts", {"lines": lines}).json()
    drop = make_drop(variant, opens_at=timezone.now() + timedelta(minutes=5))
    seen = client.get(f"carts/{cart['id']}").json()
    assert [(warning["code"], warning["sku"]) for warning in seen["warnings"]] == [("drop_not_open", variant.sku)]
    assert seen["totals"]["subtotal"] == inr(900_00).json()
    close(drop.slug, actor=SYSTEM)
    assert client.get(f"carts/{cart['id']}").json()["warnings"][0]["code"] == "drop_not_open"


def test_after_its_close_it_is_not_sold_and_after_its_end_it_is(client: Client) -> None:
    variant = make_variant(price=inr(12_500_00))
    drop = make_drop(variant)
    close(drop.slug, actor=SYSTEM)
    close(drop.slug, actor=SYSTEM)
    cart = client.post("carts", {}).json()
    line = {"sku": variant.sku, "quantity": 3}
    assert client.post(f"carts/{cart['id']}/lines", line).json()["code"] == "drop_closed"
    end(drop.slug, actor=SYSTEM)
    end(drop.slug, actor=SYSTEM)
    assert client.post(f"carts/{cart['id']}/lines", line).status_code == 201


def test_the_bag_takes_one_persons_share_over_all_variants_of_the_drop(client: Client) -> None:
    small, large = make_variant(price=inr(9_000_00)), make_variant(price=inr(12_500_00))
    drop = make_drop(small, large, per_person=2, per_address=2)
    cart = client.post("carts", {"lines": [{"sku": small.sku, "quantity": 1}]}).json()
    refused = client.post(f"carts/{cart['id']}/lines", {"sku": large.sku, "quantity": 2})
    assert refused.status_code == 409
    told = refused.json()
    assert (told["code"], told["drop"], told["per_person"], told["left"]) == ("drop_limit", drop.slug, 2, 2)
    assert client.post(f"carts/{cart['id']}/lines", {"sku": large.sku, "quantity": 1}).status_code == 201


def test_a_bag_with_more_than_a_share_warns(client: Client) -> None:
    variant = make_variant(price=inr(9_000_00))
    cart = client.post("carts", {"lines": [{"sku": variant.sku, "quantity": 5}]}).json()
    make_drop(variant)
    warning = client.get(f"carts/{cart['id']}").json()["warnings"][0]
    assert (warning["code"], warning["available"]) == ("drop_limit", 1)


def test_a_variant_is_in_one_live_drop() -> None:
    variant = make_variant(price=inr(9_000_00))
    first = make_drop(variant)
    second = make_drop(variant, announced=False)
    with pytest.raises(Conflict):
        announce(second.slug, actor=SYSTEM)
    end(first.slug, actor=SYSTEM)
    assert announce(second.slug, actor=SYSTEM).status == "announced"


def test_what_is_announced_keeps_its_rules_and_may_change_its_words() -> None:
    drop = make_drop(make_variant(price=inr(9_000_00)))
    with pytest.raises(DropFixed):
        update_drop(drop.slug, actor=SYSTEM, per_person=5)
    with pytest.raises(DropFixed):
        announce(drop.slug, actor=SYSTEM)
    assert update_drop(drop.slug, actor=SYSTEM, words="At midnight.").words == "At midnight."


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"per_person": 3, "per_address": 2}, "per_address"),
        ({"closes_at": timezone.now() - timedelta(days=1)}, "closes_at"),
        ({"mode": "lottery", "units": None}, "units"),
        ({"mode": "lottery", "units": 5, "closes_at": None}, "closes_at"),
    ],
)
def test_rules_that_contradict_themselves_are_named(fields: dict[str, object], named: str) -> None:
    with pytest.raises(Invalid) as caught:
        make_drop(make_variant(price=inr(9_000_00)), announced=False, **fields)
    assert [error.field for error in caught.value.errors] == [named]


def test_two_drops_have_two_addresses_and_cover_what_is_there() -> None:
    variant = make_variant(price=inr(9_000_00))
    make_drop(variant, slug="minuit")
    with pytest.raises(Invalid):
        make_drop(variant, slug="minuit", announced=False)
    with pytest.raises(Invalid):
        create_drop(actor=SYSTEM, variants=["NOT-THERE"], slug="aube", name="Aube", opens_at=timezone.now())
    assert not Drop.objects.filter(slug="aube").exists()


def test_the_table_refuses_what_a_bug_would_let_through() -> None:
    drop = make_drop(make_variant(price=inr(9_000_00)))
    with pytest.raises(IntegrityError), transaction.atomic():
        Share.objects.create(drop=drop, key="mail:x", units=2, most=1)


@pytest.mark.parametrize(("zone", "name"), [("Asia/Kolkata", "IST"), ("Europe/Paris", "CET"), ("America/New_York", "EST")])
def test_a_refusal_before_the_opening_speaks_the_shops_time(client: Client, settings: Any, zone: str, name: str) -> None:
    settings.SHOP_TIME_ZONE = zone
    variant, lots = make_variant(price=inr(12_500_00)), make_variant(price=inr(12_500_00))
    opens_at = datetime(2027, 1, 14, 20, 30, tzinfo=UTC)
    local = opens_at.astimezone(ZoneInfo(zone))
    said = f"{local.day} January 2027, {local:%H:%M} {name}"
    drop = make_drop(variant, opens_at=opens_at, closes_at=None)
    refused = client.post("carts", {"lines": [{"sku": variant.sku, "quantity": 1}]}).json()
    assert refused["detail"] == f"{drop.name} opens on {said}."
    lottery = make_drop(lots, mode="lottery", units=1, opens_at=opens_at, closes_at=opens_at + timedelta(days=1))
    refused = client.post(f"drops/{lottery.slug}/entries", {"email": "ira@example.com"}).json()
    assert (refused["code"], refused["detail"]) == ("drop_not_open", f"Entries open on {said}.")
