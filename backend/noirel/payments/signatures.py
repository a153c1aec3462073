"""Razorpay's two signatures. Pure.

HMAC-SHA256, lower-case hex. The message of a checkout is made with *our* stored gateway order id, never the browser's; that
of a webhook is the raw body, byte for byte. (Razorpay: web-integration/standard/integration-steps, webhooks/validate-test.)
"""

import hashlib
import hmac


def checkout_signature(gateway_order_id: str, gateway_payment_id: str, *, key_secret: str) -> str:
    """What Razorpay signs a successful payment with."""
    return _sign(f"{gateway_order_id}|{gateway_payment_id}".encode(), key_secret)


def webhook_signature(body: bytes, *, webhook_secret: str) -> str:
    """What Razorpay sends as X-Razorpay-Signature."""
    return _sign(body, webhook_secret)


def fingerprint(*secrets: str) -> str:
    """A name for secrets that does not tell them."""
    return _sign(b"fingerprint", "\0".join(secrets))


def constant_time_equal(expected: str, given: str) -> bool:
    """Compare in constant time; anything that is not an answer at all (empty, non-ASCII, huge) is simply not the same."""
    return len(given) == len(expected) and given.isascii() and hmac.compare_digest(expected, given)


def _sign(message: bytes, secret: str) -> str:
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
