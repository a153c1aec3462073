"""A lottery over HTTP: promised, entered, closed, drawn, and proved by whoever asks."""

import hashlib
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from noirel.catalog.models import Variant
from noirel.core import events
from noirel.core.domain.money import inr
from noirel.core.viewer import SYSTEM
from noirel.drops import jobs
from noirel.drops.models import Drop, Entry, Seed
from noirel.drops.services.launch import draw_lots
from noirel.inventory.errors import OutOfStock
from noirel.inventory.models import StockItem
from tests.client import Client, signed_in
from tests.make import make_drop, make_staff, make_user, make_variant

pytestmark = pytest.mark.django_db


@pytest.fixture
def variant() -> Variant:
    return make_variant(price=inr(12_500_00), on_hand=5)


def lottery(variant: Variant, **fields: Any) -> Drop:
    return make_drop(variant, **{"mode": "lottery", "units": 2, **fields})


def told_by_mail() -> tuple[str, str]:
    """The entry and the token of the last letter."""
    while events.deliver_due():
        pass
    link = re.search(r"entry=([0-9a-f-]{36})&token=([0-9a-f]{64})", str(mail.outbox[-1].body))
    assert link
    return link[1], link[2]


def enter_by_mail(client: Client, drop: Drop, email: str) -> tuple[str, str]:
    answer = client.post(f"drops/{drop.slug}/entries", {"email": email})
    assert (answer.status_code, answer.json()) == (200, {"entry": None})
    entry, token = told_by_mail()
    confirmed = client.post(f"drops/{drop.slug}/entries/{entry}/confirm", {"token": token})
    assert (confirmed.status_code, confirmed.json()["state"]) == (200, "entered")
    return entry, token


def at_its_end(drop: Drop) -> Any:
    assert drop.closes_at
    return time_machine.travel(drop.closes_at + timedelta(seconds=1))


def verified(client: Client, drop: Drop) -> dict[str, Any]:
    from noirel.drops.tests.test_lot import verify

    told = client.get(f"drops/{drop.slug}/draw").json()
    assert verify(told) == []
    return dict(told)


def test_the_promise_comes_first_and_says_nothing_of_the_seed(client: Client, variant: Variant) -> None:
    drop = lottery(variant, opens_at=timezone.now() + timedelta(minutes=1), beacon_source="drand round 123456")
    told = client.get(f"drops/{drop.slug}/draw").json()
    seed = Seed.objects.get(drop=drop).seed
    assert told["commitment"] == hashlib.sha256(bytes.fromhex(seed)).hexdigest()
    assert datetime.fromisoformat(told["committed_at"]) < drop.opens_at
    assert (told["units"], told["winners"], told["beacon_source"]) == (2, 2, "drand round 123456")
    assert told["seed"] is told["entries"] is told["order"] is told["beacon"] is None
    assert seed not in client.get(f"drops/{drop.slug}").content.decode() + client.get("drops").content.decode()
    refused = client.post(f"drops/{drop.slug}/entries", {"email": "ira@example.com"})
    assert (refused.status_code, refused.json()["code"]) == (409, "drop_not_open")


def test_its_units_are_held_back_and_sold_to_nobody_else(client: Client, variant: Variant) -> None:
    lottery(variant)
    item = StockItem.objects.get(pk=variant.pk)
    assert (item.on_hand, item.reserved) == (5, 2)
    cart = client.post("carts", {}).json()
    refused = client.post(f"carts/{cart['id']}/lines", {"sku": variant.sku, "quantity": 1})
    assert (refused.status_code, refused.json()["code"]) == (409, "drop_by_lot")


def test_more_than_there_is_cannot_be_promised(variant: Variant) -> None:
    with pytest.raises(OutOfStock):
        lottery(variant, units=6)
    assert StockItem.objects.get(pk=variant.pk).reserved == 0


