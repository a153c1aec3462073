"""Afterwards: everything comes to its end, and what shop, books, gateway and shoppers say is laid side by side."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

import psycopg

from ops.chaos.http import Answer, NoAnswer, ask
from ops.chaos.shop import Shop
from ops.chaos.shoppers import Shoppers, Story

# What is still to come is due now: nothing is done here that the clock would not do, only sooner.
_DUE_NOW = (
    "UPDATE payments_payment SET check_at = now() WHERE check_at > now()",
    "UPDATE payments_gatewayevent SET retry_at = now() WHERE retry_at > now()",
    "UPDATE payments_refund SET retry_at = now() WHERE retry_at > now()",
    "UPDATE core_outboxevent SET not_before = now() WHERE not_before > now() AND done_at IS NULL AND parked_at IS NULL",
    "UPDATE orders_order SET held_until = now() WHERE status = 'pending_payment' AND held_until > now()",
    "UPDATE core_timedjob SET due_at = now() WHERE due_at > now() AND name LIKE 'noirel.payments%'",
)
_UNDER_WAY = {
    "unpaid orders": "SELECT count(*) FROM orders_order WHERE status = 'pending_payment'",
    "webhooks": "SELECT count(*) FROM payments_gatewayevent WHERE applied_at IS NULL AND retry_at IS NOT NULL",
    "refunds": "SELECT count(*) FROM payments_refund WHERE status IN ('requested', 'pending')",
    "stray money": "SELECT count(*) FROM payments_straymoney WHERE fate = 'to_return' AND is_captured",
    "events": "SELECT count(*) FROM core_outboxevent WHERE done_at IS NULL AND parked_at IS NULL",
}


@dataclass
class Verdict:
    """What was lost or told wrong, one line each, and what there is."""

    trouble: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    seconds_to_rest: float = 0.0


async def come_to_rest(shop: Shop, *, seconds: float) -> tuple[float, list[str]]:
    """Wait until nothing is under way; how long it took, and what still is."""
    began = time.monotonic()
    asked_twice = 0
    left = ["the database"]
    while time.monotonic() - began < seconds:
        try:
            with shop.database() as database:
                left = [f"{n} {name}" for name, sql in _UNDER_WAY.items() if (n := _one(database, sql))]
                webhooks = await _webhooks_waiting(shop)
                left += [f"{webhooks} webhooks at the gateway"] if webhooks else []
                if not left:
                    # Once more round for every attempt that is still asked about: late word must find a settled order.
                    asked_twice += 1
                    if asked_twice > 2:
                        return time.monotonic() - began, []
                for statement in _DUE_NOW:
                    database.execute(statement)
        except (psycopg.OperationalError, NoAnswer, OSError, IndexError) as error:
            left = [f"{type(error).__name__}: {error}"]
        await asyncio.sleep(2.0)
    return time.monotonic() - began, left


async def judge(shop: Shop, shoppers: Shoppers, *, on_hand: dict[str, int]) -> Verdict:
    """Compare, once everything is at rest. on_hand: units of each SKU before the first shopper came."""
    verdict = Verdict()
    audit = await asyncio.to_thread(shop.manage, "audit", "--gateway")
    if audit.returncode != 0:
        verdict.trouble.append(f"audit: {(audit.stdout + audit.stderr)[-3000:]}")
    bank = Bank((await ask(shop.gateway_port, "GET", "/_test/state")).body)
    with shop.database() as database:
        _judge_money(verdict, database, bank)
        _judge_stock(verdict, database, on_hand)
    await _judge_stories(verdict, shop, shoppers, bank)
    return verdict


class Bank:
    """The gateway's own books, by order number."""

    def __init__(self, state: dict[str, Any]) -> None:
        number_of = {order["id"]: str(order["receipt"]).rpartition("-")[0] for order in state["orders"]}
        self.orders = len(state["orders"])
        self.captured: Counter[str] = Counter()
        self.refunded: Counter[str] = Counter()
        self.payments: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        kept = {}
        for payment in state["payments"]:
            number = number_of[payment["order_id"]]
            kept[payment["id"]] = number
            if payment["captured"]:
                self.payments[number].append(payment)
                self.captured[number] += payment["amount"]
        refunds: Counter[str] = Counter()
        for refund in state["refunds"]:
            if refund["status"] != "failed":
                refunds[refund["payment_id"]] += refund["amount"]
        captured = {payment["id"] for payments in self.payments.values() for payment in payments}
        for payment_id, amount in refunds.items():
            if payment_id in captured:
                self.refunded[kept[payment_id]] += amount

    def net(self, number: str) -> int:
        return self.captured[number] - self.refunded[number]


