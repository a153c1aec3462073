"""Planted differences: what is changed by hand at the gateway or in the books is named, and nothing else ever is."""

import json
import random
import sqlite3
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from noirel.backoffice.audit import compare_with_gateway, run_checks
from noirel.backoffice.models import AuditRun
from noirel.backoffice.reconciliation import sweep as walk
from noirel.backoffice.reconciliation.settlements import import_settlements
from noirel.core.domain.money import inr
from noirel.ledger.jobs import seal_entries
from noirel.orders.jobs import seal_timelines
from noirel.payments.models import Payment, Refund, UnmatchedPayment
from tests.client import Client, with_key
from tests.make import make_variant
from tests.proof.world import World
from tests.shopping import LocalGateway, Shopper
from tests.stories.test_reconciliation import pay_unknown_order

pytestmark = pytest.mark.django_db(transaction=True)
PRICE = 12_500_00


def around_now() -> tuple[datetime, datetime]:
    return timezone.now() - timedelta(hours=1), timezone.now() + timedelta(minutes=5)


@dataclass(frozen=True)
class Bought:
    """One paid order: its number, its bottle, its payment."""

    number: str
    sku: str
    payment: str
    gateway_order: str


@pytest.fixture
def bought(guest: Shopper, gateway: LocalGateway, monkeypatch: pytest.MonkeyPatch) -> Bought:
    gateway.without_webhooks()
    monkeypatch.setattr(walk, "VISIBILITY_DELAY", timedelta(seconds=-5))
    monkeypatch.setattr("noirel.backoffice.management.commands.audit.UNTIL", timedelta(minutes=-5))
    sku = make_variant(price=inr(PRICE), on_hand=5).sku
    placed = guest.buy((sku, 1))
    told = gateway.pay(placed["payment"]["gateway_order_id"])
    assert guest.verify(placed, told).json()["status"] == "paid"
    seal_entries()
    seal_timelines()
    return Bought(placed["order"]["number"], sku, told["razorpay_payment_id"], placed["payment"]["gateway_order_id"])


def edit(sql: str, *values: Any) -> None:
    """What somebody with the database's password does, triggers switched off."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql, values)
        assert cursor.rowcount == 1


def number_of(key: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM ledger_entry WHERE key = %s", [key])
        return int(cursor.fetchone()[0])


def edit_gateway(gateway: LocalGateway, entity_id: str, **changes: Any) -> None:
    """The same at the gateway."""
    with sqlite3.connect(gateway.file, timeout=10) as books:
        (doc,) = books.execute("SELECT doc FROM entity WHERE id = ?", [entity_id]).fetchone()
        books.execute("UPDATE entity SET doc = ? WHERE id = ?", [json.dumps(json.loads(doc) | changes), entity_id])
    books.close()


def audited(capsys: pytest.CaptureFixture[str]) -> tuple[int, set[tuple[str, str]]]:
    """What `manage.py audit --gateway` ends with, and what it names."""
    capsys.readouterr()
    code = 0
    try:
        call_command("audit", "--gateway", "--json")
    except SystemExit as ended:
        code = int(ended.code or 0)
    return code, {(found["check"], found["subject"]) for found in json.loads(capsys.readouterr().out)}


def stock_is_edited(bought: Bought, gateway: LocalGateway) -> set[tuple[str, str]]:
    edit(
        "UPDATE inventory_stockitem SET on_hand = on_hand + 1"
        " WHERE variant_id = (SELECT id FROM catalog_variant WHERE sku = %s)",
        bought.sku,
    )
    return {("stock.on_hand", bought.sku), ("stock.trail", bought.sku), ("stock.told", bought.sku)}


def a_hold_leaks(bought: Bought, gateway: LocalGateway) -> set[tuple[str, str]]:
    """A unit that nobody's order holds: the counter says so, and no reservation."""
    edit(
        "UPDATE inventory_stockitem SET reserved = reserved + 1"
        " WHERE variant_id = (SELECT id FROM catalog_variant WHERE sku = %s)",
        bought.sku,
    )
    return {("stock.reserved", bought.sku), ("stock.told", bought.sku)}


