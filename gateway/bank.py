"""What happens to money: orders, payments, captures, refunds, disputes, settlements, and the events they cause.

Functions here take checked values and keep Razorpay's rules; the REST pages check the shape of requests.
Amounts are integers in the currency's minor unit, instants Unix seconds by the gateway's clock.
"""

import datetime
import json
from typing import Any

from gateway.errors import JSON, Refusal, unknown_id
from gateway.faults import Faults
from gateway.ids import check_id, new_id, new_secret
from gateway.instruments import DEFAULT_CARD, FAILURES, UPI_FAILED, UPI_SUCCESS, Failure, card_entity
from gateway.settings import Account
from gateway.signatures import checkout_signature
from gateway.store import Entity, Store
from gateway.webhooks import Webhooks

MINUTE, DAY = 60, 86_400
NO_WORD_FROM_BANK_SECONDS = 10 * MINUTE
# How long authorised money waits: captured by itself within the first, by hand within the second, then sent back.
CAPTURE_WITHIN_MINUTES = 3 * DAY // MINUTE
REFUNDABLE_FOR_SECONDS = 183 * DAY
INDIA = datetime.timezone(datetime.timedelta(hours=5, minutes=30))


def empty_as_list(notes: JSON) -> JSON | list[Any]:
    """Razorpay answers empty notes as a list (PHP's empty array)."""
    return notes or []


def _fee(amount: int) -> tuple[int, int]:
    """Fee (tax included) and the tax in it: 2 % and 18 % GST on that, each rounded half up."""
    charge = (amount * 2 + 50) // 100
    tax = (charge * 18 + 50) // 100
    return charge + tax, tax


