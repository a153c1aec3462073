"""A payment service for the bench: three calls of the real protocol over a real socket, and as little work as can be.

Not part of the shop, and no test runs against it: `python -m gateway` is the honest one (pages, webhooks, faults, a
database), and what that costs would be measured here as ours.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import os
import secrets
import time
from typing import Any

from ops.bench.http import Answering

FEE_BPS, TAX_BPS = 200, 1800


class Bank:
    """Orders and payments, for as long as the process lives."""

    def __init__(self, *, key_id: str, key_secret: str) -> None:
        self._account = b"Basic " + base64.b64encode(f"{key_id}:{key_secret}".encode())
        self._secret = key_secret.encode()
        self._orders: dict[str, dict[str, Any]] = {}
        self._payments: dict[str, dict[str, Any]] = {}

    def answer(self, method: str, path: str, headers: dict[bytes, bytes], body: bytes) -> tuple[int, bytes]:
        if path.startswith("/pay/"):
            return 200, json.dumps(self._pay(path.removeprefix("/pay/"))).encode()
        if headers.get(b"authorization") != self._account:
            return 401, _refusal("The api key provided is invalid")
        if (method, path) == ("POST", "/v1/orders"):
            return 200, json.dumps(self._make_order(json.loads(body))).encode()
        if method == "GET" and (payment := self._payments.get(path.removeprefix("/v1/payments/"))):
            return 200, json.dumps(payment).encode()
        return 400, _refusal("The id provided does not exist")

    def _make_order(self, asked: dict[str, Any]) -> dict[str, Any]:
        made = {
            "id": f"order_{secrets.token_hex(7)}", "entity": "order", "amount": asked["amount"], "amount_paid": 0,
            "amount_due": asked["amount"], "currency": asked["currency"], "receipt": asked["receipt"],
            "offer_id": None, "status": "created", "attempts": 0, "notes": asked["notes"],
            "created_at": int(time.time()),
        }  # fmt: skip
        self._orders[made["id"]] = made
        return made

    def _pay(self, order_id: str) -> dict[str, str]:
        """What the payment window hands to the page when somebody has paid."""
        order = self._orders[order_id]
        fee = order["amount"] * FEE_BPS // 10_000
        tax = fee * TAX_BPS // 10_000
        payment_id = f"pay_{secrets.token_hex(7)}"
        self._payments[payment_id] = {
            "id": payment_id, "entity": "payment", "amount": order["amount"], "currency": order["currency"],
            "status": "captured", "order_id": order_id, "invoice_id": None, "international": False, "method": "upi",
            "amount_refunded": 0, "refund_status": None, "captured": True, "description": "", "card_id": None,
            "bank": None, "wallet": None, "vpa": "success@razorpay", "email": "ira@example.com",
            "contact": "+919820012345", "notes": order["notes"], "fee": fee + tax, "tax": tax, "error_code": None,
            "error_description": None, "error_source": None, "error_step": None, "error_reason": None,
            "created_at": int(time.time()),
        }  # fmt: skip
        signature = hmac.new(self._secret, f"{order_id}|{payment_id}".encode(), hashlib.sha256).hexdigest()
        return {
            "razorpay_order_id": order_id,
            "razorpay_payment_id": payment_id,
            "razorpay_signature": signature,
        }


def _refusal(description: str) -> bytes:
    return json.dumps({"error": {"code": "BAD_REQUEST_ERROR", "description": description}}).encode()


async def main() -> None:
    bank = Bank(key_id=os.environ["GATEWAY_KEY_ID"], key_secret=os.environ["GATEWAY_KEY_SECRET"])
    server = await asyncio.get_running_loop().create_server(
        lambda: Answering(bank.answer), "127.0.0.1", int(os.environ["GATEWAY_PORT"]), backlog=256
    )
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
