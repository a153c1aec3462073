"""Webhooks: verify, store as received, apply at once, and retry until applied."""

import hashlib
import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, TextChoices
from django.utils import timezone

from noirel.core import audit_log
from noirel.core.domain.errors import Conflict, ShopError
from noirel.core.http.json import loads
from noirel.core.http.throttling import limit
from noirel.core.viewer import Viewer
from noirel.payments.errors import SignatureInvalid
from noirel.payments.lifecycle import PaymentUpdate, State, is_different_mode
from noirel.payments.models import GatewayEvent, Payment, UnmatchedPayment, UnverifiedEvent
from noirel.payments.razorpay import dispute_update_from, payment_update_from, refund_update_from
from noirel.payments.services.apply_dispute_update import apply_dispute_update
from noirel.payments.services.apply_refund_update import apply_refund_update
from noirel.payments.services.apply_update import apply_payment_update
from noirel.payments.services.webhook_auth import is_own_account, is_signed, secrets_fingerprint, store_unverified

log = logging.getLogger(__name__)

PAYMENT_EVENTS = {"payment.authorized", "payment.captured", "payment.failed", "order.paid"}
REFUND_EVENTS = {"refund.created", "refund.processed", "refund.failed", "refund.speed_changed"}
DISPUTE_EVENTS = {f"payment.dispute.{what}" for what in ("created", "under_review", "action_required", "won", "lost", "closed")}
MAX_TRIES = 12
BATCH = 100


class Obstacle(TextChoices):
    """Why applying a stored event now would have no effect."""

    OTHER_ACCOUNT = "other_account", "It belongs to another account at the gateway."
    OTHER_MODE = "other_mode", "It was made with keys that are not in use now."
    UNREADABLE = "unreadable", "Its content can't be read."
    UNKNOWN = "unknown", "No order here asked for the payment it names."


class NotApplicable(Conflict):
    """Applying this webhook would have no effect."""

    code, title = "not_applicable", "The webhook can't be applied"
    default_detail = "Applying this webhook would change nothing."


class NoMatchingOrder(Exception):
    """The event names a gateway order that is not stored here, or not yet."""


def receive_webhook(body: bytes, *, signature: str, event_id: str, sender: str = "") -> None:
    """Store a webhook and apply it. Returns once it is safely stored, whether or not applying it succeeds.

    Raises SignatureInvalid if the body is not signed by the gateway; it is then stored as unverified and nothing in it is
    trusted. Raises Throttled for a `sender` address with many of those; correctly signed webhooks are never counted.
    """
    event_id = event_id.replace("\x00", "")
    if not is_signed(body, signature):
        if sender:
            limit("webhook", sender)
        store_unverified(body, signature=signature, event_id=event_id)
        raise SignatureInvalid("The signature does not match the body.")
    event = _store(body, event_id=event_id)
    if event.applied_at is None:
        apply_event(event)


def replay_unverified() -> None:
    """Receive stored unverified webhooks whose signature matches the current secrets."""
    secrets = secrets_fingerprint()
    for row in UnverifiedEvent.objects.exclude(checked_with=secrets).order_by("id")[:BATCH]:
        if is_signed(bytes(row.body), row.signature):
            receive_webhook(bytes(row.body), signature=row.signature, event_id=row.event_id)
            row.delete()
        else:
            UnverifiedEvent.objects.filter(pk=row.pk).update(checked_with=secrets)