class Bank:
    def __init__(self, store: Store, faults: Faults, webhooks: Webhooks, account: Account) -> None:
        self.store, self.faults, self.webhooks, self.account = store, faults, webhooks, account

    def _now(self) -> int:
        return int(self.store.now())

    def get(self, kind: str, entity_id: str) -> Entity:
        """Raises Refusal for what is no id, or nobody's."""
        check_id(kind, entity_id)
        found = self.store.find(kind, entity_id)
        if found is None:
            raise unknown_id()
        return found

    # Orders

    def create_order(self, *, amount: int, currency: str, receipt: str | None, notes: JSON, hidden: JSON) -> Entity:
        order = Entity(
            "order",
            {
                "id": new_id("order"),
                "entity": "order",
                "amount": amount,
                "amount_paid": 0,
                "amount_due": amount,
                "currency": currency,
                "receipt": receipt,
                "offer_id": None,
                "status": "created",
                "attempts": 0,
                "notes": empty_as_list(notes),
                "created_at": self._now(),
            },
            hidden=hidden,
        )
        self.store.save(order)
        return order

    # Payments

    def begin_payment(
        self,
        order: Entity,
        method: str,
        *,
        card_number: str = DEFAULT_CARD,
        card_name: str = "",
        vpa: str = UPI_SUCCESS,
        bank: str | None = None,
        wallet: str | None = None,
        email: str | None = None,
        contact: str | None = None,
        description: str | None = None,
        notes: JSON | None = None,
        second: bool = False,
    ) -> Entity:
        """A payment that the bank has not answered yet. A paid order takes none, unless a test wants a second one."""
        if order.doc["status"] == "paid" and not second:
            raise Refusal("Payment already done for this order.", reason="order_already_paid")
        amount = order.doc["amount"] if second else order.doc["amount_due"]
        payment_id = new_id("payment")
        doc: JSON = {
            "id": payment_id,
            "entity": "payment",
            "amount": amount,
            "currency": order.doc["currency"],
            "status": "created",
            "order_id": order.id,
            "invoice_id": None,
            "international": False,
            "method": method,
            "amount_refunded": 0,
            "refund_status": None,
            "captured": False,
            "description": description,
            "card_id": None,
            "bank": bank,
            "wallet": wallet,
            "vpa": vpa if method == "upi" else None,
            "email": email,
            "contact": contact,
            "notes": empty_as_list(notes or {}),
            "fee": None,
            "tax": None,
            "error_code": None,
            "error_description": None,
            "error_source": None,
            "error_step": None,
            "error_reason": None,
            "acquirer_data": {},
            "created_at": self._now(),
        }
        hidden: JSON = {}
        if method == "card":
            card = card_entity(new_id("card"), card_number, card_name)
            hidden = {"card": card, "number": card_number}
            doc |= {"card_id": card["id"], "international": card["international"]}
        if method == "upi":
            doc["upi"] = {"payer_account_type": "bank_account", "vpa": vpa, "flow": "collect"}
        payment = Entity("payment", doc, order.id, hidden)
        self.store.save(payment)
        order.doc["attempts"] += 1
        if order.doc["status"] == "created":
            order.doc["status"] = "attempted"
        self.store.save(order)
        self.later(NO_WORD_FROM_BANK_SECONDS, "no_word", payment_id)
        return payment

    def authorize(self, payment: Entity, *, capture: bool | None = None) -> Entity:
        """The bank said yes, in time or late. Captures at once where the order asks for it.

        capture: None follows the order's setting; False leaves it authorised; True captures even on a paid order.
        """
        if payment.doc["status"] not in ("created", "failed"):
            raise Refusal("The payment has been authorized already", reason="payment_already_authorized")
        digits = new_secret(6).upper()
        data: dict[str, JSON] = {
            "card": {"auth_code": digits},
            "upi": {"rrn": str(300_000_000_000 + self._now()), "upi_transaction_id": new_secret(32).upper()},
            "netbanking": {"bank_transaction_id": str(self._now())},
            "wallet": {"transaction_id": digits},
        }
        payment.doc |= {
            "status": "authorized",
            "acquirer_data": data.get(payment.doc["method"], {}),
            "error_code": None,
            "error_description": None,
            "error_source": None,
            "error_step": None,
            "error_reason": None,
        }
        payment.hidden["authorized_at"] = self._now()
        self.store.save(payment)
        self.webhooks.emit("payment.authorized", payment=self.told(payment))
        order = self.get("order", payment.parent)
        settings = order.hidden.get("capture", {})
        self.later(settings.get("manual_minutes", CAPTURE_WITHIN_MINUTES) * MINUTE, "send_back", payment.id)
        in_time = (
            self._now() - payment.doc["created_at"]
            <= settings.get("automatic_minutes", CAPTURE_WITHIN_MINUTES) * MINUTE
        )
        wanted = settings.get("automatic", True) and in_time and order.doc["status"] != "paid"
        if wanted if capture is None else capture:
            self._capture(payment, order)
        return payment

    def fail(self, payment: Entity, failure: Failure) -> Entity:
        if payment.doc["status"] != "created":
            raise Refusal("The payment is no longer open", reason="payment_not_open")
        payment.doc |= {
            "status": "failed",
            "error_code": failure.code,
            "error_description": failure.description,
            "error_source": failure.source,
            "error_step": failure.step,
            "error_reason": failure.reason,
        }
        self.store.save(payment)
        self.webhooks.emit("payment.failed", payment=self.told(payment))
        return payment

    def capture(self, payment: Entity, *, amount: int, currency: str) -> Entity:
        """Take authorised money: all of it, once. Raises Refusal otherwise."""
        status = payment.doc["status"]
        if status in ("captured", "refunded"):
            raise Refusal("This payment has already been captured", reason="payment_already_captured")
        if status != "authorized":
            raise Refusal(
                "Only payments which have been authorized and not yet captured can be captured",
                reason="payment_not_authorized",
            )
        if amount != payment.doc["amount"]:
            raise Refusal("Capture amount must be equal to the amount authorized", field="amount")
        if currency != payment.doc["currency"]:
            raise Refusal("Capture currency must be equal to the currency of the payment", field="currency")
        order = self.get("order", payment.parent)
        if order.doc["status"] == "paid":
            raise Refusal("The payment can't be captured: the order is already paid", reason="order_already_paid")
        return self._capture(payment, order)

    def _capture(self, payment: Entity, order: Entity) -> Entity:
        fee, tax = _fee(payment.doc["amount"])
        payment.doc |= {"status": "captured", "captured": True, "fee": fee, "tax": tax}
        payment.hidden["captured_at"] = self._now()
        self.store.save(payment)
        first = order.doc["status"] != "paid"
        if first:
            order.doc |= {"status": "paid", "amount_paid": order.doc["amount"], "amount_due": 0}
            self.store.save(order)
        self.webhooks.emit("payment.captured", payment=self.told(payment))
        if first:
            self.webhooks.emit("order.paid", payment=self.told(payment), order=order.doc)
        self.later(self._settles_in(), "settle", payment.id)
        return payment

    def told(self, payment: Entity) -> JSON:
        """The payment as webhooks tell it: with its card."""
        card = payment.hidden.get("card")
        return payment.doc | {"card": card} if card else payment.doc

    def receipt_for_browser(self, payment: Entity) -> JSON:
        """The three fields a successful Checkout hands to the page."""
        return {
            "razorpay_payment_id": payment.id,
            "razorpay_order_id": payment.parent,
            "razorpay_signature": checkout_signature(payment.parent, payment.id, self.account.key_secret),
        }

    def failure_of(self, payment: Entity) -> JSON:
        """The error object of a failed payment."""
        doc = payment.doc
        return Failure(
            doc["error_reason"], doc["error_description"], doc["error_step"], doc["error_source"], doc["error_code"]
        ).error(payment.id, payment.parent)

    # Refunds

    def refund(
        self,
        payment: Entity,
        *,
        amount: int | None,
        speed: str = "normal",
        receipt: str | None = None,
        notes: JSON | None = None,
    ) -> Entity:
        """Send captured money back: `amount`, or all that is left. Raises Refusal beyond what was captured."""
        doc = payment.doc
        if doc["status"] == "refunded":
            raise Refusal("The payment has been fully refunded already", reason="payment_already_refunded")
        if doc["status"] != "captured":
            raise Refusal("The payment status should be captured for action to be taken", reason="payment_not_captured")
        if self._now() - doc["created_at"] > REFUNDABLE_FOR_SECONDS:
            raise Refusal("The payment is older than 6 months and can't be refunded", reason="payment_too_old")
        left = doc["amount"] - doc["amount_refunded"]
        if amount is None:
            amount = left
        if amount > left:
            raise Refusal("The refund amount provided is greater than amount captured", field="amount")
        if amount < 100 and doc["currency"] == "INR" and amount != left:
            raise Refusal("The amount must be at least INR 1.00", field="amount")
        return self._refund(payment, amount, speed=speed, receipt=receipt, notes=notes)

    def _refund(
        self,
        payment: Entity,
        amount: int,
        *,
        speed: str = "normal",
        receipt: str | None = None,
        notes: JSON | None = None,
    ) -> Entity:
        ending = self.faults.take("refund", payment_id=payment.id)
        refund = Entity(
            "refund",
            {
                "id": new_id("refund"),
                "entity": "refund",
                "amount": amount,
                "currency": payment.doc["currency"],
                "payment_id": payment.id,
                "notes": empty_as_list(notes or {}),
                "receipt": receipt,
                "acquirer_data": {"arn": None},
                "created_at": self._now(),
                "batch_id": None,
                "status": "pending",
                "speed_processed": "instant" if speed == "optimum" else "normal",
                "speed_requested": speed,
            },
            payment.id,
        )
        self.store.save(refund)
        self._recount(payment, amount)
        self.webhooks.emit("refund.created", refund=refund.doc, payment=self.told(payment))
        if ending is None:
            self.end_refund(refund, processed=True)
        elif "seconds" in ending:
            self.later(float(ending["seconds"]), "end_refund", refund.id, json.dumps(ending["do"] == "pending"))
        elif ending["do"] == "failed":
            self.end_refund(refund, processed=False)
        return refund

    def _recount(self, payment: Entity, more: int) -> None:
        doc = payment.doc
        doc["amount_refunded"] += more
        full = doc["amount_refunded"] == doc["amount"]
        doc["refund_status"] = "full" if full else "partial" if doc["amount_refunded"] else None
        doc["status"] = "refunded" if full else "captured"
        self.store.save(payment)

    def end_refund(self, refund: Entity, *, processed: bool) -> Entity:
        """A pending refund arrives, or fails and gives its amount back to the payment."""
        if refund.doc["status"] != "pending":
            raise Refusal("The refund is no longer pending", reason="refund_not_pending")
        payment = self.get("payment", refund.parent)
        refund.doc["status"] = "processed" if processed else "failed"
        if processed:
            refund.doc["acquirer_data"] = {"arn": str(10_000_000_000_000 + self._now())}
            refund.hidden["processed_at"] = self._now()
        else:
            self._recount(payment, -refund.doc["amount"])
        self.store.save(refund)
        event = "refund.processed" if processed else "refund.failed"
        self.webhooks.emit(event, refund=refund.doc, payment=self.told(payment))
        return refund

    # Disputes

    def dispute(self, payment: Entity, *, amount: int | None, reason: str, phase: str, respond_within: int) -> Entity:
        """The buyer's bank asks for money back: all of the payment, or `amount`. Raises Refusal for what was not captured."""
        if payment.doc["status"] not in ("captured", "refunded"):
            raise Refusal("Only a captured payment can be disputed", reason="payment_not_captured")
        if amount is not None and not 0 < amount <= payment.doc["amount"]:
            raise Refusal("The amount disputed is more than the payment's", field="amount")
        dispute = Entity(
            "dispute",
            {
                "id": new_id("dispute"),
                "entity": "dispute",
                "payment_id": payment.id,
                "amount": payment.doc["amount"] if amount is None else amount,
                "currency": payment.doc["currency"],
                "amount_deducted": 0,
                "reason_code": reason,
                "respond_by": self._now() + respond_within,
                "status": "open",
                "phase": phase,
                "evidence": None,
                "created_at": self._now(),
            },
            payment.id,
        )
        self.store.save(dispute)
        self._tell_dispute("created", dispute)
        return dispute

    def advance_dispute(self, dispute: Entity, act: str) -> Entity:
        """`under_review`, `action_required`, or its end: `won`, `lost` (only then does money leave), `closed`."""
        if dispute.doc["status"] not in ("open", "under_review"):
            raise Refusal("The dispute has ended", reason="dispute_ended")
        dispute.doc["status"] = "open" if act == "action_required" else act
        if act == "lost":
            dispute.doc["amount_deducted"] = dispute.doc["amount"]
            dispute.hidden["lost_at"] = self._now()
        self.store.save(dispute)
        self._tell_dispute(act, dispute)
        return dispute

    def _tell_dispute(self, what: str, dispute: Entity) -> None:
        payment = self.get("payment", dispute.parent)
        self.webhooks.emit(f"payment.dispute.{what}", payment=self.told(payment), dispute=dispute.doc)

    # Settlements

    def _settles_in(self) -> float:
        """Seconds to T+2: the morning of the second working day after today, in India."""
        now = datetime.datetime.fromtimestamp(self.store.now(), INDIA)
        day, working = now.replace(hour=9, minute=0, second=0, microsecond=0), 0
        while working < 2:
            day += datetime.timedelta(days=1)
            working += day.weekday() < 5
        return (day - now).total_seconds()

    def settle(self, payments: list[Entity]) -> Entity | None:
        """Pay out captured payments less fees, and take back refunds and lost disputes that no settlement has carried yet."""
        # Refunds follow the payments they belong to, in this settlement or a later one.
        open_payments = [p for p in payments if "captured_at" in p.hidden and "settlement_id" not in p.hidden]
        if not open_payments:
            return None
        ids = {p.id for p in open_payments}
        refunds = [
            refund
            for refund in self.store.newest("refund", status="processed")
            if "settlement_id" not in refund.hidden and (refund.parent in ids or self._is_settled(refund.parent))
        ]
        lost = [
            dispute
            for dispute in self.store.newest("dispute", status="lost")
            if "settlement_id" not in dispute.hidden and (dispute.parent in ids or self._is_settled(dispute.parent))
        ]
        fees = sum(p.doc["fee"] for p in open_payments)
        taken_back = sum(r.doc["amount"] for r in refunds) + sum(d.doc["amount_deducted"] for d in lost)
        settlement = Entity(
            "settlement",
            {
                "id": new_id("settlement"),
                "entity": "settlement",
                "amount": sum(p.doc["amount"] for p in open_payments) - fees - taken_back,
                "status": "processed",
                "fees": fees,
                "tax": sum(p.doc["tax"] for p in open_payments),
                "utr": f"{self._now()}{new_secret(6).lower()}",
                "created_at": self._now(),
            },
        )
        self.store.save(settlement)
        for carried in [*open_payments, *refunds, *lost]:
            carried.hidden |= {"settlement_id": settlement.id, "settled_at": self._now(), "utr": settlement.doc["utr"]}
            self.store.save(carried)
        self.webhooks.emit("settlement.processed", settlement=settlement.doc)
        return settlement

    def _is_settled(self, payment_id: str) -> bool:
        payment = self.store.find("payment", payment_id)
        return payment is not None and "settlement_id" in payment.hidden

    # What the clock does

    def later(self, seconds: float, what: str, entity_id: str, detail: str = "") -> None:
        self.store.run(
            "INSERT INTO later (due_at, what, id, detail) VALUES (?,?,?,?)",
            self.store.now() + seconds,
            what,
            entity_id,
            detail,
        )

    def do_due(self) -> None:
        """Do what has become due: bank answers, time-outs, money sent back, settlements."""
        while rows := self.store.rows(
            "SELECT * FROM later WHERE due_at <= ? ORDER BY due_at, seq LIMIT 100", self.store.now()
        ):
            with self.store.transaction():
                self._do([(row["what"], row["id"], row["detail"]) for row in rows])
                for row in rows:
                    self.store.run("DELETE FROM later WHERE seq = ?", row["seq"])

    def _do(self, due: list[tuple[str, str, str]]) -> None:
        to_settle: list[Entity] = []
        for what, entity_id, detail in due:
            if what == "end_refund":
                refund = self.store.find("refund", entity_id)
                if refund and refund.doc["status"] == "pending":
                    self.end_refund(refund, processed=bool(json.loads(detail)))
                continue
            payment = self.store.find("payment", entity_id)
            if payment is None:
                continue
            status = payment.doc["status"]
            if what == "settle":
                to_settle.append(payment)
            elif what == "upi_answer" and status == "created":
                if detail == "success":
                    self.authorize(payment)
                else:
                    self.fail(payment, FAILURES["invalid_vpa"] if detail == "invalid_vpa" else UPI_FAILED)
            elif what == "no_word" and status == "created":
                self.fail(payment, FAILURES["payment_timed_out"])
            elif what == "send_back" and status == "authorized":
                self._refund(payment, payment.doc["amount"])
        self.settle([self.get("payment", payment.id) for payment in to_settle])
