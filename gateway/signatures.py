"""HMAC-SHA256 in lower-case hex: what Checkout and the webhooks are signed with."""

import hashlib
import hmac


def sign(message: bytes, secret: str) -> str:
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def checkout_signature(order_id: str, payment_id: str, key_secret: str) -> str:
    """What the browser brings home after a successful payment."""
    return sign(f"{order_id}|{payment_id}".encode(), key_secret)
