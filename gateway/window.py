"""Checkout: the script, the payment window it opens, and the window's own small API.

The window's API always answers 200, with `error` inside when something is refused: a browser writes every
other status on the page's console.
"""

import html
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from gateway import wire
from gateway.bank import Bank
from gateway.currencies import exponent
from gateway.errors import JSON, Refusal
from gateway.instruments import (
    BANKS,
    FAILING_CARDS,
    FAILURES,
    UPI_FAILED,
    UPI_FAILURE,
    UPI_SUCCESS,
    WALLETS,
    is_card_number,
)
from gateway.store import Entity

_ASSETS = Path(__file__).parent / "assets"
_TYPES = {"css": "text/css", "js": "text/javascript"}
# A UPI app takes a moment; so does its stand-in.
_UPI_ANSWERS_AFTER_SECONDS = 1.5
# The window's page: its own scripts and styles, nothing else; any page may frame it and be posted to.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' http: https: data:"
)

Page = Callable[[Request], Awaitable[JSON]]


class Window:
    def __init__(self, bank: Bank) -> None:
        self._bank, self._store = bank, bank.store

    def routes(self) -> list[Route]:
        return [
            Route("/v1/checkout.js", self.script, methods=["GET"]),
            Route("/v1/checkout/public", self.frame, methods=["GET"]),
            Route("/v1/checkout/embedded", self.hosted, methods=["POST"]),
            Route("/v1/checkout/assets/{name}", self.asset, methods=["GET"]),
            Route("/v1/checkout/session", self._calm(self.session), methods=["POST"]),
            Route("/v1/checkout/payments", self._calm(self.pay), methods=["POST"]),
            Route("/v1/checkout/payments/{id}/answer", self._calm(self.answer), methods=["POST"]),
            Route("/v1/checkout/payments/{id}/cancel", self._calm(self.cancel), methods=["POST"]),
            Route("/v1/checkout/payments/{id}/status", self._calm(self.status), methods=["POST"]),
        ]

    @staticmethod
    def _calm(page: Page) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            try:
                return JSONResponse(await page(request), headers={"Cache-Control": "no-store"})
            except Refusal as refusal:
                return JSONResponse(refusal.body, headers={"Cache-Control": "no-store"})

        return answer

    # Pages and files

    async def script(self, request: Request) -> Response:
        headers = {
            "Access-Control-Allow-Origin": "*",
            "Cross-Origin-Resource-Policy": "cross-origin",
            "Cache-Control": "no-cache",
            "X-Content-Type-Options": "nosniff",
        }
        return Response((_ASSETS / "checkout.js").read_bytes(), media_type="text/javascript", headers=headers)

    async def asset(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in ("window.css", "window.js"):
            raise Refusal("The requested URL was not found on the server.")
        headers = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
        return Response((_ASSETS / name).read_bytes(), media_type=_TYPES[name.rpartition(".")[2]], headers=headers)

    async def frame(self, request: Request) -> Response:
        return self._page({})

    async def hosted(self, request: Request) -> Response:
        """The hosted variant: a form brings the options, the result is POSTed to its callback_url."""
        sent = await wire.read_body(request)
        if not isinstance(sent.get("callback_url"), str):
            raise Refusal("The callback_url field is required.", field="callback_url")
        options = sent | {"key": sent.get("key_id") or sent.get("key"), "redirect": True, "hosted": True}
        return self._page(options)

    @staticmethod
    def _page(options: JSON) -> Response:
        page = (_ASSETS / "window.html").read_text().replace("{{options}}", html.escape(json.dumps(options)))
        headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
        return HTMLResponse(page, headers=headers)

    # The window's API

    def _order(self, body: JSON) -> Entity:
        if body.get("key") != self._bank.account.key_id:
            raise Refusal("The api key provided is invalid", source="NA", step="NA", reason="NA")
        order_id = body.get("order_id")
        if not isinstance(order_id, str):
            raise Refusal("The order_id field is required.", field="order_id")
        return self._bank.get("order", order_id)

    async def session(self, request: Request) -> JSON:
        """What the window shows: the order's own amount, whatever the page said."""
        order = self._order(await wire.read_body(request))
        return {
            "amount": order.doc["amount_due"] or order.doc["amount"],
            "currency": order.doc["currency"],
            "exponent": exponent(order.doc["currency"]),
            "paid": order.doc["status"] == "paid",
            "banks": BANKS,
            "wallets": WALLETS,
        }

    async def pay(self, request: Request) -> JSON:
        """Begin a payment; answers its id and what comes next: the bank's page, or waiting for the UPI app."""
        body = await wire.read_body(request)
        order = self._order(body)
        method = wire.one_of(body, "method", ("card", "upi", "netbanking", "wallet"), default="card")
        number = "".join(character for character in str(body.get("number", "")) if character.isdigit())
        vpa = str(body.get("vpa", "")).strip().lower()
        bank, wallet = body.get("bank"), body.get("wallet")
        if method == "card" and not is_card_number(number):
            raise Refusal("Check the card number.", field="number", source="customer")
        if method == "upi" and ("@" not in vpa[1:-1] or len(vpa) > 100 or " " in vpa):
            raise Refusal("Enter a UPI ID like name@bank.", field="vpa", source="customer")
        if method == "netbanking" and bank not in BANKS:
            raise Refusal("Choose a bank.", field="bank", source="customer")
        if method == "wallet" and wallet not in WALLETS:
            raise Refusal("Choose a wallet.", field="wallet", source="customer")
        with self._store.transaction():
            payment = self._bank.begin_payment(
                order,
                method,
                card_number=number,
                card_name=wire.text(body, "name", at_most=100) or "",
                vpa=vpa,
                bank=bank if method == "netbanking" else None,
                wallet=wallet if method == "wallet" else None,
                email=wire.text(body, "email", at_most=255),
                contact=wire.text(body, "contact", at_most=20),
                description=wire.text(body, "description", at_most=255),
                notes=wire.notes_of(body),
            )
            if method == "upi":
                answer = {UPI_SUCCESS: "success", UPI_FAILURE: "failure"}.get(vpa, "invalid_vpa")
                self._bank.later(_UPI_ANSWERS_AFTER_SECONDS, "upi_answer", payment.id, answer)
        return {"payment_id": payment.id, "next": "wait" if method == "upi" else "bank"}

    def _payment(self, body: JSON, request: Request) -> Entity:
        order = self._order(body)
        payment = self._bank.get("payment", request.path_params["id"])
        if payment.parent != order.id:
            raise Refusal("The id provided does not exist")
        return payment

    def _how_it_went(self, payment: Entity) -> JSON:
        if payment.doc["status"] == "created":
            return {"status": "waiting"}
        if payment.doc["status"] == "failed":
            return {"status": "failed", "failure": self._bank.failure_of(payment)}
        return {"status": "success", "response": self._bank.receipt_for_browser(payment)}

    async def status(self, request: Request) -> JSON:
        body = await wire.read_body(request)
        return self._how_it_went(self._payment(body, request))

    async def answer(self, request: Request) -> JSON:
        """What was chosen on the bank's page: success, failure, or an OTP (4 to 10 digits are right)."""
        body = await wire.read_body(request)
        outcome = wire.one_of(body, "outcome", ("success", "failure", "otp"), default="otp")
        otp = str(body.get("otp", ""))
        with self._store.transaction():
            payment = self._payment(body, request)
            if payment.doc["status"] == "created":
                if outcome == "failure":
                    reason = FAILING_CARDS.get(payment.hidden.get("number", ""), "payment_failed")
                    self._bank.fail(payment, FAILURES[reason])
                elif outcome == "otp" and not (otp.isascii() and otp.isdigit() and 4 <= len(otp) <= 10):
                    self._bank.fail(payment, FAILURES["incorrect_otp"])
                else:
                    self._bank.authorize(payment)
        return self._how_it_went(payment)

    async def cancel(self, request: Request) -> JSON:
        """The shopper turns back. As in Razorpay's test mode, a cancelled UPI payment succeeds all the same."""
        body = await wire.read_body(request)
        with self._store.transaction():
            payment = self._payment(body, request)
            if payment.doc["status"] == "created":
                if payment.doc["method"] != "upi":
                    self._bank.fail(payment, FAILURES["payment_cancelled"])
                elif payment.doc["vpa"] == UPI_FAILURE:
                    self._bank.fail(payment, UPI_FAILED)
                else:
                    self._bank.authorize(payment)
        return self._how_it_went(payment)