def a_hold_has_no_order(bought: Bought, gateway: LocalGateway) -> set[tuple[str, str]]:
    edit(
        "UPDATE inventory_reservation SET reference = 'NE-NOBODY', state = 'held', committed = 0 WHERE reference = %s",
        bought.number,
    )
    return {("stock.holds", "NE-NOBODY"), ("stock.committed", bought.sku), ("stock.reserved", bought.sku)}


def a_posting_is_edited(bought: Bought, gateway: LocalGateway) -> set[tuple[str, str]]:
    """A hundred rupees from what we are owed to what we have earned: it balances, so that only the hash gives it away."""
    edit(
        "UPDATE ledger_entry SET postings = jsonb_set(jsonb_set(postings, '{sales}', to_jsonb((postings ->> 'sales')::bigint -"
        " 10000)), '{fees}', '10000') WHERE key = %s",
        f"sale:{bought.number}",
    )
    return {("history.links", f"ledger_entry {number_of(f'sale:{bought.number}')}")}


def a_posting_is_edited_with_its_hashes(bought: Bought, gateway: LocalGateway) -> set[tuple[str, str]]:
    """Who also writes the chain anew behind it is given away by the seal."""
    a_posting_is_edited(bought, gateway)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("SELECT number FROM ledger_entry WHERE chain = %s ORDER BY position", [bought.number])
        for (number,) in cursor.fetchall():
            cursor.execute(
                "UPDATE ledger_entry e SET prev_hash = coalesce((SELECT hash FROM ledger_entry b WHERE b.chain = e.chain"
                " AND b.position = e.position - 1), '') WHERE number = %s",
                [number],
            )
            cursor.execute("UPDATE ledger_entry e SET hash = ledger_entry_hash(e) WHERE number = %s", [number])
    return {("history.seals", "ledger_entry 1")}


def an_entry_is_removed(bought: Bought, gateway: LocalGateway) -> set[tuple[str, str]]:
    """The last of its chain: no link is broken, but its seal is, and the fee is not booked any more."""
    key = f"fee:{bought.payment}"
    edit("UPDATE ledger_entry SET position = position + 10 WHERE key = %s", f"sale:{bought.number}")
    moved = number_of(f"sale:{bought.number}")
    edit("DELETE FROM ledger_entry WHERE key = %s", key)
    return {
        ("books.fees", f"{bought.number}-1"), ("history.links", f"ledger_entry {moved}"), ("history.seals", "ledger_entry 1"),
    }  # fmt: skip


