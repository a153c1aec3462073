"""The REST API under /v1, for servers: HTTP Basic, Razorpay's shapes."""

import asyncio
import base64
import binascii
import datetime
import hashlib
import hmac
import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from gateway import wire
from gateway.bank import INDIA, Bank, empty_as_list
from gateway.currencies import check_amount
from gateway.errors import JSON, Refusal, outside_a_payment
from gateway.settings import Account
from gateway.store import Entity

_ORDER_FIELDS = frozenset(
    [
        "amount",
        "currency",
        "receipt",
        "notes",
        "partial_payment",
        "first_payment_min_amount",
        "payment",
        "payment_capture",
        "offer_id",
        "offers",
        "discount",
        "customer_id",
        "customer_details",
        "method",
        "token",
        "transfers",
        "bank_account",
        "products",
        "checkout_config_id",
        "line_items",
        "line_items_total",
        "app_offer",
    ]
)
_REFUND_FIELDS = frozenset(["amount", "speed", "notes", "receipt"])
# A fault that never answers lets go of the connection after this long.
_HANG_SECONDS = 60.0
_HTML = "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>"

Answer = JSON | Response
Page = Callable[[Request], Awaitable[Answer]]


async def _hang_up(request: Request) -> Response:
    """Close the connection without an answer."""
    request.scope["hang_up"]()
    await asyncio.sleep(0.05)  # until uvicorn has noticed; what is returned then goes nowhere
    return Response(status_code=504)


