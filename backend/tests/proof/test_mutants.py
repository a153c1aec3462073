"""Bugs put in on purpose. Each takes one defence away from the code; what is left of them must hold, or the proof must name it.

A mutant is the function's own source with a piece of it replaced, in every module that has imported it.
"""

import inspect
import json
import sys
import textwrap
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, connection, models, transaction

from noirel.backoffice.audit import run_checks
from noirel.core import events
from noirel.core.domain.money import inr
from noirel.core.models import OutboxEvent
from noirel.inventory import claims
from noirel.inventory.models import StockItem
from noirel.ledger.selectors import entries_of
from noirel.orders.models import Order
from noirel.payments.models import GatewayEvent, Payment, Refund
from noirel.payments.services import apply_refund_update, apply_update, webhook
from tests.client import Client
from tests.make import make_variant
from tests.proof.world import Purchase, World, deliver_to
from tests.shopping import ADDRESS, LocalGateway

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.proof]


def mutate(monkeypatch: pytest.MonkeyPatch, function: Callable[..., Any], old: str, new: str) -> None:
    """Put a copy of a function with `old` replaced by `new` in its place, wherever it is known by its name."""
    inner = inspect.unwrap(function)
    source = textwrap.dedent(inspect.getsource(inner))
    assert source.count(old) == 1, f"{function.__name__} has changed: {old!r} is not in it once"
    room: dict[str, Any] = dict(vars(sys.modules[inner.__module__]))
    exec(compile(source.replace(old, new), f"<mutant of {function.__name__}>", "exec"), room)
    mutant = room[function.__name__]
    for module in list(sys.modules.values()):
        if getattr(module, "__name__", "").startswith("noirel.") and getattr(module, function.__name__, None) is function:
            monkeypatch.setattr(module, function.__name__, mutant)


def at_once(count: int, act: Callable[[int], Any]) -> list[Any]:
    """What many threads get that do it at the same moment, each with a connection of its own."""
    together = threading.Barrier(count)

    def run(at: int) -> Any:
        try:
            together.wait()
            return act(at)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


@pytest.fixture
def world(gateway: LocalGateway, staff: Client) -> World:
    return World(gateway, staff)


def bought(world: World, *, paid: bool = False) -> Purchase:
    world.new_bag()
    sku = world.variants[0].sku
    world.ask(world.guest, "POST", f"carts/{world.bags[-1].cart}/lines", {"sku": sku, "quantity": 1})
    world.check_out(world.bags[-1], again=False, off_by=0)
    purchase = world.purchases[-1]
    if paid:
        world.pay(purchase, "success", second=False)
        assert world.verify(purchase, purchase.told[0]).json()["status"] == "paid"
    return purchase


def buy_at_once(world: World, sku: str, *, buyers: int) -> Counter[int]:
    bodies = []
    for _ in range(buyers):
        world.new_bag()
        world.ask(world.guest, "POST", f"carts/{world.bags[-1].cart}/lines", {"sku": sku, "quantity": 1})
        cart = world.ask(world.guest, "GET", f"carts/{world.bags[-1].cart}").json()
        bodies.append(
            {
                "cart": cart["id"], "email": "ira@example.com", "shipping_address": ADDRESS,
                "shipping_method": "standard", "expected_total": cart["totals"]["total"],
            }
        )  # fmt: skip

    def press(at: int) -> int:
        client = Client(raise_request_exception=False)
        answer = client.post("checkout", bodies[at], format="json", HTTP_IDEMPOTENCY_KEY=f"mutant-{at}")
        return int(answer.status_code)

    return Counter(at_once(buyers, press))


