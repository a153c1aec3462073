"""Whom to believe: the signature, the account, and what is kept of those we don't."""

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

# The gateway tries an event again for 24 hours, and signs it each time as it was signed first (razorpay.md, 5).
SECRET_OVERLAP = timedelta(hours=24)
# Anybody can post us anything: what is kept of it has its limits.
MAX_UNVERIFIED_BYTES, MAX_UNVERIFIED = 64 * 1024, 1_000
UNVERIFIED_RETENTION = timedelta(days=15)


def is_signed(body: bytes, signature: str) -> bool:
    """Whether the body is signed with our webhook secret; for a day after a change, also with the one before."""
    if settings.RAZORPAY_WEBHOOK_SECRET and _is_signed_with(body, signature, settings.RAZORPAY_WEBHOOK_SECRET):
        return True
    previous = settings.RAZORPAY_WEBHOOK_SECRET_PREVIOUS
    return bool(previous) and _is_signed_with(body, signature, previous) and is_previous_secret_valid(previous)


def is_previous_secret_valid(secret: str) -> bool:
    """Whether a previous secret still counts. Its day begins when we first hear that it is one; the worker sees to that."""
    row, _ = RetiredSecret.objects.get_or_create(fingerprint=fingerprint(secret))
    return timezone.now() - row.since < SECRET_OVERLAP


def secrets_fingerprint() -> str:
    """A name for the secrets that are believed now."""
    return fingerprint(settings.RAZORPAY_WEBHOOK_SECRET, settings.RAZORPAY_WEBHOOK_SECRET_PREVIOUS)


def is_own_account(told: str) -> str:
    """The account whose events we believe: the setting's, or the first rightly signed event's, which pins it. Call with an
    event that is rightly signed and names its account.
    """
    if settings.RAZORPAY_ACCOUNT_ID:
        return str(settings.RAZORPAY_ACCOUNT_ID)
    pinned, made = GatewayAccount.objects.get_or_create(pk=1, defaults={"account_id": told})
    if made:
        log.info("the gateway's account is %s from now on", told)
    return pinned.account_id


def store_unverified(body: bytes, *, signature: str, event_id: str) -> None:
    """Count a webhook whose signature does not fit, and keep it as it came if it could be the gateway's after all.

    A wrong secret in our settings looks the same as a forgery. Nothing in it is believed.
    """
    log.warning("a webhook's signature does not fit: %s bytes, event id %.40r", len(body), event_id)
    if len(signature) != len(webhook_signature(b"", webhook_secret="")) or not signature.isascii() or not _is_event(body):
        return
    hash_ = hashlib.sha256(body).hexdigest()
    known = UnverifiedEvent.objects.filter(content_hash=hash_)
    if known.update(times=F("times") + 1, last_at=timezone.now(), signature=signature, checked_with=secrets_fingerprint()):
        return
    if UnverifiedEvent.objects.count() >= MAX_UNVERIFIED:
        return
    row = UnverifiedEvent(
        content_hash=hash_, event_id=event_id[:80], signature=signature, body=body, checked_with=secrets_fingerprint()
    )
    UnverifiedEvent.objects.bulk_create([row], ignore_conflicts=True)


def delete_expired_unverified() -> None:
    """After two weeks the gateway itself can't send it again."""
    UnverifiedEvent.objects.filter(last_at__lt=timezone.now() - UNVERIFIED_RETENTION).delete()


def _is_signed_with(body: bytes, signature: str, secret: str) -> bool:
    return constant_time_equal(webhook_signature(body, webhook_secret=secret), signature)


def _is_event(body: bytes) -> bool:
    if len(body) > MAX_UNVERIFIED_BYTES:
        return False
    try:
        told = loads(body)
    except ValueError:
        return False
    return isinstance(told, dict) and told.get("entity") == "event" and isinstance(told.get("payload"), dict)