def _judge_money(verdict: Verdict, database: psycopg.Connection[Any], bank: Bank) -> None:
    """Every payment the gateway has taken is a paid order, or has gone back; and no order is paid without one."""
    orders = {
        number: (status, payment_status, total)
        for number, status, payment_status, total in database.execute(
            "SELECT number, status, payment_status, total_amount FROM orders_order"
        )
    }
    count = Counter(status for status, _, _ in orders.values())
    verdict.counts = {
        "orders": len(orders), **{f"orders {status.replace('_', ' ')}": n for status, n in sorted(count.items())},
        "gateway orders": bank.orders,
        "payments captured at the gateway": sum(map(len, bank.payments.values())),
        "refunds": _one(database, "SELECT count(*) FROM payments_refund"),
        "orders paid late and revived": _one(
            database,
            "SELECT count(DISTINCT e.order_id) FROM orders_orderevent e JOIN orders_order o ON o.id = e.order_id"
            " WHERE e.type = 'order.expired' AND o.paid_at IS NOT NULL",
        ),
        "second or late payments sent back": _one(database, "SELECT count(*) FROM payments_straymoney"),
        "mails told": _one(database, "SELECT count(*) FROM notifications_sentmail"),
    }  # fmt: skip
    for number in bank.captured.keys() - orders.keys():
        verdict.trouble.append(f"{number}: money at the gateway, and no order")
    for number, (status, payment_status, total) in orders.items():
        should = total if status in ("paid", "fulfilled", "delivered") else 0
        if bank.net(number) != should:
            told = f"{status}, {payment_status}, {total}"
            verdict.trouble.append(
                f"{number}: {told}; the gateway took {bank.captured[number]} and gave back {bank.refunded[number]}"
            )
    for key, n in database.execute(
        "SELECT checkout_key, count(*) FROM orders_order WHERE paid_at IS NOT NULL AND status <> 'cancelled'"
        " GROUP BY 1 HAVING count(*) > 1"
    ):
        verdict.trouble.append(f"one wish ({key}), {n} paid orders")
    for number, n in database.execute(
        "SELECT key, count(*) FROM core_outboxevent WHERE name = 'order.paid' GROUP BY 1 HAVING count(*) > 1"
    ):
        verdict.trouble.append(f"{number}: {n} receipts")
    unsent = _one(
        database,
        "SELECT count(*) FROM orders_order o WHERE o.paid_at IS NOT NULL AND NOT EXISTS"
        " (SELECT 1 FROM notifications_sentmail m WHERE m.key = 'receipt:' || o.number)",
    )
    if unsent:
        verdict.trouble.append(f"{unsent} paid orders had no receipt")


def _judge_stock(verdict: Verdict, database: psycopg.Connection[Any], on_hand: dict[str, int]) -> None:
    """Units sold are committed to their orders, and still on hand: nothing ships here."""
    rows = database.execute(
        "SELECT v.sku, s.on_hand, s.reserved, s.committed, coalesce(sold.units, 0) FROM inventory_stockitem s"
        " JOIN catalog_variant v ON v.id = s.variant_id LEFT JOIN (SELECT l.variant_id, sum(l.quantity) AS units"
        " FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id WHERE o.status = 'paid' GROUP BY 1) sold"
        " ON sold.variant_id = v.id WHERE v.sku = ANY(%s)",
        [list(on_hand)],
    ).fetchall()
    verdict.counts["units sold"] = sum(int(units) for *_, units in rows)
    verdict.counts["units committed"] = sum(committed for _, _, _, committed, _ in rows)
    for sku, there, reserved, committed, units in rows:
        if on_hand[sku] != there or committed != units or reserved:
            verdict.trouble.append(
                f"{sku}: {on_hand[sku]} before, {there} now, {units} sold, {committed} committed, {reserved} reserved"
            )


async def _judge_stories(verdict: Verdict, shop: Shop, shoppers: Shoppers, bank: Bank) -> None:
    """Everybody who knows an order looks at its page once more."""
    known = [story for story in shoppers.stories if story.numbers]
    room = asyncio.Semaphore(8)

    async def look(story: Story) -> None:
        async with room:
            path = f"/api/v1/orders/{story.numbers[-1]}?token={story.token}"
            verdict.trouble += _wrong_with(story, await ask(shop.port, "GET", path), bank)

    await asyncio.gather(*(look(story) for story in known))
    verdict.counts["orders looked at by their shoppers"] = len(known)
    verdict.trouble += [
        f"{story.email} ({story.habit}): {wrong}" for story in shoppers.stories for wrong in story.wrong
    ]


def _wrong_with(story: Story, page: Answer, bank: Bank) -> list[str]:
    number = story.numbers[-1]
    who = f"{number} ({story.habit}, {story.ending})"
    if page.status != 200:
        return [f"{who}: its page answers {page.status}"]
    status, payment_status = page.body["status"], page.body["payment_status"]
    wrong = []
    if status not in ("paid", "cancelled", "expired"):
        wrong.append(f"{who}: is {status} for ever")
    if story.told_paid and not story.told_cancelled and status != "paid":
        wrong.append(f"{who}: was told paid, is {status}")
    if story.told_cancelled and status != "cancelled":
        wrong.append(f"{who}: was told cancelled, is {status}")
    if (status == "paid") != (payment_status == "paid"):
        wrong.append(f"{who}: says {status} and {payment_status}")
    total = page.body["totals"]["total"]["amount"]
    if bank.net(number) != (total if status == "paid" else 0):
        wrong.append(f"{who}: says {status}, the gateway keeps {bank.net(number)} of {total}")
    if bank.refunded[number] and bank.refunded[number] != sum(r["amount"]["amount"] for r in page.body["refunds"]):
        wrong.append(f"{who}: tells of refunds {page.body['refunds']}, the gateway sent {bank.refunded[number]}")
    return wrong


async def _webhooks_waiting(shop: Shop) -> int:
    """Events that the gateway still wants to deliver and can: one that was tampered with is refused for ever."""
    queue = (await ask(shop.gateway_port, "GET", "/_test/webhooks?state=waiting")).body
    return sum(1 for event in queue if event["last_answer"] != "HTTP 400")


def _one(database: psycopg.Connection[Any], sql: str) -> int:
    row = database.execute(sql).fetchone()
    return int(row[0]) if row else 0