def a_line_of_the_timeline_is_edited(bought: Bought, gateway: LocalGateway) -> set[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM orders_orderevent WHERE type = 'order.paid'")
        (number,) = cursor.fetchone()
    edit("UPDATE orders_orderevent SET message = 'Paid in cash.' WHERE id = %s", number)
    return {("history.links", f"orders_orderevent {number}")}


def a_total_is_edited(bought: Bought, gateway: LocalGateway) -> set[tuple[str, str]]:
    edit(
        "UPDATE orders_order SET subtotal_amount = subtotal_amount - 100, total_amount = total_amount - 100 WHERE number = %s",
        bought.number,
    )
    return {
        ("orders.lines", bought.number), ("orders.paid", bought.number), ("orders.attempts", f"{bought.number}-1"),
        ("orders.frozen", bought.number), ("books.sold", bought.number),
    }  # fmt: skip


def a_parcel_is_sent_elsewhere(bought: Bought, gateway: LocalGateway) -> set[tuple[str, str]]:
    edit(
        "UPDATE orders_order SET shipping_address = jsonb_set(shipping_address, '{line1}', '\"Elsewhere\"') WHERE number = %s",
        bought.number,
    )
    return {("orders.frozen", bought.number)}


def a_line_is_called_another_name(bought: Bought, gateway: LocalGateway) -> set[tuple[str, str]]:
    edit("UPDATE orders_orderline SET name = name || ' Extrait' WHERE sku = %s", bought.sku)
    return {("orders.frozen", bought.number)}


def a_payment_is_called_captured(bought: Bought, gateway: LocalGateway) -> set[tuple[str, str]]:
    """An order is given away: somebody wrote a payment that never was."""
    edit("UPDATE payments_payment SET gateway_payment_id = 'pay_0000000000000X' WHERE gateway_payment_id = %s", bought.payment)
    return {
        ("books.captured", f"capture:{bought.payment}"), ("books.captured", "capture:pay_0000000000000X"),
        ("books.fees", f"{bought.number}-1"), ("orders.attempts", f"{bought.number}-1"),
        ("gateway.missing", "pay_0000000000000X"), ("gateway.unknown", bought.payment),
    }  # fmt: skip


def the_gateway_holds_a_strangers_money(bought: Bought, gateway: LocalGateway) -> set[tuple[str, str]]:
    return {("gateway.unknown", pay_unknown_order(gateway))}


def a_refund_is_made_in_the_dashboard(bought: Bought, gateway: LocalGateway) -> set[tuple[str, str]]:
    made = gateway.door(f"payments/{bought.payment}/refund", amount=100_00)
    return {("gateway.refund", made["id"]), ("gateway.refunded", bought.payment)}


def the_gateway_says_another_sum(bought: Bought, gateway: LocalGateway) -> set[tuple[str, str]]:
    edit_gateway(gateway, bought.payment, amount=PRICE - 1)
    return {("gateway.amount", bought.payment)}


def the_gateway_keeps_a_paisa_more(bought: Bought, gateway: LocalGateway) -> set[tuple[str, str]]:
    edit_gateway(gateway, bought.payment, fee=(Payment.objects.get().fee_amount or 0) + 1)
    return {("gateway.fee", bought.payment)}


def a_settlement_is_a_paisa_short(bought: Bought, gateway: LocalGateway) -> set[tuple[str, str]]:
    settlement = gateway.door("settlements")
    edit_gateway(gateway, settlement["id"], amount=settlement["amount"] - 1)
    import_settlements(*around_now())
    return {("settlements.lines", settlement["id"])}


def a_settled_payment_is_a_paisa_short(bought: Bought, gateway: LocalGateway) -> set[tuple[str, str]]:
    """The gateway took a paisa more of it than it had said, and its own sums are right."""
    fee = (Payment.objects.get().fee_amount or 0) + 1
    edit_gateway(gateway, bought.payment, fee=fee)
    gateway.door("settlements")
    edit_gateway(gateway, bought.payment, fee=fee)
    import_settlements(*around_now())
    return {("settlements.matched", bought.payment), ("gateway.fee", bought.payment)}


Plant = Callable[[Bought, LocalGateway], set[tuple[str, str]]]
PLANTS: list[Plant] = [
    stock_is_edited, a_hold_leaks, a_hold_has_no_order, a_posting_is_edited, a_posting_is_edited_with_its_hashes,
    an_entry_is_removed, a_line_of_the_timeline_is_edited, a_total_is_edited, a_parcel_is_sent_elsewhere,
    a_line_is_called_another_name, a_payment_is_called_captured,
    the_gateway_holds_a_strangers_money, a_refund_is_made_in_the_dashboard, the_gateway_says_another_sum,
    the_gateway_keeps_a_paisa_more, a_settlement_is_a_paisa_short, a_settled_payment_is_a_paisa_short,
]  # fmt: skip


@pytest.mark.unproved
@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.__name__)
def test_the_audit_names_what_was_planted_and_nothing_else(
    bought: Bought, gateway: LocalGateway, capsys: pytest.CaptureFixture[str], plant: Plant
) -> None:
    assert audited(capsys) == (0, set())
    planted = plant(bought, gateway)
    assert audited(capsys) == (1, planted)


@pytest.mark.unproved
def test_what_is_found_is_told_in_money_with_its_currency(bought: Bought, gateway: LocalGateway) -> None:
    a_total_is_edited(bought, gateway)
    details = {finding.check: finding.detail for finding in run_checks()}
    assert details["orders.attempts"] == "captured ₹12,500; the order asks for ₹12,499 and tells captured"
    assert "total ₹12,499, shipping ₹0, subtotal ₹12,499," in details["orders.lines"]
    assert "its lines say ₹12,500," in details["orders.lines"]
    assert details["books.sold"].startswith("order says ₹12,499 with tax ")
    assert "books say ₹12,500 with tax " in details["books.sold"]


