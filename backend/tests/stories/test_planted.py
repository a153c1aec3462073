"""Every check of the proof can fail: for each one a difference is planted by hand, and the proof names the row."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from noirel.backoffice.audit import run_checks
from noirel.backoffice.audit.checks import CHECKS
from noirel.backoffice.reconciliation.settlements import import_settlements
from noirel.catalog.models import Collection
from noirel.core.domain.money import inr
from noirel.core.viewer import SYSTEM
from noirel.drops.models import Share
from noirel.ledger.jobs import seal_entries
from noirel.orders.jobs import seal_timelines
from noirel.orders.models import Order
from noirel.orders.services.fulfil import fulfil_order
from noirel.payments import jobs
from noirel.payments.models import Refund
from noirel.payments.services.refund import request_refund, send_refund
from tests.make import drawn_lottery, make_drop, make_variant
from tests.shopping import LocalGateway, RunningShop, Shopper, order_path
from tests.stories.test_payment_failures import captured_event, expire_holds, send

pytestmark = pytest.mark.django_db(transaction=True)

# What somebody with the database's password does, and whose name the proof then calls. {paid}, {open}, {ended}: numbers of
# orders; {pay}: the payment of the paid one; {stray}: money of the ended one; {sku}: the paid one's.
PLANTED: dict[str, tuple[str, str]] = {
    "catalogue.prices": ("UPDATE catalog_variant SET price_amount = price_amount - 1 WHERE id = {variant}", "{slug}"),
    "catalogue.badges": ("UPDATE catalog_product SET is_on_sale = true WHERE slug = '{slug}'", "{slug}"),
    "catalogue.in_stock": ("UPDATE catalog_product SET in_stock = false WHERE slug = '{slug}'", "{slug}"),
    "catalogue.card": ("UPDATE catalog_product SET card = replace(card, 'Encre', 'Encore') WHERE slug = '{slug}'", "{slug}"),
    "catalogue.collections": ("UPDATE catalog_product SET tags = '[\"rare\"]' WHERE slug = '{slug}'", "rare-things"),
    "catalogue.words": ("UPDATE catalog_product SET tags = '[\"of another\"]' WHERE slug = '{slug}'", "{slug}"),
    "catalogue.page": ("UPDATE catalog_product SET vendor = 'Another house' WHERE slug = '{slug}'", "{slug}"),
    "stock.items": ("DELETE FROM inventory_stockitem WHERE variant_id = {variant}", "{sku}"),
    "stock.on_hand": ("UPDATE inventory_stockitem SET on_hand = on_hand + 1 WHERE variant_id = {variant}", "{sku}"),
    "stock.trail": ("UPDATE inventory_stockmovement SET on_hand_after = 3 WHERE item_id = {variant}", "{sku}"),
    "stock.reserved": ("UPDATE inventory_stockitem SET reserved = reserved + 1 WHERE variant_id = {variant}", "{sku}"),
    "stock.committed": ("UPDATE inventory_stockitem SET committed = committed - 1 WHERE variant_id = {variant}", "{sku}"),
    "stock.to_ship": ("UPDATE inventory_reservation SET committed = committed - 1 WHERE reference = '{paid}'", "{paid}"),
    "stock.parcels": ("UPDATE inventory_stockmovement SET delta = -3 WHERE reason = 'shipped'", "{sent}"),
    "stock.samples": (
        "UPDATE inventory_reservation SET reference = 'samples:{back}', committed = 1 WHERE reference = '{sent}'", "{back}",
    ),
    "stock.oversold": (
        ("ALTER TABLE inventory_stockitem DROP CONSTRAINT stock_not_oversold;"
        "UPDATE inventory_stockitem SET reserved = on_hand + 1 WHERE variant_id = {variant}"),
        "{sku}",
    ),
    "stock.holds": ("UPDATE inventory_reservation SET state = 'held' WHERE reference = '{ended}'", "{ended}"),
    "stock.sold": ("DELETE FROM inventory_stockmovement WHERE reference = '{sent}'", "{sent}"),
    "stock.units": ("UPDATE inventory_reservation SET units = 3 WHERE reference = '{paid}'", "{paid}"),
    "stock.told": ("UPDATE catalog_variant SET available = 99 WHERE id = {variant}", "{sku}"),
    "drops.shares": ("UPDATE drops_share SET units = 0 WHERE key = '{share}'", "{share}"),
    "drops.claims": ("UPDATE drops_shareclaim SET state = 'released' WHERE reference = '{launched}'", "{launched}"),
    "drops.pool": ("UPDATE inventory_reservation SET units = 9 WHERE reference LIKE 'drop:%%'", "{lottery}"),
    "drops.rights": ("UPDATE drops_entry SET state = 'claimed', \"order\" = 'NE-NOBODY' WHERE id = '{entry}'", "{entry}"),
    "drops.promise": ("DELETE FROM drops_entry WHERE id = '{entry}'", "{lottery}"),
    "orders.lines": (
        ("UPDATE orders_order SET subtotal_amount = subtotal_amount + 1, total_amount = total_amount + 1"
        " WHERE number = '{paid}'"),
        "{paid}",
    ),
    "orders.frozen": (
        "UPDATE orders_order SET shipping_address = shipping_address || '{{\"line1\": \"Elsewhere\"}}' WHERE number = '{paid}'",
        "{paid}",
    ),
    "orders.paid": ("UPDATE payments_payment SET status = 'failed' WHERE gateway_payment_id = '{pay}'", "{paid}"),
    "orders.status": ("UPDATE orders_order SET payment_status = 'failed' WHERE number = '{paid}'", "{paid}"),
    "orders.disputes": ("UPDATE orders_order SET dispute_status = 'lost' WHERE number = '{paid}'", "{paid}"),
    "orders.attempts": ("UPDATE payments_payment SET amount = amount - 1 WHERE gateway_payment_id = '{pay}'", "{paid}-1"),
    "orders.sent": (
        "UPDATE orders_orderline SET fulfilled_quantity = 1 FROM orders_order o WHERE o.id = order_id AND number = '{paid}'",
        "{paid}",
    ),
    "orders.overdue": ("UPDATE orders_order SET held_until = now() - interval '1 day' WHERE number = '{open}'", "{open}"),
    "payments.owner": (
        ("UPDATE payments_payment p SET status = 'captured', gateway_payment_id = 'pay_x', captured_at = now()"
        " FROM orders_order o WHERE o.id = p.order_id AND o.number = '{open}'"),
        "{open}-1",
    ),
    "payments.unsettled": (
        "UPDATE payments_payment SET check_at = now() - interval '1 hour' WHERE receipt = '{open}-1'", "{open}-1",
    ),
    "refunds.claims": ("UPDATE payments_payment SET refunded_amount = 1 WHERE gateway_payment_id = '{pay}'", "{pay}"),
    "refunds.told": ("UPDATE orders_order SET refunds = '[]' WHERE number = '{back}'", "{refund}"),
    "refunds.source": ("UPDATE payments_refund SET gateway_payment_id = 'pay_x' WHERE key = '{refund}'", "{refund}"),
    "strays.fate": ("UPDATE payments_straymoney SET fate = 'returned' WHERE gateway_payment_id = '{stray}'", "{stray}"),
    "webhooks.content": ("UPDATE payments_gatewayevent SET body = body || '\\x20', event_id = 'evt_edited'", "evt_edited"),
    "refunds.waiting": (
        "UPDATE payments_refund SET created_at = now() - interval '8 days', status = 'pending' WHERE key = '{refund}'",
        "{refund}",
    ),
    "stock.returned": ("DELETE FROM inventory_stockmovement WHERE reference = '{returned}'", "{returned}"),
    "stock.released": ("UPDATE payments_refund SET lines = '[]' WHERE key = '{refund}'", "{back}"),
    "books.refunds": ("DELETE FROM ledger_entry WHERE kind = 'refund_done'", "{refund}"),
    "books.disputes": (
        ("INSERT INTO payments_dispute (id, gateway_payment_id, amount, currency, amount_deducted, phase, reason_code, status,"
        " told_at, created_at, resolved_at) VALUES ('disp_x', '{pay}', 5, 'INR', 5, '', '', 'lost', 0, now(), now())"),
        "disp_x",
    ),
    "webhooks.parked": (
        "UPDATE payments_gatewayevent SET applied_at = NULL, retry_at = NULL, event_id = 'evt_parked'", "evt_parked",
    ),
    "books.balance": (
        ("ALTER TABLE ledger_entry DROP CONSTRAINT entry_balances;"
        """UPDATE ledger_entry SET postings = '{{"gateway": 5}}' WHERE key = 'sale:{paid}'"""),
        "sale:{paid}",
    ),
    "books.captured": ("DELETE FROM ledger_entry WHERE key = 'capture:{pay}'", "capture:{pay}"),
    "books.fees": ("UPDATE payments_payment SET fee_amount = fee_amount - 1 WHERE gateway_payment_id = '{pay}'", "{paid}-1"),
    "books.sold": ("DELETE FROM ledger_entry WHERE key = 'sale:{paid}'", "{paid}"),
    "books.desk": ("UPDATE payments_straymoney SET amount = amount + 1 WHERE gateway_payment_id = '{stray}'", "{stray}"),
    "books.customers": ("DELETE FROM ledger_entry WHERE key = 'capture:{pay}'", "{paid}"),
    "books.adopted": (
        ("INSERT INTO ledger_entry (id, key, kind, chain, currency, postings, memo, at, position, prev_hash, hash) VALUES"
        " (gen_random_uuid(), 'adopt:{stray}', 'adopt', '{ended}', 'INR',"
        """ '{{"desk": 5, "customers": -5}}', '', now(), 91, '', '')"""),
        "adopt:{stray}",
    ),
    "books.desk_owes": (
        ("INSERT INTO ledger_entry (id, key, kind, chain, currency, postings, memo, at, position, prev_hash, hash) VALUES"
        " (gen_random_uuid(), 'x', 'refund', '{ended}', 'INR',"
        """ '{{"desk": 99999999, "refunds_due": -99999999}}', '', now(), 90, '', '')"""),
        "{ended}",
    ),
    "settlements.lines": ("UPDATE backoffice_settlement SET amount = amount - 1", "{settlement}"),
    "settlements.matched": (
        "UPDATE backoffice_settlementline SET credit = credit - 1, fee = fee + 1 WHERE entity_id = '{pay}'", "{pay}",
    ),
    "settlements.passed_over": (
        ("DELETE FROM backoffice_settlementline WHERE entity_id = '{pay}';"
        "INSERT INTO backoffice_settlement (id, amount, fees, tax, currency, utr, created_at, imported_at, problem)"
        " VALUES ('setl_first', 0, 0, 0, 'INR', '', now() - interval '9 days', now(), '');"
        "UPDATE payments_payment SET captured_at = now() - interval '7 days' WHERE gateway_payment_id = '{pay}'"),
        "{pay}",
    ),
    "books.settled": ("DELETE FROM ledger_entry WHERE kind = 'settlement'", "{settlement}"),
    "history.explains": ("UPDATE orders_order SET fulfilment_status = 'fulfilled' WHERE number = '{paid}'", "{paid}"),
    "events.parked": ("UPDATE core_outboxevent SET parked_at = now() WHERE name = 'order.paid'", "{paid}"),
    "events.waiting": (
        "UPDATE core_outboxevent SET created_at = now() - interval '2 hours', done_at = NULL WHERE name = 'order.paid'",
        "{paid}",
    ),
}  # fmt: skip


@pytest.fixture
def history(shop: RunningShop, guest: Shopper, gateway: LocalGateway) -> dict[str, Any]:
    """An order that is paid, one that is open, one sold out before its money came, one cancelled, and money of a wrong sum."""
    gateway.without_webhooks()
    variant, rare = make_variant(price=inr(12_500_00), on_hand=9), make_variant(price=inr(4_900_00), on_hand=1)
    paid = guest.buy((variant.sku, 2))
    told = gateway.pay(paid["payment"]["gateway_order_id"])
    assert guest.verify(paid, told).status_code == 200
    ended = guest.buy((rare.sku, 1))
    expire_holds()
    jobs.expire_unpaid_orders()
    assert guest.verify(guest.buy((rare.sku, 1)), {}).status_code == 400
    late = gateway.pay(ended["payment"]["gateway_order_id"])
    assert guest.verify(ended, late).status_code == 200
    wrong = guest.buy((variant.sku, 1))
    assert send(shop, captured_event(wrong["payment"]["gateway_order_id"], amount=1_00)).status_code == 200
    opened = guest.buy((variant.sku, 1))
    sent = guest.buy((make_variant(price=inr(900_00), on_hand=4).sku, 2))
    guest.verify(sent, gateway.pay(sent["payment"]["gateway_order_id"]))
    packed = Order.objects.get(number=sent["order"]["number"])
    one = [{"id": packed.lines.get().pk, "quantity": 1}]
    fulfil_order(SYSTEM, packed, lines=one, carrier="Blue Dart", tracking_number="BD1")
    fulfil_order(SYSTEM, packed, lines=one)
    for _ in range(2):  # of the two, the one that has not shipped yet comes first
        returned = send_refund(request_refund(SYSTEM, packed, lines=one, restock=True, reason="changed her mind"))
    back = guest.buy((variant.sku, 1))
    guest.verify(back, gateway.pay(back["payment"]["gateway_order_id"]))
    assert guest.call("POST", order_path(back, "/cancel"), {}).status_code == 200
    jobs.process_refunds()
    in_a_drop = make_variant(price=inr(900_00))
    make_drop(in_a_drop)
    launched = guest.buy((in_a_drop.sku, 1))
    lottery, (first, *_) = drawn_lottery(make_variant(price=inr(900_00)), units=1, entries=2)
    Collection.objects.create(
        slug="rare-things", name="Rare things", rules=[{"field": "tag", "is": "is", "value": "rare"}], match="all"
    )
    settlement = gateway.door("settlements")["id"]
    import_settlements(timezone.now() - timedelta(hours=1), timezone.now() + timedelta(minutes=5))
    seal_entries()
    seal_timelines()
    return {
        "settlement": settlement,
        "variant": variant.pk,
        "sku": variant.sku,
        "slug": variant.product.slug,
        "paid": paid["order"]["number"],
        "pay": told["razorpay_payment_id"],
        "ended": ended["order"]["number"],
        "stray": late["razorpay_payment_id"],
        "back": back["order"]["number"],
        "refund": Refund.objects.get(order__number=back["order"]["number"]).key,
        "returned": returned.key,
        "sent": sent["order"]["number"],
        "open": opened["order"]["number"],
        "lottery": lottery.slug,
        "entry": first.pk,
        "launched": launched["order"]["number"],
        "share": Share.objects.get(key__startswith="mail:").key,
    }


def test_every_check_names_what_was_planted_for_it(history: dict[str, Any]) -> None:
    assert {check.name for check in CHECKS} == set(PLANTED)
    assert run_checks() == []
    missed = []
    for name, (edit, subject) in PLANTED.items():
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL session_replication_role = replica")
                cursor.execute(edit.format(**history))
                assert cursor.rowcount, name
            found = {(finding.check, finding.subject) for finding in run_checks()}
            if (name, subject.format(**history)) not in found:
                missed.append((name, found))
            transaction.set_rollback(True)
    assert missed == []
    assert run_checks() == []


# Every column that says how much, of what, whose, or how far it has come, and all that an order was sold as. The rest of these
# tables are names, times, words for people, and what the clock needs.
WATCHED: dict[str, str] = {
    "inventory.StockItem": "on_hand reserved committed is_tracked policy",
    "inventory.StockMovement": "item_id delta reason on_hand_after reference shipment",
    "inventory.Reservation": "item_id reference units state committed released",
    "orders.Order": (
        "number email customer_name status payment_status fulfilment_status currency subtotal_amount discount_amount"
        " shipping_amount tax_amount shipping_tax_amount total_amount item_count shipping_address billing_address"
        " shipping_method note gift samples checkout_key payments refunds"
    ),
    "orders.OrderLine": (
        "order_id position variant_id sku name variant_title product_slug quantity unit_price_amount discount_amount"
        " tax_amount tax_rate_bps total_amount attributes engraving fulfilled_quantity"
    ),
    "orders.ShipmentLine": "line_id quantity withdrawn_quantity",
    "orders.OrderEvent": "order_id at type message actor is_public state position prev_hash hash",
    "payments.Payment": (
        "order_id attempt receipt amount currency status gateway_order_id gateway_payment_id fee_amount fee_tax_amount"
        " refunded_amount"
    ),
    "payments.GatewayEvent": "body content_hash",
    "payments.UnmatchedPayment": (
        "gateway_payment_id payment_id amount currency is_captured accepted_amount refunded_amount"
    ),
    "payments.Refund": (
        "order_id payment_id gateway_payment_id amount currency status lines key"
    ),
    "ledger.Entry": "id key kind chain currency postings memo at position prev_hash hash",
    "core.Seal": "position first_number last_number row_count digest prev_hash hash",
    "drops.Share": "drop_id key units",
    "drops.ShareClaim": "drop_id reference units state",
    "drops.Seed": "seed",
    "drops.EntryList": "entries_hash",
    "backoffice.Settlement": "amount",
    "backoffice.SettlementLine": "settlement_id entity_id credit debit fee currency",
}  # fmt: skip


def edited(field: Any, value: Any) -> Any:
    """Another value that the column takes."""
    if field.choices:
        return next(choice for choice, _ in field.choices if choice != value)
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case datetime():
            return value - timedelta(days=1)
        case UUID():
            return uuid4()
        case list():
            return [{"id": str(uuid4())}] if field.name == "payments" or not value else []
        case dict():
            return {**value, "x": 1}
        case bytes() | memoryview():
            return bytes(value) + b" "
    return f"{value}x"[-(field.max_length or 99) :]


def test_nothing_about_money_or_stock_is_edited_by_hand_unseen(history: dict[str, Any]) -> None:
    unseen = []
    for name, columns in WATCHED.items():
        model = apps.get_model(name)
        for column in columns.split():
            field = next(field for field in model._meta.concrete_fields if field.attname == column)
            rows = model._default_manager.exclude(**{f"{column}__isnull": True}).order_by("pk").values_list("pk", column)
            if not any(is_named(model, pk, field, value) for pk, value in list(rows)[:12]):
                unseen.append(f"{name}.{column}")
    assert not unseen, unseen


def is_named(model: Any, pk: Any, field: Any, value: Any) -> bool:
    """Whether the proof finds something once this one value is another, or the schema refuses it."""
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL session_replication_role = replica")
            model._default_manager.filter(pk=pk).update(**{field.attname: edited(field, value)})
            found = run_checks()
            transaction.set_rollback(True)
    except IntegrityError as refused:
        # A CHECK won't have it: as good. A value that another row has says nothing; another row's may.
        return getattr(refused.__cause__, "sqlstate", "") == "23514"
    return bool(found)


@pytest.mark.unproved
def test_audit_says_what_is_wrong_and_fails(history: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    call_command("audit")
    assert capsys.readouterr().out == "Everything holds.\n"
    with connection.cursor() as cursor:
        cursor.execute("UPDATE inventory_stockitem SET on_hand = on_hand + 1 WHERE variant_id = %s", [history["variant"]])
    with pytest.raises(SystemExit) as ended:
        call_command("audit", "--busy")
    assert ended.value.code == 1
    said = capsys.readouterr().out
    assert f"stock.on_hand  {history['sku']}: on hand 10, movements add up to 9" in said