def test_a_guest_is_in_once_their_mail_is_theirs(client: Client, variant: Variant) -> None:
    drop = lottery(variant)
    entry, token = enter_by_mail(client, drop, "ira.sen@gmail.com")
    seen = client.get(f"drops/{drop.slug}/entries/{entry}?token={token}").json()
    assert (seen["state"], seen["place"], seen["drop"]) == ("entered", None, drop.slug)
    assert client.get(f"drops/{drop.slug}/entries/{entry}?token={'0' * 64}").status_code == 404
    # The same mailbox in another dress, and once more: one entry, and no answer that says so.
    assert enter_by_mail(client, drop, "IraSen+again@googlemail.com") == (entry, token)
    assert mail.outbox[-1].to == ["ira.sen@gmail.com"]
    assert Entry.objects.count() == 1


def test_who_is_signed_in_with_a_confirmed_address_is_in_at_once_and_once(client: Client, variant: Variant) -> None:
    drop = lottery(variant)
    user = make_user(email="ira@example.com", email_verified=True)
    mine = signed_in(user)
    first = mine.post(f"drops/{drop.slug}/entries", {}).json()["entry"]
    assert first["state"] == "entered"
    assert mine.post(f"drops/{drop.slug}/entries", {}).json()["entry"] == first
    assert mine.get(f"drops/{drop.slug}/entry").json() == first
    assert signed_in(make_user()).get(f"drops/{drop.slug}/entry").status_code == 404
    assert client.post(f"drops/{drop.slug}/entries", {"email": "ira+1@example.com"}).json() == {"entry": None}
    assert Entry.objects.count() == 1


def test_an_account_nobody_confirmed_is_no_more_than_a_guest(client: Client, variant: Variant) -> None:
    drop = lottery(variant)
    enter_by_mail(client, drop, "ira@example.com")
    thief = signed_in(make_user(email="ira@example.com", email_verified=False))
    assert thief.post(f"drops/{drop.slug}/entries", {}).json() == {"entry": None}
    assert thief.get(f"drops/{drop.slug}/entry").status_code == 404