def test_without_its_own_check_the_shop_still_does_not_oversell(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """INTEGRITY: the application's stock check is deleted; the schema refuses. Who comes too late hears so, not an error."""
    unguarded = claims._RESERVE.replace(claims.GUARD, "true")
    assert unguarded != claims._RESERVE
    monkeypatch.setattr(claims, "_RESERVE", unguarded)
    rare = make_variant(price=inr(900_00), on_hand=5)
    answers = buy_at_once(world, rare.sku, buyers=20)
    assert answers == {201: 5, 409: 15}
    item = StockItem.objects.get(pk=rare.pk)
    assert (item.on_hand, item.reserved) == (5, 5)
    assert Order.objects.count() == 5
    world.check()


@pytest.mark.unproved
def test_without_check_and_constraint_it_oversells_and_the_proof_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test above can fail: this is what it looks like."""
    monkeypatch.setattr(claims, "_RESERVE", claims._RESERVE.replace(claims.GUARD, "true"))
    rare = make_variant(price=inr(900_00), on_hand=5)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE inventory_stockitem DROP CONSTRAINT stock_not_oversold")
    try:
        assert buy_at_once(world, rare.sku, buyers=20)[201] > 5
        assert ("stock.oversold", rare.sku) in {(finding.check, finding.subject) for finding in run_checks(at_rest=False)}
    finally:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE inventory_stockitem SET reserved = 0, committed = 0, on_hand = 0")
            cursor.execute(
                "ALTER TABLE inventory_stockitem ADD CONSTRAINT stock_not_oversold"
                f" CHECK ({_constraint(StockItem, 'stock_not_oversold')})"
            )


def _constraint(model: type[models.Model], name: str) -> str:
    (constraint,) = [one for one in model._meta.constraints if one.name == name]
    with connection.schema_editor(collect_sql=True) as editor:
        sql = str(constraint.constraint_sql(model, editor))
    return sql[sql.index("CHECK (") + len("CHECK (") : -1]


def test_without_the_orders_lock_a_payment_is_booked_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight doors at once, none waits for another: unique keys and compare-and-set are what is left, and they do."""
    locks = " FOR UPDATE OF o"
    assert apply_update._LOCK.endswith(locks)
    monkeypatch.setattr(apply_update, "_LOCK", apply_update._LOCK.removesuffix(locks))
    purchase = bought(world)
    world.pay(purchase, "success", second=False)
    body = next(event["body"] for event in world.hear() if event["event"] == "payment.captured")

    def deliver(at: int) -> int:
        told = json.loads(body) | {"created_at": at}  # eight events with the same news
        return deliver_to(Client(), json.dumps(told), event_id=f"evt_{at}")

    assert Counter(at_once(8, deliver)) == {200: 8}
    GatewayEvent.objects.filter(applied_at=None).update(retry_at=None)
    order = Order.objects.get()
    assert order.status == "paid"
    assert sorted(entry.kind for entry in entries_of(order.number)) == ["capture", "fee", "sale"]
    item = StockItem.objects.get(pk=world.variants[0].pk)
    assert item.on_hand - item.committed == 5
    assert Payment.objects.filter(status="captured").count() == 1
    GatewayEvent.objects.filter(applied_at=None).delete()
    assert {finding.check for finding in run_checks(at_rest=False)} <= {"history.explains"}


@pytest.mark.unproved
def test_without_the_comparison_of_sums_the_books_name_the_order(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    mutate(
        monkeypatch,
        apply_update.apply_payment_update,
        "(update.amount, update.currency) != (payment.amount, payment.currency)",
        "False",
    )
    purchase = bought(world)
    world.pay(purchase, "success", second=False)
    event = next(event for event in world.hear() if event["event"] == "payment.captured")
    told = json.loads(event["body"])
    told["payload"]["payment"]["entity"]["amount"] -= 1
    assert world.deliver(event, body=json.dumps(told)) == 200
    found = {(finding.check, finding.subject) for finding in run_checks(at_rest=False)}
    assert ("books.customers", purchase.number) in found


def test_without_deduplication_one_event_seventy_times_has_one_effect(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    mutate(monkeypatch, webhook.apply_event, "locked.applied_at is not None", "False")
    mutate(monkeypatch, webhook.receive_webhook, "event.applied_at is None", "True")
    purchase = bought(world)
    world.pay(purchase, "success", second=False)
    told = [event for event in world.hear() if event["event"] in {"payment.captured", "order.paid"}]
    for at in range(70):
        assert world.deliver(told[at % len(told)], event_id=f"evt_again{at}") == 200
    events.deliver_due(limit=1000)
    assert sum(purchase.number in message.subject for message in mail.outbox) == 1
    assert [entry.kind for entry in entries_of(purchase.number)] == ["capture", "fee", "sale"]
    world.check()


def test_without_the_cap_in_python_no_more_goes_back_than_came(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    mutate(
        monkeypatch, apply_refund_update.reserve_refund,
        'status=State.CAPTURED, refunded_amount__lte=F("amount") - amount)', "status=State.CAPTURED)",
    )  # fmt: skip
    purchase = bought(world, paid=True)
    payment = Payment.objects.get()
    refund = Refund(order=payment.order, payment=payment, gateway_payment_id=payment.gateway_payment_id or "", currency="INR")
    with pytest.raises(IntegrityError, match="payment_not_refunded_twice"), transaction.atomic():
        apply_refund_update.reserve_refund(refund, payment.amount + 1)
    half = {"amount": {"amount": payment.amount * 3 // 5, "currency": "INR"}, "reason": "asked"}
    world.staff.raise_request_exception = False
    answers = [
        world.staff.post(f"admin/orders/{purchase.number}/refund", half, format="json", HTTP_IDEMPOTENCY_KEY=f"half-{at}")
        for at in range(2)
    ]
    assert (answers[0].status_code, answers[1].status_code >= 400) == (201, True)
    assert sum(row["amount"] for row in world.gateway.state()["refunds"]) == half["amount"]["amount"]  # type: ignore[index]
    world.check()


def test_a_handler_that_runs_twice_does_what_it_does_once(world: World) -> None:
    bought(world, paid=True)
    events.deliver_due(limit=1000)
    sent = len(mail.outbox)
    assert sent
    counted = list(StockItem.objects.values_list("pk", "on_hand"))
    for _ in range(3):
        OutboxEvent.objects.update(done_at=None, told=[])
        events.deliver_due(limit=1000)
    assert len(mail.outbox) == sent
    assert list(StockItem.objects.values_list("pk", "on_hand")) == counted
    world.check()
