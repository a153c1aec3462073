"""Authentication of webhooks: signature and account, and storage of those that fail."""

import hashlib
import logging
from datetime import timedelta

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from noirel.core.http.json import loads
from noirel.payments.models import GatewayAccount, RetiredSecret, UnverifiedEvent
from noirel.payments.signatures import constant_time_equal, fingerprint, webhook_signature

log = logging.getLogger(__name__)

# The gateway retries an event for 24 hours with its first signature (razorpay.md, 5).
SECRET_OVERLAP = timedelta(hours=24)
# Anybody can post to the webhook URL, so storage of unverified events is limited.
MAX_UNVERIFIED_BYTES, MAX_UNVERIFIED = 64 * 1024, 1_000
UNVERIFIED_RETENTION = timedelta(days=15)


def is_signed(body: bytes, signature: str) -> bool:
    """Whether the body is signed with our webhook secret or, for a day after a change, with the previous one."""
    if settings.RAZORPAY_WEBHOOK_SECRET and _is_signed_with(body, signature, settings.RAZORPAY_WEBHOOK_SECRET):
        return True
    previous = settings.RAZORPAY_WEBHOOK_SECRET_PREVIOUS
    return bool(previous) and _is_signed_with(body, signature, previous) and is_previous_secret_valid(previous)


def is_previous_secret_valid(secret: str) -> bool:
    """Whether a previous secret is still accepted: for a day after the first call of this function with it.

    A scheduled job makes that call, so that the day starts when the setting is changed.
    """
    row, _ = RetiredSecret.objects.get_or_create(fingerprint=fingerprint(secret))
    return timezone.now() - row.since < SECRET_OVERLAP


def secrets_fingerprint() -> str:
    """Return a fingerprint of the accepted webhook secrets."""
    return fingerprint(settings.RAZORPAY_WEBHOOK_SECRET, settings.RAZORPAY_WEBHOOK_SECRET_PREVIOUS)


def is_own_account(account_id: str) -> str:
    """Return the account whose events are accepted: that of the setting, or of the first correctly signed event.

    Call with the account of a correctly signed event; the first one is stored.
    """
    if settings.RAZORPAY_ACCOUNT_ID:
        return str(settings.RAZORPAY_ACCOUNT_ID)
    pinned, created = GatewayAccount.objects.get_or_create(pk=1, defaults={"account_id": account_id})
    if created:
        log.info("webhooks are accepted from gateway account %s only from now on", account_id)
    return pinned.account_id


def store_unverified(body: bytes, *, signature: str, event_id: str) -> None:
    """Count a webhook with a wrong signature, and store it if it could be genuine.

    A wrong secret in our settings looks the same as a forgery. Nothing in the body is trusted.
    """
    log.warning("webhook with an invalid signature: %s bytes, event id %.40r", len(body), event_id)
    if len(signature) != len(webhook_signature(b"", webhook_secret="")) or not signature.isascii() or not _is_event(body):
        return
    hash_ = hashlib.sha256(body).hexdigest()
    existing = UnverifiedEvent.objects.filter(content_hash=hash_)
    if existing.update(times=F("times") + 1, last_at=timezone.now(), signature=signature, checked_with=secrets_fingerprint()):
        return
    if UnverifiedEvent.objects.count() >= MAX_UNVERIFIED:
        return
    row = UnverifiedEvent(
        content_hash=hash_, event_id=event_id[:80], signature=signature, body=body, checked_with=secrets_fingerprint()
    )
    UnverifiedEvent.objects.bulk_create([row], ignore_conflicts=True)


def delete_expired_unverified() -> None:
    """Delete unverified events that are too old for the gateway to send again."""
    UnverifiedEvent.objects.filter(last_at__lt=timezone.now() - UNVERIFIED_RETENTION).delete()


def _is_signed_with(body: bytes, signature: str, secret: str) -> bool:
    return constant_time_equal(webhook_signature(body, webhook_secret=secret), signature)


def _is_event(body: bytes) -> bool:
    if len(body) > MAX_UNVERIFIED_BYTES:
        return False
    try:
        account_id = loads(body)
    except ValueError:
        return False
    return isinstance(account_id, dict) and account_id.get("entity") == "event" and isinstance(account_id.get("payload"), dict)
