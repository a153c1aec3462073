"""Razorpay's signatures: HMAC-SHA256, lower-case hex. Pure.

A checkout is signed over the gateway order id that *we* stored, never the one the browser sent; a webhook over the raw body,
byte for byte. (Razorpay: web-integration/standard/integration-steps, webhooks/validate-test.)
"""

import hashlib
import hmac


def checkout_signature(gateway_order_id: str, gateway_payment_id: str, *, key_secret: str) -> str:
    """Return Razorpay's signature of a successful payment."""
    return _sign(f"{gateway_order_id}|{gateway_payment_id}".encode(), key_secret)


def webhook_signature(body: bytes, *, webhook_secret: str) -> str:
    """Return the value Razorpay sends as X-Razorpay-Signature for this body."""
    return _sign(body, webhook_secret)


def fingerprint(*secrets: str) -> str:
    """Return a fingerprint that identifies secrets without disclosing them."""
    return _sign(b"fingerprint", "\0".join(secrets))


def constant_time_equal(expected: str, given: str) -> bool:
    """Compare two signatures in constant time. Anything that is not a signature (empty, non-ASCII, oversized) is not equal."""
    return len(given) == len(expected) and given.isascii() and hmac.compare_digest(expected, given)


def _sign(message: bytes, secret: str) -> str:
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