def check_key(request: Request, account: Account) -> None:
    """HTTP Basic with the account's key; the scheme is spelt `Basic` and nothing else."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme != "Basic" or not encoded:
        raise outside_a_payment("Authentication failed", status=401)
    try:
        key_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise outside_a_payment("Authentication failed", status=401) from error
    if key_id != account.key_id:
        raise outside_a_payment("The api key provided is invalid", status=401)
    if not hmac.compare_digest(secret.encode(), account.key_secret.encode()):
        raise outside_a_payment("Authentication failed", status=401)


class Rest:
    def __init__(self, bank: Bank) -> None:
        self._bank, self._store = bank, bank.store
        self._refunds_under_way: set[str] = set()

    def routes(self) -> list[Route]:
        pages: list[tuple[str, str, str, Page]] = [
            ("POST", "/v1/orders", "order.create", self.create_order),
            ("GET", "/v1/orders", "order.all", self.orders),
            ("GET", "/v1/orders/{id}", "order.fetch", self.order),
            ("PATCH", "/v1/orders/{id}", "order.edit", self.edit_order),
            ("GET", "/v1/orders/{id}/payments", "order.payments", self.order_payments),
            ("GET", "/v1/payments", "payment.all", self.payments),
            ("GET", "/v1/payments/{id}", "payment.fetch", self.payment),
            ("PATCH", "/v1/payments/{id}", "payment.edit", self.edit_payment),
            ("POST", "/v1/payments/{id}/capture", "payment.capture", self.capture),
            ("GET", "/v1/payments/{id}/card", "payment.card", self.card),
            ("POST", "/v1/payments/{id}/refund", "refund.create", self.refund_payment),
            ("GET", "/v1/payments/{id}/refunds", "refund.all", self.payment_refunds),
            ("GET", "/v1/payments/{id}/refunds/{refund_id}", "refund.fetch", self.payment_refund),
            ("POST", "/v1/refunds", "refund.create", self.create_refund),
            ("GET", "/v1/refunds", "refund.all", self.refunds),
            ("GET", "/v1/refunds/{id}", "refund.fetch", self.refund),
            ("PATCH", "/v1/refunds/{id}", "refund.edit", self.edit_refund),
            ("GET", "/v1/settlements", "settlement.all", self.settlements),
            ("GET", "/v1/settlements/recon/combined", "settlement.recon", self.recon),
            ("GET", "/v1/settlements/{id}", "settlement.fetch", self.settlement),
            ("GET", "/v1/disputes", "dispute.all", self.disputes),
            ("GET", "/v1/disputes/{id}", "dispute.fetch", self.dispute),
        ]
        return [
            Route(path, self._guarded(operation, page), methods=[method]) for method, path, operation, page in pages
        ]

    def _guarded(self, operation: str, page: Page) -> Callable[[Request], Awaitable[Response]]:
        """Check the key, then let the faults have their say before and after the work itself."""

        async def answer(request: Request) -> Response:
            check_key(request, self._bank.account)
            fault = self._bank.faults.take(operation)
            do = fault["do"] if fault else ""
            seconds = float(fault.get("seconds", _HANG_SECONDS)) if fault else 0.0
            match do:
                case "error_500":
                    return JSONResponse(_server_error(), 500)
                case "error_503":
                    return JSONResponse(_server_error(), 503)
                case "html_502":
                    return HTMLResponse(_HTML, 502)
                case "throttle":
                    raise outside_a_payment("Too many requests. Please try after sometime.", status=429)
                case "hang":
                    await asyncio.sleep(seconds)
                    return await _hang_up(request)
                case "refuse":
                    return await _hang_up(request)
            try:
                found = await page(request)
                if do in ("timeout", "slow"):
                    await asyncio.sleep(seconds)
            finally:
                self._refunds_under_way.discard(getattr(request.state, "refund_key", ""))
            if do in ("timeout", "cut"):
                return await _hang_up(request)
            return found if isinstance(found, Response) else JSONResponse(found)

        return answer

    # Orders

    async def create_order(self, request: Request) -> Answer:
        body = await wire.read_body(request)
        wire.refuse_unknown(body, _ORDER_FIELDS)
        amount, currency = wire.required_number(body, "amount"), wire.currency_of(body)
        check_amount(amount, currency)
        receipt, notes = wire.text(body, "receipt", at_most=40), wire.notes_of(body)
        hidden: JSON = {"capture": _capture_settings(body)}
        if wire.yes_or_no(body, "partial_payment"):
            hidden["partial"] = wire.whole_number(body, "first_payment_min_amount") or 0
        with self._store.transaction():
            order = self._bank.create_order(
                amount=amount, currency=currency, receipt=receipt, notes=notes, hidden=hidden
            )
        return order.doc

    async def orders(self, request: Request) -> Answer:
        page = wire.page_of(request, known=frozenset({"receipt", "authorized"}))
        sent = dict(request.query_params)
        found = self._store.newest(
            "order", page, receipt=sent.get("receipt"), authorized=wire.yes_or_no(sent, "authorized")
        )
        return wire.collection([self._order_doc(order, wire.expansions(request)) for order in found])

    def _order_doc(self, order: Entity, expand: set[str]) -> JSON:
        wanted = {name.partition(".")[2] for name in expand if name.split(".")[0] == "payments"}
        if not wanted:
            return order.doc
        payments = self._store.newest("payment", parent=order.id)
        return order.doc | {"payments": wire.collection([self._payment_doc(payment, wanted) for payment in payments])}

    async def order(self, request: Request) -> Answer:
        return self._order_doc(self._bank.get("order", request.path_params["id"]), wire.expansions(request))

    async def edit_order(self, request: Request) -> Answer:
        return await self._edit_notes("order", request)

    async def _edit_notes(self, kind: str, request: Request) -> JSON:
        body = await wire.read_body(request)
        entity = self._bank.get(kind, request.path_params["id"])
        wire.refuse_unknown(body, frozenset({"notes"}))
        if "notes" not in body:
            raise Refusal("The notes field is required.", field="notes")
        entity.doc["notes"] = empty_as_list(wire.notes_of(body))
        self._store.save(entity)
        return entity.doc

    async def order_payments(self, request: Request) -> Answer:
        order = self._bank.get("order", request.path_params["id"])
        payments = self._store.newest("payment", parent=order.id)
        return wire.collection([self._payment_doc(payment, wire.expansions(request)) for payment in payments])

    # Payments

    def _payment_doc(self, payment: Entity, expand: set[str]) -> JSON:
        doc = payment.doc
        if "card" in expand and "card" in payment.hidden:
            doc = doc | {"card": payment.hidden["card"]}
        if fault := self._bank.faults.take("report", payment_id=payment.id, order_id=payment.parent):
            doc = doc | {"amount": doc["amount"] + int(fault.get("amount_delta", 0))}
            doc = doc | {name: fault[name] for name in ("currency", "status", "order_id_reported") if name in fault}
            if "order_id_reported" in doc:
                doc["order_id"] = doc.pop("order_id_reported")
        return doc

    async def payments(self, request: Request) -> Answer:
        found = self._store.newest("payment", wire.page_of(request))
        return wire.collection([self._payment_doc(payment, wire.expansions(request)) for payment in found])

    async def payment(self, request: Request) -> Answer:
        return self._payment_doc(self._bank.get("payment", request.path_params["id"]), wire.expansions(request))

    async def edit_payment(self, request: Request) -> Answer:
        return await self._edit_notes("payment", request)

    async def capture(self, request: Request) -> Answer:
        body = await wire.read_body(request)
        wire.refuse_unknown(body, frozenset({"amount", "currency"}))
        payment_id = request.path_params["id"]
        with self._store.transaction():
            payment = self._bank.get("payment", payment_id)
            amount = wire.required_number(body, "amount")
            self._bank.capture(payment, amount=amount, currency=wire.currency_of(body, default="INR"))
        return payment.doc

    async def card(self, request: Request) -> Answer:
        payment = self._bank.get("payment", request.path_params["id"])
        if "card" not in payment.hidden:
            raise Refusal("The payment was not made with a card", reason="payment_not_by_card")
        card: JSON = payment.hidden["card"]
        return card

    # Refunds

    async def refund_payment(self, request: Request) -> Answer:
        body = await wire.read_body(request)
        wire.refuse_unknown(body, _REFUND_FIELDS)
        return self._refund(request, request.path_params["id"], body)

    async def create_refund(self, request: Request) -> Answer:
        body = await wire.read_body(request)
        wire.refuse_unknown(body, _REFUND_FIELDS | {"payment_id"})
        if not isinstance(body.get("payment_id"), str):
            raise Refusal("The payment_id field is required.", field="payment_id")
        return self._refund(request, body["payment_id"], body)

    def _refund(self, request: Request, payment_id: str, body: JSON) -> JSON:
        key = request.headers.get("x-refund-idempotency")
        asked = hashlib.sha256(json.dumps([payment_id, body], sort_keys=True).encode()).hexdigest()
        if key is not None:
            if not re.fullmatch(r"[A-Za-z0-9_-]{10,}", key):
                raise Refusal(
                    "The idempotency key must be 10 or more letters, digits, hyphens and underscores",
                    field="X-Refund-Idempotency",
                )
            if key in self._refunds_under_way:
                raise Refusal("A refund with this idempotency key is under way. Try again later.", status=409)
            for row in self._store.rows("SELECT * FROM refund_key WHERE key = ?", key):
                if row["request"] != asked:
                    raise Refusal("The idempotency key was used with a different request", status=409)
                first: JSON = json.loads(row["answer"])
                return first
        with self._store.transaction():
            payment = self._bank.get("payment", payment_id)
            amount = wire.whole_number(body, "amount")
            if amount is not None and amount < 1:
                raise Refusal("The amount must be at least INR 1.00", field="amount")
            refund = self._bank.refund(
                payment,
                amount=amount,
                speed=wire.one_of(body, "speed", ("normal", "optimum"), default="normal"),
                receipt=wire.text(body, "receipt", at_most=40),
                notes=wire.notes_of(body),
            )
            if key is not None:
                self._store.run(
                    "INSERT INTO refund_key (key, request, refund_id, answer) VALUES (?,?,?,?)",
                    key,
                    asked,
                    refund.id,
                    json.dumps(refund.doc),
                )
        if key is not None:
            self._refunds_under_way.add(key)
            request.state.refund_key = key
        return refund.doc

    async def payment_refunds(self, request: Request) -> Answer:
        payment = self._bank.get("payment", request.path_params["id"])
        return wire.docs(self._store.newest("refund", wire.page_of(request), parent=payment.id))

    async def payment_refund(self, request: Request) -> Answer:
        refund = self._bank.get("refund", request.path_params["refund_id"])
        if refund.parent != request.path_params["id"]:
            raise Refusal("The id provided does not exist")
        return refund.doc

    async def refunds(self, request: Request) -> Answer:
        return wire.docs(self._store.newest("refund", wire.page_of(request)))

    async def refund(self, request: Request) -> Answer:
        return self._bank.get("refund", request.path_params["id"]).doc

    async def edit_refund(self, request: Request) -> Answer:
        return await self._edit_notes("refund", request)

    # Settlements and disputes

    async def settlements(self, request: Request) -> Answer:
        return wire.docs(self._store.newest("settlement", wire.page_of(request)))

    async def settlement(self, request: Request) -> Answer:
        return self._bank.get("settlement", request.path_params["id"]).doc

    async def recon(self, request: Request) -> Answer:
        """What was settled on a day (or in a month) of India: payments, refunds and lost disputes, newest first."""
        page = wire.page_of(request, known=frozenset({"year", "month", "day"}), most=1000)
        sent: JSON = dict(request.query_params)
        year, month = wire.required_number(sent, "year"), wire.required_number(sent, "month")
        day = wire.whole_number(sent, "day")
        try:
            datetime.date(year, month, day or 1)
        except ValueError as error:
            raise Refusal("The day is not a date", field="day") from error
        rows = []
        for entity in [entity for kind in ("payment", "refund", "dispute") for entity in self._store.newest(kind)]:
            if "settled_at" in entity.hidden:
                on = datetime.datetime.fromtimestamp(entity.hidden["settled_at"], INDIA)
                if (on.year, on.month) == (year, month) and day in (None, on.day):
                    rows.append(self._recon_row(entity))
        rows.sort(key=lambda row: -int(row["created_at"]))
        return wire.collection(rows[page.skip : page.skip + page.count])

    def _recon_row(self, entity: Entity) -> JSON:
        paid = entity.kind == "payment"
        payment = entity if paid else self._bank.get("payment", entity.parent)
        doc, order = entity.doc, self._bank.get("order", payment.parent)
        card = payment.hidden.get("card") or {}
        fee, tax = (doc["fee"], doc["tax"]) if paid else (0, 0)
        lost = entity.kind == "dispute"
        return {
            "entity_id": entity.id,
            "type": "adjustment" if lost else entity.kind,
            "debit": 0 if paid else doc["amount_deducted"] if lost else doc["amount"],
            "credit": doc["amount"] - fee if paid else 0,
            "amount": doc["amount"],
            "currency": doc["currency"],
            "fee": fee,
            "tax": tax,
            "on_hold": False,
            "settled": True,
            "created_at": doc["created_at"],
            "settled_at": entity.hidden["settled_at"],
            "settlement_id": entity.hidden["settlement_id"],
            "posted_at": None,
            "credit_type": "default",
            "description": payment.doc["description"],
            "notes": json.dumps(doc.get("notes", [])),
            "payment_id": None if paid else payment.id,
            "settlement_utr": entity.hidden["utr"],
            "order_id": order.id,
            "order_receipt": order.doc["receipt"],
            "method": payment.doc["method"],
            "card_network": card.get("network"),
            "card_issuer": card.get("issuer"),
            "card_type": card.get("type"),
            "dispute_id": entity.id if lost else None,
        }

    async def disputes(self, request: Request) -> Answer:
        return wire.docs(self._store.newest("dispute", wire.page_of(request)))

    async def dispute(self, request: Request) -> Answer:
        return self._bank.get("dispute", request.path_params["id"]).doc


def _server_error() -> dict[str, Any]:
    description = "We are facing some trouble completing your request at the moment. Please try again shortly."
    return outside_a_payment(description, code="SERVER_ERROR").body


def _capture_settings(body: JSON) -> JSON:
    """When authorised money is captured by itself: `payment.capture`, or the older `payment_capture`."""
    older = wire.yes_or_no(body, "payment_capture")
    settings: JSON = {"automatic": older is not False}
    payment = body.get("payment")
    if payment is None:
        return settings
    if not isinstance(payment, dict):
        raise Refusal("The payment must be an array.", field="payment")
    wire.refuse_unknown(payment, frozenset({"capture", "capture_options"}))
    settings["automatic"] = wire.one_of(payment, "capture", ("automatic", "manual"), default="automatic") == "automatic"
    options = payment.get("capture_options") or {}
    if not isinstance(options, dict):
        raise Refusal("The capture_options must be an array.", field="payment.capture_options")
    automatic = wire.whole_number(options, "automatic_expiry_period")
    manual = wire.whole_number(options, "manual_expiry_period")
    wire.one_of(options, "refund_speed", ("normal", "optimum"), default="normal")
    if automatic is not None and automatic < 12:
        raise Refusal("The automatic_expiry_period must be at least 12.", field="payment.capture_options")
    if manual is not None and (manual > 7200 or manual < (automatic or 0)):
        raise Refusal(
            "The manual_expiry_period must be between the automatic_expiry_period and 7200.",
            field="payment.capture_options",
        )
    if automatic is not None:
        settings["automatic_minutes"] = automatic
        settings["manual_minutes"] = max(automatic, manual or 0)
    if manual is not None:
        settings["manual_minutes"] = manual
    return settings
