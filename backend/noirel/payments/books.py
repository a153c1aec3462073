"""Pure functions that turn payment facts into ledger bookings, one per kind of fact.

Accounts and signs are defined in ledger/accounts.py. All amounts are in minor units. The bookings maintain two sums: captured =
orders + refunds + unmatched money; gateway balance = captured - fees - processed refunds - lost chargebacks - settlements.
"""

from dataclasses import replace

from noirel.core.domain.money import divide_half_up
from noirel.ledger.accounts import Account
from noirel.ledger.services import Booking
from noirel.orders.models import Order
from noirel.payments.lifecycle import PaymentUpdate


def captured(reference: str, update: PaymentUpdate) -> Booking:
    """Book the capture of a payment that an order asked for. `reference` is the order number."""
    return Booking(
        f"capture:{update.payment_id}", "capture", reference, update.currency,
        {Account.GATEWAY: update.amount, Account.CUSTOMERS: -update.amount},
    )  # fmt: skip


def gateway_fee(reference: str, update: PaymentUpdate) -> list[Booking]:
    """Book the fee the gateway retains for a payment; an empty list while the fee is not known yet.

    Razorpay's `fee` includes its `tax` (razorpay.md, 3).
    """
    if not update.fee:
        return []
    tax = update.tax or 0
    return [
        Booking(
            f"fee:{update.payment_id}", "fee", reference, update.currency,
            {Account.FEES: update.fee - tax, Account.FEE_TAX: tax, Account.GATEWAY: -update.fee},
        )
    ]  # fmt: skip


def order_paid(order: Order) -> Booking:
    """Book the sale when an order becomes paid: revenue, shipping, discount and the tax contained in them."""
    goods_tax = order.tax_amount - order.shipping_tax_amount
    return Booking(
        f"sale:{order.number}", "sale", order.number, order.currency,
        {
            Account.CUSTOMERS: order.total_amount,
            Account.DISCOUNTS: order.discount_amount,
            Account.SALES: -(order.subtotal_amount - goods_tax),
            Account.SHIPPING: -(order.shipping_amount - order.shipping_tax_amount),
            Account.TAX: -order.tax_amount,
        },
    )  # fmt: skip


def unmatched_captured(reference: str, *, payment_id: str, amount: int, currency: str, was_booked: bool) -> Booking:
    """Book captured money that pays for no order.

    `was_booked` is true if the capture was booked under the order before, so that the amount moves out of the order's account
    instead of coming in from the gateway.
    """
    source = Account.CUSTOMERS if was_booked else Account.GATEWAY
    return Booking(
        f"stray:{payment_id}", "stray", reference, currency, {source: amount, Account.UNMATCHED: -amount}
    )  # fmt: skip


def unmatched_accepted(order: Order, *, payment_id: str, amount: int) -> Booking:
    """Book that staff accepted an unmatched payment for an order."""
    return Booking(
        f"adopt:{payment_id}", "adopt", order.number, order.currency, {Account.UNMATCHED: amount, Account.CUSTOMERS: -amount}
    )  # fmt: skip


def unmatched_claimed(*, payment_id: str, amount: int, currency: str) -> Booking:
    """Reverse the booking of an unmatched payment that turned out to belong to an order.

    The capture is then booked again under that order.
    """
    return Booking(
        f"adopt:{payment_id}", "adopt", payment_id, currency, {Account.UNMATCHED: amount, Account.GATEWAY: -amount}
    )  # fmt: skip


def refund_promised(order: Order, *, refund: str, amount: int, refunded_before: int, tax_back: int) -> Booking:
    """Book a refund of `amount` for a paid order as a liability, with the share of tax that is no longer owed.

    `refunded_before` is the amount promised back earlier, and `tax_back` the tax booked back for it. The tax share is the
    difference to the running total, so that refunds of the whole order return exactly its whole tax, even if some of them
    failed.
    """
    refunded_total = min(refunded_before + amount, order.total_amount)
    tax = divide_half_up(order.tax_amount * refunded_total, order.total_amount) - tax_back
    return Booking(
        f"refund:{refund}", "refund", order.number, order.currency,
        {Account.REFUNDS: amount - tax, Account.TAX: tax, Account.REFUNDS_DUE: -amount},
    )  # fmt: skip


def unmatched_refund_promised(reference: str, *, refund: str, amount: int, currency: str) -> Booking:
    """Book the refund of an unmatched payment as a liability."""
    return Booking(
        f"refund:{refund}", "refund", reference, currency, {Account.UNMATCHED: amount, Account.REFUNDS_DUE: -amount}
    )  # fmt: skip


def refund_processed(reference: str, *, refund: str, amount: int, currency: str) -> Booking:
    """Book that the gateway has sent a refund."""
    return Booking(
        f"refund-done:{refund}", "refund_done", reference, currency,
        {Account.REFUNDS_DUE: amount, Account.GATEWAY: -amount},
    )  # fmt: skip


def refund_failed(promise: Booking) -> Booking:
    """Reverse a promised refund that the gateway could not send. `promise` is the booking of the promise."""
    return Booking(
        promise.key.replace("refund:", "refund-failed:", 1), "refund_failed", promise.reference, promise.currency,
        {account: -amount for account, amount in promise.postings.items()},
    )  # fmt: skip


def refund_repromised(promise: Booking) -> Booking:
    """Book a promised refund again: the gateway sent it after it had reported it as failed."""
    return replace(promise, key=promise.key.replace("refund:", "refund-again:", 1))


def dispute_lost(reference: str, *, dispute: str, amount: int, owed: int, currency: str) -> Booking:
    """Book a lost dispute: the gateway has deducted the amount from our balance.

    `owed` is the part covered by unmatched money, which was owed to the buyer in any case and is therefore no loss.
    """
    return Booking(
        f"dispute-lost:{dispute}", "dispute_lost", reference, currency,
        {Account.DISPUTES: amount - owed, Account.UNMATCHED: owed, Account.GATEWAY: -amount},
    )  # fmt: skip


def settled(settlement: str, *, amount: int, currency: str) -> Booking:
    """Book a settlement: the gateway has paid `amount` to our bank account."""
    return Booking(
        f"settlement:{settlement}", "settlement", settlement, currency,
        {Account.BANK: amount, Account.GATEWAY: -amount},
    )  # fmt: skip