def test_nobody_comes_in_after_the_list_is_written_down(client: Client, variant: Variant) -> None:
    drop = lottery(variant)
    enter_by_mail(client, drop, "ira@example.com")
    client.post(f"drops/{drop.slug}/entries", {"email": "late@example.com"})
    entry, token = told_by_mail()
    with at_its_end(drop):
        refused = client.post(f"drops/{drop.slug}/entries/{entry}/confirm", {"token": token})
        assert (refused.status_code, refused.json()["code"]) == (409, "drop_closed")
        jobs.close_lotteries()
        told = verified(client, drop)
    assert told["entry_count"] == 1
    for edit in (
        "INSERT INTO drops_entry SELECT gen_random_uuid(), drop_id FROM drops_entrylist",
        f"DELETE FROM drops_entry WHERE drop_id = {drop.pk}",
        f"UPDATE drops_entry SET confirmed_at = now() WHERE id = '{entry}'",
        f"UPDATE drops_entrylist SET entry_count = 9 WHERE drop_id = {drop.pk}",
        f"UPDATE drops_commitment SET commitment = 'x' WHERE drop_id = {drop.pk}",
        f"UPDATE drops_seed SET seed = 'x' WHERE drop_id = {drop.pk}",
        f"DELETE FROM drops_draw WHERE drop_id = {drop.pk}",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(edit)


def test_it_is_drawn_when_its_time_is_over_and_anybody_can_draw_again(client: Client, variant: Variant) -> None:
    drop = lottery(variant)
    entries = [enter_by_mail(client, drop, f"buyer{number}@example.com") for number in range(5)]
    before = client.get(f"drops/{drop.slug}").json()
    assert (before["status"], before["lottery"]["entry_count"]) == ("announced", None)
    with at_its_end(drop):
        jobs.close_lotteries()
        jobs.close_lotteries()
        told = verified(client, drop)
        seen = {entry: client.get(f"drops/{drop.slug}/entries/{entry}?token={token}").json() for entry, token in entries}
    assert told["entries"] == sorted(entry for entry, _ in entries)
    assert [seen[entry]["place"] for entry in told["order"]] == [1, 2, 3, 4, 5]
    assert [seen[entry]["state"] for entry in told["order"]] == ["won", "won", "waiting", "waiting", "waiting"]
    assert client.get(f"drops/{drop.slug}").json()["status"] == "drawn"
    mail.outbox.clear()
    while events.deliver_due():
        pass
    assert sorted(letter.subject for letter in mail.outbox) == [f"You were drawn: {drop.name}"] * 2


def test_a_beacon_that_was_announced_is_waited_for_and_mixed_in(client: Client, variant: Variant) -> None:
    drop = lottery(variant, beacon_source="drand round 123456")
    for number in range(3):
        enter_by_mail(client, drop, f"buyer{number}@example.com")
    with at_its_end(drop):
        jobs.close_lotteries()
        told = client.get(f"drops/{drop.slug}/draw").json()
        assert told["seed"] is told["order"] is None
        assert len(told["entries"]) == told["entry_count"] == 3
        staff = signed_in(make_staff())  # the clock has gone on: an older token has run out
        assert staff.post(f"admin/drops/{drop.slug}/draw", {}).json()["errors"][0]["field"] == "beacon"
        drawn = staff.post(f"admin/drops/{drop.slug}/draw", {"beacon": "8f3c01"})
        assert (drawn.status_code, drawn.json()["status"]) == (200, "drawn")
        told = verified(client, drop)
        assert told["beacon"] == "8f3c01"
        # Drawing again, with a beacon that pleases better, changes nothing.
        staff.post(f"admin/drops/{drop.slug}/draw", {"beacon": "ffff"})
        assert verified(client, drop)["order"] == told["order"]


def test_a_right_that_nobody_used_goes_to_the_next_in_order(client: Client, variant: Variant) -> None:
    drop = lottery(variant, claim_seconds=3600)
    entries = dict(enter_by_mail(client, drop, f"buyer{number}@example.com") for number in range(4))

    def states(order: list[str]) -> list[str]:
        return [client.get(f"drops/{drop.slug}/entries/{id_}?token={entries[id_]}").json()["state"] for id_ in order]

    with at_its_end(drop) as clock:
        jobs.close_lotteries()
        order = verified(client, drop)["order"]
        assert states(order) == ["won", "won", "waiting", "waiting"]
        clock.shift(3601)
        assert states(order) == ["lapsed", "lapsed", "waiting", "waiting"]
        jobs.pass_rights_on()
        jobs.pass_rights_on()
        assert states(order) == ["lapsed", "lapsed", "won", "won"]
        clock.shift(3601)
        jobs.pass_rights_on()
        assert states(order) == ["lapsed"] * 4


def test_an_end_gives_the_units_back_and_forgets_the_addresses(client: Client, variant: Variant) -> None:
    drop = lottery(variant)
    entry, token = enter_by_mail(client, drop, "ira@example.com")
    with at_its_end(drop):
        jobs.close_lotteries()
        ended = signed_in(make_staff()).post(f"admin/drops/{drop.slug}/end", {})
        assert ended.json()["status"] == "ended"
        verified(client, drop)
        assert client.get(f"drops/{drop.slug}/entries/{entry}?token={token}").json()["state"] == "lapsed"
    assert Entry.objects.get().email == ""
    item = StockItem.objects.get(pk=variant.pk)
    assert (item.on_hand, item.reserved) == (5, 0)
    cart = client.post("carts", {}).json()
    assert client.post(f"carts/{cart['id']}/lines", {"sku": variant.sku, "quantity": 1}).status_code == 201


def test_a_lottery_without_entries_is_drawn_as_well(client: Client, variant: Variant) -> None:
    drop = lottery(variant)
    with at_its_end(drop):
        jobs.close_lotteries()
        assert verified(client, drop)["order"] == []


def test_an_erased_account_leaves_no_address_behind(variant: Variant) -> None:
    drop = lottery(variant)
    mine = signed_in(make_user(email_verified=True))
    mine.post(f"drops/{drop.slug}/entries", {})
    assert Entry.objects.get().email
    assert mine.delete("me", {"password": "a night in Grasse, 21:12"}).status_code in {200, 204}
    assert Entry.objects.get().email == ""


def test_staff_draw_nothing_before_entries_have_closed(staff: Client, variant: Variant) -> None:
    drop = lottery(variant)
    for act in ("draw", "close"):
        refused = staff.post(f"admin/drops/{drop.slug}/{act}", {})
        assert (refused.status_code, refused.json()["code"]) == (409, "drop_fixed")
    with at_its_end(drop):
        jobs.close_lotteries()
    assert draw_lots(drop.slug, actor=SYSTEM).status == "drawn"
