"""Who dies: a request or a job, what was before it, who may come next in which order, and how it has to end."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from noirel.core.models import OutboxEvent
from noirel.core.viewer import SYSTEM
from noirel.inventory import services as inventory
from noirel.inventory.models import StockMovement
from noirel.ledger.accounts import Account
from noirel.ledger.selectors import balances
from noirel.orders.models import Order, OrderEvent
from noirel.payments.models import Refund
from tests.crash.purchase import ON_HAND, PRICES, UNITS, Purchase, Step

TOTAL = sum(price * units for price, units in zip(PRICES, UNITS, strict=True))
FULL, SOLD = [(ON_HAND, 0, 0), (ON_HAND, 0, 0)], [(ON_HAND, 0, units) for units in UNITS]
SHIPPED = [(ON_HAND - units, 0, 0) for units in UNITS]


@dataclass(frozen=True)
class Recovery:
    """What comes after the crash, step by step, and how it ends."""

    steps: dict[str, Step]
    ends: Step


@dataclass(frozen=True)
class Story:
    """What is killed. begin makes what was before it and says what is asked; is_done: all that it is there for is done."""

    name: str
    dies: str
    begin: Callable[[Purchase], dict[str, Any]]
    is_done: Callable[[Purchase], bool]
    recoveries: list[Recovery]


def job(name: str) -> dict[str, Any]:
    return {"job": name}


# How it ends.


def bought_once(p: Purchase) -> None:
    """One order, one payment, one sale of each bottle, one receipt; the books know."""
    order = Order.objects.get(checkout_key=p.key)
    assert (order.status, order.payment_status) == ("paid", "paid")
    assert [(a.status, a.refunded_amount) for a in order.attempts.all()] == [("captured", 0)]
    taken = [payment for payment in p.at_gateway("payments") if payment["status"] != "failed"]
    assert [(payment["status"], payment["amount_refunded"]) for payment in taken] == [("captured", 0)]
    assert len(p.at_gateway("orders")) == 1
    assert p.stock() == SOLD
    assert not StockMovement.objects.filter(reference=order.number).exists()
    assert OrderEvent.objects.filter(order=order, type="order.paid").count() == 1
    said_once(order, p)
    money = balances(reference=order.number)
    fee = order.attempts.get().fee_amount or 0
    assert (money[Account.GATEWAY, "INR"], money[Account.CUSTOMERS, "INR"]) == (order.total_amount - fee, 0)


def shipped_once(p: Purchase) -> None:
    """One parcel with everything in it; each bottle left once; one mail about it."""
    order = Order.objects.get(checkout_key=p.key)
    assert (order.status, order.fulfilment_status) == ("fulfilled", "fulfilled")
    (parcel,) = order.shipments.all()
    assert (parcel.tracking_number, parcel.shipped_at is None) == ("BD1", False)
    assert p.stock() == SHIPPED
    left = StockMovement.objects.filter(reference=order.number).order_by("item_id").values_list("reason", "delta", "shipment")
    assert list(left) == [("shipped", -units, parcel.pk) for units in UNITS]
    assert OrderEvent.objects.filter(order=order, type="order.shipped").count() == 1
    assert len(p.mails("shipped")) == 1


def said_once(order: Order, p: Purchase) -> None:
    assert OutboxEvent.objects.filter(name="order.paid", key=order.number).count() == 1
    assert len(p.mails("receipt")) == 1


def never_bought(p: Purchase) -> None:
    """At most an order that ended; every bottle is there for the next one, and no money was taken."""
    assert [order.status for order in Order.objects.filter(checkout_key=p.key)] in ([], ["expired"])
    assert p.stock() == FULL
    assert p.at_gateway("payments") == []
    bag = p.guest.get(f"carts/{p.cart['id']}").json()
    assert sum(line["quantity"] for line in bag["lines"]) == sum(UNITS)


def sent_back_once(amount: int, *, stock: list[tuple[int, int, int]]) -> Step:
    def ended(p: Purchase) -> None:
        order = Order.objects.get(checkout_key=p.key)
        refunds = Refund.objects.filter(order=order)
        assert [(refund.status, refund.amount) for refund in refunds] == [("processed", amount)]
        assert [(refund["status"], refund["amount"]) for refund in p.at_gateway("refunds")] == [("processed", amount)]
        assert p.stock() == stock
        money = balances(reference=order.number)
        fee = order.attempts.get().fee_amount or 0
        assert money[Account.GATEWAY, "INR"] == order.total_amount - fee - amount
        assert not any(money.get((owed, "INR"), 0) for owed in (Account.REFUNDS_DUE, Account.CUSTOMERS, Account.UNMATCHED))
        assert OrderEvent.objects.filter(order=order, type="refund.processed").count() == 1

    return ended


# What was before.


def bag_is_full(p: Purchase) -> dict[str, Any]:
    p.fill_bag()
    return p.checkout()


def ordered(p: Purchase) -> None:
    p.fill_bag()
    p.check_out()


def paid_at_gateway(p: Purchase, outcome: str = "success") -> None:
    ordered(p)
    p.pay(outcome)


def browser_is_back(p: Purchase) -> dict[str, Any]:
    paid_at_gateway(p)
    return p.verify()


def webhook_comes(p: Purchase) -> dict[str, Any]:
    paid_at_gateway(p)
    return p.webhook("payment.captured")


def only_authorized(p: Purchase) -> dict[str, Any]:
    paid_at_gateway(p, "authorize")
    _is_due(p)
    return job("noirel.payments.jobs.reconcile_payments")


def gateway_order_unknown(p: Purchase) -> dict[str, Any]:
    """A checkout that was killed before it heard of the gateway order it had asked for."""
    p.fill_bag()
    p.zygote.run(p.checkout(), die_at="after gateway POST /v1/orders")
    _is_due(p)
    return job("noirel.payments.jobs.reconcile_payments")


def declined(p: Purchase) -> dict[str, Any]:
    ordered(p)
    p.gateway.pay(p.placed["payment"]["gateway_order_id"], "failure")
    p.webhooks()
    return p.retry()


def time_is_over(p: Purchase) -> dict[str, Any]:
    ordered(p)
    p.time_out()
    return job("noirel.payments.jobs.expire_unpaid_orders")


def time_is_over_but_paid(p: Purchase) -> dict[str, Any]:
    paid_at_gateway(p)
    p.time_out()
    return job("noirel.payments.jobs.expire_unpaid_orders")


def money_comes_late(p: Purchase) -> dict[str, Any]:
    ordered(p)
    p.expire()
    p.pay()
    return p.webhook("payment.captured")


def late_and_sold_out(p: Purchase) -> dict[str, Any]:
    ordered(p)
    p.expire()
    for variant in p.variants:
        inventory.adjust(variant.sku, delta=-ON_HAND, reason="damaged", actor=SYSTEM)
    p.pay()
    p.webhooks()
    return job("noirel.payments.jobs.refund_unmatched_payments")


def staff_refund(p: Purchase) -> dict[str, Any]:
    paid_at_gateway(p)
    p.browser_returns()
    return p.refund()


def staff_cancel(p: Purchase) -> dict[str, Any]:
    paid_at_gateway(p)
    p.browser_returns()
    return p.cancel()


def staff_dispatch(p: Purchase) -> dict[str, Any]:
    paid_at_gateway(p)
    p.browser_returns()
    return p.fulfil()


def receipt_is_due(p: Purchase) -> dict[str, Any]:
    paid_at_gateway(p)
    p.browser_returns()
    return job("noirel.core.events.deliver_due")


def _is_due(p: Purchase) -> None:
    from django.utils import timezone

    from noirel.payments.models import Payment

    Payment.objects.filter(order__checkout_key=p.key).update(check_at=timezone.now())


# When it is done.


def is_payable(p: Purchase) -> bool:
    return bool(p.order and p.order.attempts.exclude(gateway_order_id=None).exists())


def is_paid(p: Purchase) -> bool:
    return bool(p.order and p.order.status == "paid")


def is_shipped(p: Purchase) -> bool:
    return bool(p.order and p.order.status == "fulfilled")


def is_expired(p: Purchase) -> bool:
    return bool(p.order and p.order.status == "expired")


def is_sent_back(p: Purchase) -> bool:
    return Refund.objects.filter(order__checkout_key=p.key, status="processed").exists()


def is_told(p: Purchase) -> bool:
    order = p.order
    return bool(order and not OutboxEvent.objects.filter(key=order.number, done_at=None).exists())


RETRY, WORKER, BROWSER, WEBHOOK = "the shopper's retry", "the worker", "the browser", "the gateway's webhook"
STAFF = "the colleague's retry"
BY_ANY_DOOR = [
    Recovery({BROWSER: Purchase.browser_returns, WEBHOOK: Purchase.webhooks, WORKER: Purchase.reconcile}, bought_once),
    Recovery({WEBHOOK: Purchase.webhooks_reversed, BROWSER: Purchase.browser_returns}, bought_once),
    Recovery({WORKER: Purchase.reconcile}, bought_once),
]
STORIES = [
    Story(
        "checkout",
        "the checkout request",
        bag_is_full,
        is_payable,
        [
            Recovery({RETRY: Purchase.check_out, "she pays": Purchase.browser_returns}, bought_once),
            Recovery(
                {WORKER: Purchase.reconcile, RETRY: Purchase.check_out, "she pays": Purchase.pay_and_be_told_by_webhook},
                bought_once,
            ),
            Recovery({WORKER: Purchase.expire}, never_bought),
        ],
    ),
    Story("verify", "the browser's verify request", browser_is_back, is_paid, BY_ANY_DOOR),
    Story(
        "webhook",
        "the webhook request",
        webhook_comes,
        is_paid,
        [*BY_ANY_DOOR, Recovery({WORKER: Purchase.retry_webhooks, WEBHOOK: Purchase.webhooks}, bought_once)],
    ),
    Story("reconcile", "the reconcile job, which captures", only_authorized, is_paid, BY_ANY_DOOR),
    Story(
        "unknown",
        "the reconcile job, which looks for a lost gateway order",
        gateway_order_unknown,
        is_payable,
        [
            Recovery({RETRY: Purchase.check_out, "she pays": Purchase.browser_returns}, bought_once),
            Recovery(
                {WORKER: Purchase.reconcile, RETRY: Purchase.check_out, "she pays": Purchase.pay_and_be_found}, bought_once
            ),
        ],
    ),
    Story(
        "retry",
        "the request for another try at paying",
        declined,
        is_payable,
        [
            Recovery({RETRY: Purchase.retry_again, "she pays": Purchase.browser_returns}, bought_once),
            Recovery({WORKER: Purchase.reconcile, "she pays": Purchase.pay_and_be_told_by_webhook}, bought_once),
        ],
    ),
    Story(
        "expiry",
        "the expiry job",
        time_is_over,
        is_expired,
        [Recovery({WORKER: Purchase.expire}, never_bought)],
    ),
    Story(
        "expiry-paid",
        "the expiry job, which finds the order paid",
        time_is_over_but_paid,
        is_paid,
        [
            Recovery({WORKER: Purchase.expire}, bought_once),
            Recovery({WEBHOOK: Purchase.webhooks}, bought_once),
            Recovery({BROWSER: Purchase.browser_returns}, bought_once),
        ],
    ),
    Story("late", "the webhook request about late money", money_comes_late, is_paid, BY_ANY_DOOR),
    Story(
        "return",
        "the job that sends late money back",
        late_and_sold_out,
        is_sent_back,
        [
            Recovery(
                {WORKER: Purchase.return_strays, "the worker, later": Purchase.ask_refunds},
                sent_back_once(TOTAL, stock=[(0, 0, 0)] * 2),
            ),
            Recovery(
                {WEBHOOK: Purchase.webhooks, WORKER: Purchase.return_strays}, sent_back_once(TOTAL, stock=[(0, 0, 0)] * 2)
            ),
        ],
    ),
    Story(
        "refund",
        "the staff's refund request",
        staff_refund,
        is_sent_back,
        [
            Recovery({STAFF: Purchase.refund_again}, sent_back_once(1_000_00, stock=SOLD)),
            Recovery({WORKER: Purchase.ask_refunds, STAFF: Purchase.refund_again}, sent_back_once(1_000_00, stock=SOLD)),
            Recovery({WEBHOOK: Purchase.webhooks, STAFF: Purchase.refund_again}, sent_back_once(1_000_00, stock=SOLD)),
        ],
    ),
    Story(
        "cancel",
        "the staff's cancel request of a paid order",
        staff_cancel,
        is_sent_back,
        [
            Recovery({STAFF: Purchase.cancel_again, WORKER: Purchase.ask_refunds}, sent_back_once(TOTAL, stock=FULL)),
            Recovery({WORKER: Purchase.ask_refunds, STAFF: Purchase.cancel_again}, sent_back_once(TOTAL, stock=FULL)),
            Recovery({WEBHOOK: Purchase.webhooks, STAFF: Purchase.cancel_again}, sent_back_once(TOTAL, stock=FULL)),
        ],
    ),
    Story(
        "dispatch",
        "the staff's request that packs and ships an order",
        staff_dispatch,
        is_shipped,
        [
            Recovery({STAFF: Purchase.fulfil_again, WORKER: Purchase.drain}, shipped_once),
            Recovery({WORKER: Purchase.drain, STAFF: Purchase.fulfil_again}, shipped_once),
        ],
    ),
    Story(
        "outbox",
        "the worker over the outbox",
        receipt_is_due,
        is_told,
        [Recovery({WORKER: Purchase.drain}, bought_once)],
    ),
]