def test_a_refund_that_is_promised_and_not_sent_yet_is_no_difference(
    bought: Bought, gateway: LocalGateway, staff: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    gateway.fault("refund.create", "error_503", times=None)
    asked = {"reason": "asked", "amount": {"amount": 500_00, "currency": "INR"}}
    assert staff.post(f"admin/orders/{bought.number}/refund", asked, **with_key(str(uuid.uuid4()))).status_code == 201
    assert (Refund.objects.get().status, Payment.objects.get().refunded_amount) == ("requested", 500_00)
    assert audited(capsys) == (0, set())


@pytest.mark.unproved
def test_the_nightly_run_keeps_what_it_found(bought: Bought, gateway: LocalGateway, staff: Client) -> None:
    edit(
        "UPDATE orders_order SET subtotal_amount = subtotal_amount - 100, total_amount = total_amount - 100 WHERE number = %s",
        bought.number,
    )
    run = staff.post("admin/reconciliation/run", {}).json()
    named = {(finding["check"], finding["subject"]) for finding in run["findings"]}
    assert ("orders.lines", bought.number) in named
    assert {(finding["check"], finding["subject"]) for finding in AuditRun.objects.get().findings} == named
    assert all(finding["says"] for finding in run["findings"])


def test_a_long_history_gives_no_false_alarm(
    gateway: LocalGateway, staff: Client, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("noirel.payments.razorpay.TIMEOUT", (1.0, 1.0))
    monkeypatch.setattr(walk, "VISIBILITY_DELAY", timedelta(seconds=-5))
    monkeypatch.setattr("noirel.backoffice.management.commands.audit.UNTIL", timedelta(minutes=-5))
    world, dice = World(gateway, staff), random.Random(2112)
    for step in range(120):
        happens(world, dice)
        if step % 20 == 19:
            assert run_checks(at_rest=False) == []
    strangers = {pay_unknown_order(gateway, amount=100_00 + n) for n in range(3)}
    world.settle()
    walk.sweep()
    assert set(UnmatchedPayment.objects.filter(kind="unmatched").values_list("gateway_payment_id", flat=True)) == strangers
    gateway.door("settlements")
    import_settlements(*around_now())
    seal_entries()
    seal_timelines()
    assert compare_with_gateway(*around_now()) == []
    assert audited(capsys) == (0, set())
    assert walk.sweep_window(*around_now()) == 0


def happens(world: World, dice: random.Random) -> None:
    """Something or other."""
    what = dice.choice(
        ["buy", "buy", "pay", "pay", "pay", "hear", "refund", "refund", "dashboard", "end", "jobs", "settle", "cancel"]
    )
    known = world.purchases
    one = dice.choice(known) if known else None
    if what == "buy":
        world.new_bag()
        bag, sku = world.bags[-1], dice.choice(world.variants).sku
        world.ask(world.guest, "POST", f"carts/{bag.cart}/lines", {"sku": sku, "quantity": dice.randint(1, 2)})
        world.check_out(bag, again=False, off_by=0)
    elif what == "jobs":
        world.run_jobs()
    elif what == "settle":
        world.gateway.door("settlements")
    elif what == "hear":
        for event in dice.sample(heard := world.hear(), min(3, len(heard))):
            assert world.deliver(event) == 200
    elif what == "dashboard":
        captured = [payment for payment in world.gateway.state()["payments"] if payment["status"] == "captured"]
        if captured:
            payment = dice.choice(captured)["id"]
            world.gateway.http.post(f"{world.gateway.url}/_test/payments/{payment}/refund", json={"amount": 150_00}, timeout=10)
    elif one is None:
        return
    elif what == "pay":
        world.pay(one, dice.choice(["success", "success", "failure"]), second=dice.random() < 0.2)
        if one.told and dice.random() < 0.5:
            world.verify(one, one.told[-1])
    elif what == "refund":
        asked = {
            "reason": "asked",
            "restock": dice.random() < 0.5,
            "amount": {"amount": dice.randint(1, 900) * 100, "currency": "INR"},
        }
        if dice.random() < 0.3:
            world.gateway.fault("refund", dice.choice(["pending", "failed"]), seconds=0.05)
        path = f"admin/orders/{one.number}/refund"
        world.ask(world.staff, "POST", path, asked, **with_key(f"refund-{dice.random()}"))
    elif what == "end":
        world.hold_ends(one.number)
    else:
        world.ask(world.staff, "POST", f"admin/orders/{one.number}/cancel", {"reason": "asked"})