def replay_event(event: GatewayEvent, *, actor: Viewer) -> GatewayEvent:
    """Apply a stored event again on behalf of staff, whatever its state, and return the current row.

    Replaying is safe, because every update takes effect once. If this process dies in between, the worker continues. Raises
    NotApplicable for an event of another account or of keys that are not in use.
    """
    obstacle = obstacle_to(event)
    if obstacle in {Obstacle.OTHER_ACCOUNT, Obstacle.OTHER_MODE}:
        raise NotApplicable(obstacle.label)
    with transaction.atomic():
        row = GatewayEvent.objects.select_for_update().get(pk=event.pk)
        before = {"applied": row.applied_at is not None, "tries": row.tries, "problem": row.problem}
        row.applied_at, row.tries, row.problem, row.retry_at = None, 0, "", timezone.now()
        row.save(update_fields=["applied_at", "tries", "problem", "retry_at"])
        audit_log.record(actor=actor, action="webhooks.replay", target=f"webhook:{row.event_id}", before=before)
    apply_event(row)
    return GatewayEvent.objects.get(pk=event.pk)


def apply_event(event: GatewayEvent) -> bool:
    """Apply a stored event and mark it as applied, in one transaction. Returns whether it was applied; never raises.

    A failure is retried with growing delays and finally left to staff. Events of another account, or of keys that are not in
    use, are marked and ignored. Locks the event.
    """
    try:
        with transaction.atomic():
            locked = GatewayEvent.objects.select_for_update().get(pk=event.pk)
            if locked.applied_at is not None:
                return True
            content = locked.content()
            if reason := _ignore_reason(locked, content):
                GatewayEvent.objects.filter(pk=event.pk).update(mark=reason, retry_at=None)
                log.warning("webhook %s (%s) is ignored: %s", event.event_id, event.name, reason.label)
                return False
            _apply(content)
            GatewayEvent.objects.filter(pk=event.pk).update(applied_at=timezone.now(), retry_at=None, problem="", mark="")
            return True
    except NoMatchingOrder as error:
        _schedule_retry(event, str(error))
    except Exception as error:
        log.exception("webhook %s could not be applied", event.event_id)
        _schedule_retry(event, f"{type(error).__name__}: {error}")
    return False


def obstacle_to(event: GatewayEvent) -> Obstacle | None:
    """Return what prevents a stored event from being applied now, as far as known beforehand. Reads only."""
    try:
        content = event.content()
        if reason := _ignore_reason(event, content):
            return Obstacle(reason)
        if content.get("event") in REFUND_EVENTS:
            refund = refund_update_from(content["payload"]["refund"]["entity"])
            embedded = content["payload"].get("payment")
            payment = payment_update_from(embedded["entity"]) if embedded else None
            is_known = _is_captured(refund.payment_id) or (payment is not None and (payment.is_released or _is_known(payment)))
        elif content.get("event") in DISPUTE_EVENTS:
            is_known = _is_captured(dispute_update_from(content["payload"]["dispute"]["entity"], at=0).payment_id)
        elif content.get("event") in PAYMENT_EVENTS:
            is_known = _is_known(payment_update_from(content["payload"]["payment"]["entity"]))
        else:
            is_known = True
    except (ValueError, KeyError, TypeError, AttributeError, ShopError):
        return Obstacle.UNREADABLE
    return None if is_known else Obstacle.UNKNOWN


def _is_known(update: PaymentUpdate) -> bool:
    return Payment.objects.filter(gateway_order_id=update.order_id).exists()


def _is_captured(payment_id: str) -> bool:
    return (
        Payment.objects.filter(gateway_payment_id=payment_id, status=State.CAPTURED).exists()
        or UnmatchedPayment.objects.filter(gateway_payment_id=payment_id, is_captured=True).exists()
    )


def give_up(event: GatewayEvent) -> None:
    """Leave an event that could not be applied to staff, without further retries."""
    GatewayEvent.objects.filter(pk=event.pk, applied_at__isnull=True).update(retry_at=None, tries=MAX_TRIES)


def close_unapplied(event: GatewayEvent, *, why: str) -> bool:
    """Close an event without applying it, with the reason. Returns False if it was already closed or applied."""
    rows = GatewayEvent.objects.filter(pk=event.pk, applied_at__isnull=True)
    return bool(rows.update(applied_at=timezone.now(), retry_at=None, problem=why[:2000]))


