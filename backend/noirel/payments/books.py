"""How money is booked: pure, one function a fact. The accounts and their signs are ledger/accounts.py's.

Whatever happens, in sums: captured = orders + refunds + desk; the gateway's balance = captured - fees - refunds that were
processed - chargebacks lost - settlements.
"""

from dataclasses import replace

from noirel.core.domain.money import divide_half_up
from noirel.ledger.accounts import Account
from noirel.ledger.services import Booking
from noirel.orders.models import Order
from noirel.payments.lifecycle import PaymentUpdate


def captured(reference: str, fact: PaymentUpdate) -> Booking:
    """The gateway took the sum that the order asked for. reference is the order's number."""
    return Booking(
        f"capture:{fact.payment_id}", "capture", reference, fact.currency,
        {Account.GATEWAY: fact.amount, Account.CUSTOMERS: -fact.amount},
    )  # fmt: skip


def gateway_fee(reference: str, fact: PaymentUpdate) -> list[Booking]:
    """What the gateway keeps of a payment; nothing while it has not said. Its `fee` contains its `tax` (razorpay.md, 3)."""
    if not fact.fee:
        return []
    tax = fact.tax or 0
    return [
        Booking(
            f"fee:{fact.payment_id}", "fee", reference, fact.currency,
            {Account.FEES: fact.fee - tax, Account.FEE_TAX: tax, Account.GATEWAY: -fact.fee},
        )
    ]  # fmt: skip


def order_paid(order: Order) -> Booking:
    """The order took its money: earned, with the tax that is contained in it."""
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
    """Captured money that pays for nothing: on the desk. was_booked: its capture stands under the order already."""
    source = Account.CUSTOMERS if was_booked else Account.GATEWAY
    return Booking(
        f"stray:{payment_id}", "stray", reference, currency, {source: amount, Account.DESK: -amount}
    )  # fmt: skip


def unmatched_accepted(order: Order, *, payment_id: str, amount: int) -> Booking:
    """Staff took money from the desk for an order."""
    return Booking(
        f"adopt:{payment_id}", "adopt", order.number, order.currency, {Account.DESK: amount, Account.CUSTOMERS: -amount}
    )  # fmt: skip


def unmatched_claimed(*, payment_id: str, amount: int, currency: str) -> Booking:
    """Nobody's money on the desk turned out to be an order's: it is taken back here, to be booked as captured there."""
    return Booking(
        f"adopt:{payment_id}", "adopt", payment_id, currency, {Account.DESK: amount, Account.GATEWAY: -amount}
    )  # fmt: skip


def refund_promised(order: Order, *, refund: str, amount: int, refunded_before: int, tax_back: int) -> Booking:
    """We owe a buyer `amount` of a sold order. Its share of the tax is not owed to the state any more.

    tax_back is what was booked back of the tax before: shares are what is missing to the running sum's, so that refunds of the
    whole total give back exactly the whole tax, whichever of them failed.
    """
    back = min(refunded_before + amount, order.total_amount)
    tax = divide_half_up(order.tax_amount * back, order.total_amount) - tax_back
    return Booking(
        f"refund:{refund}", "refund", order.number, order.currency,
        {Account.REFUNDS: amount - tax, Account.TAX: tax, Account.REFUNDS_DUE: -amount},
    )  # fmt: skip


def unmatched_refund_promised(reference: str, *, refund: str, amount: int, currency: str) -> Booking:
    """Money on the desk is to go back."""
    return Booking(
        f"refund:{refund}", "refund", reference, currency, {Account.DESK: amount, Account.REFUNDS_DUE: -amount}
    )  # fmt: skip


def refund_processed(reference: str, *, refund: str, amount: int, currency: str) -> Booking:
    """The gateway has sent it."""
    return Booking(
        f"refund-done:{refund}", "refund_done", reference, currency,
        {Account.REFUNDS_DUE: amount, Account.GATEWAY: -amount},
    )  # fmt: skip


def refund_failed(promise: Booking) -> Booking:
    """It could not be sent: we have the money and what we had booked against it again. promise is what was booked then."""
    return Booking(
        promise.key.replace("refund:", "refund-failed:", 1), "refund_failed", promise.reference, promise.currency,
        {account: -amount for account, amount in promise.postings.items()},
    )  # fmt: skip


def refund_repromised(promise: Booking) -> Booking:
    """The gateway sent what it had called failed."""
    return replace(promise, key=promise.key.replace("refund:", "refund-again:", 1))


def dispute_lost(reference: str, *, dispute: str, amount: int, owed: int, currency: str) -> Booking:
    """A chargeback was lost: the gateway has taken the sum out of what it holds for us.

    owed: what of it lay on the desk and was the buyer's in any case, so that it is no loss.
    """
    return Booking(
        f"dispute-lost:{dispute}", "dispute_lost", reference, currency,
        {Account.DISPUTES: amount - owed, Account.DESK: owed, Account.GATEWAY: -amount},
    )  # fmt: skip


def settled(settlement: str, *, amount: int, currency: str) -> Booking:
    """The gateway has paid `amount` to our bank."""
    return Booking(
        f"settlement:{settlement}", "settlement", settlement, currency,
        {Account.BANK: amount, Account.GATEWAY: -amount},
    )  # fmt: skip