def _ignore_reason(event: GatewayEvent, content: Mapping[str, Any]) -> GatewayEvent.IgnoreReason | None:
    """Return why this event does not concern this shop, or None."""
    if event.account_id and event.account_id != is_own_account(event.account_id):
        return GatewayEvent.IgnoreReason.OTHER_ACCOUNT
    entities = [part.get("entity") or {} for part in (content.get("payload") or {}).values()]
    attempts = Payment.objects.filter(
        Q(gateway_order_id__in={str(entity["order_id"]) for entity in entities if entity.get("order_id")})
        | Q(gateway_payment_id__in={str(entity["payment_id"]) for entity in entities if entity.get("payment_id")})
    )
    if any(is_different_mode(key_id, settings.RAZORPAY_KEY_ID) for key_id in attempts.values_list("key_id", flat=True)):
        return GatewayEvent.IgnoreReason.OTHER_MODE
    return None


def _store(body: bytes, *, event_id: str) -> GatewayEvent:
    """Store an event and return its row: a new one, or the existing one with the same content."""
    content_hash = hashlib.sha256(body).hexdigest()
    name, account = _envelope(body)
    row = GatewayEvent(
        event_id=event_id[:80] or f"sha256:{content_hash}"[:80],
        content_hash=content_hash,
        name=name,
        account_id=account,
        body=body,
        # If this process dies before it has applied the event, the worker retries it.
        retry_at=timezone.now() + timedelta(seconds=30),
    )
    GatewayEvent.objects.bulk_create([row], ignore_conflicts=True)
    stored = GatewayEvent.objects.filter(content_hash=content_hash).first()
    # Same id with other content is a fault of the gateway. The content is signed, so it is stored under an id of its own.
    if stored is None:
        row.event_id = f"sha256:{content_hash}"[:80]
        GatewayEvent.objects.bulk_create([row], ignore_conflicts=True)
        stored = GatewayEvent.objects.get(content_hash=content_hash)
    return stored


def _envelope(body: bytes) -> tuple[str, str]:
    try:
        content = loads(body)
        return str(content.get("event", ""))[:80], str(content.get("account_id", ""))[:40]
    except (ValueError, AttributeError):
        return "", ""


def _apply(content: dict[str, Any]) -> None:
    if content.get("event") in REFUND_EVENTS:
        refund = refund_update_from(content["payload"]["refund"]["entity"])
        # The event embeds the payment, which may be the first report of its capture or release.
        payment = payment_update_from(content["payload"]["payment"]["entity"]) if "payment" in content["payload"] else None
        if payment is not None:
            apply_payment_update(payment, source="webhook")
        if apply_refund_update(refund, source="webhook") is None and not (payment and payment.is_released):
            raise NoMatchingOrder(f"no captured payment {refund.payment_id} is known")
        return
    if content.get("event") in DISPUTE_EVENTS:
        dispute = dispute_update_from(content["payload"]["dispute"]["entity"], at=int(content.get("created_at") or 0))
        if apply_dispute_update(dispute, source="webhook") is None:
            raise NoMatchingOrder(f"no payment {dispute.payment_id} is known")
        return
    if content.get("event") not in PAYMENT_EVENTS:
        return
    update = payment_update_from(content["payload"]["payment"]["entity"])
    if apply_payment_update(update, source="webhook") is None:
        raise NoMatchingOrder(f"no attempt has the gateway order {update.order_id}")


def _schedule_retry(event: GatewayEvent, problem: str) -> None:
    tries = event.tries + 1
    delay = timedelta(seconds=min(10 * 2**tries, 6 * 3600))
    GatewayEvent.objects.filter(pk=event.pk, applied_at__isnull=True).update(
        tries=tries, problem=problem.replace("\x00", "")[:2000], retry_at=timezone.now() + delay if tries < MAX_TRIES else None
    )
