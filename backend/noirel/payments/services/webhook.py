"""A webhook: check it, keep it as it came, act on it at once, and again until it worked."""

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
    """Why a stored event would change nothing if it were applied now."""

    OTHER_ACCOUNT = "other_account", "It belongs to another account at the gateway."
    OTHER_MODE = "other_mode", "It was made with keys that are not in use now."
    UNREADABLE = "unreadable", "Its content can't be read."
    UNKNOWN = "unknown", "No order here asked for the payment it names."


class NotApplicable(Conflict):
    """Applying this webhook would change nothing."""

    code, title = "not_applicable", "The webhook can't be applied"


class NoMatchingOrder(Exception):
    """It is about a gateway order we have not written down, or not yet."""


def receive_webhook(body: bytes, *, signature: str, event_id: str, sender: str = "") -> None:
    """Take a webhook in. Returns once it is safely stored, whatever acting on it says.

    Raises SignatureInvalid for a body that is not the gateway's, before anything in it is believed; it is kept unverified.
    Raises Throttled for an address (sender) that sends many of those; what is rightly signed is never counted.
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
    """Take in what did not fit the secrets there were before, and fits those of now."""
    secrets = secrets_fingerprint()
    for row in UnverifiedEvent.objects.exclude(checked_with=secrets).order_by("id")[:BATCH]:
        if is_signed(bytes(row.body), row.signature):
            receive_webhook(bytes(row.body), signature=row.signature, event_id=row.event_id)
            row.delete()
        else:
            UnverifiedEvent.objects.filter(pk=row.pk).update(checked_with=secrets)


def replay_event(event: GatewayEvent, *, actor: Viewer) -> GatewayEvent:
    """Act on a stored event once more, whatever became of it, because staff ask for it; the row as it is then.

    What it tells is taken in once, however often it is told. Dying in between leaves it to the worker. Raises NotApplicable
    for another account's event, or one of keys that are not in use.
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
    """Act on a stored event, with its mark that it was, in one transaction; True when it is done.

    What fails is tried again with growing pauses, at last parked for staff: nothing is dropped, and nothing is raised. Another
    account's event, or one of keys we do not use now, is marked and left alone.
    """
    try:
        with transaction.atomic():
            locked = GatewayEvent.objects.select_for_update().get(pk=event.pk)
            if locked.applied_at is not None:
                return True
            told = locked.content()
            if mark := _ignore_reason(locked, told):
                GatewayEvent.objects.filter(pk=event.pk).update(mark=mark, retry_at=None)
                log.warning("webhook %s (%s) is left alone: %s", event.event_id, event.name, mark.label)
                return False
            _apply(told)
            GatewayEvent.objects.filter(pk=event.pk).update(applied_at=timezone.now(), retry_at=None, problem="", mark="")
            return True
    except NoMatchingOrder as error:
        _schedule_retry(event, str(error))
    except Exception as error:
        log.exception("webhook %s could not be applied", event.event_id)
        _schedule_retry(event, f"{type(error).__name__}: {error}")
    return False


def obstacle_to(event: GatewayEvent) -> Obstacle | None:
    """What keeps a stored event from being applied now, as far as that is known beforehand. Reads only."""
    try:
        content = event.content()
        if mark := _ignore_reason(event, content):
            return Obstacle(mark)
        if content.get("event") in REFUND_EVENTS:
            refund = refund_update_from(content["payload"]["refund"]["entity"])
            told = content["payload"].get("payment")
            payment = payment_update_from(told["entity"]) if told else None
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


def _is_known(fact: PaymentUpdate) -> bool:
    return Payment.objects.filter(gateway_order_id=fact.order_id).exists()


def _is_captured(payment_id: str) -> bool:
    return (
        Payment.objects.filter(gateway_payment_id=payment_id, status=State.CAPTURED).exists()
        or UnmatchedPayment.objects.filter(gateway_payment_id=payment_id, is_captured=True).exists()
    )


def give_up(event: GatewayEvent) -> None:
    """Leave an event that could not be applied to staff, without further tries."""
    GatewayEvent.objects.filter(pk=event.pk, applied_at__isnull=True).update(retry_at=None, tries=MAX_TRIES)


def close_unapplied(event: GatewayEvent, *, why: str) -> bool:
    """Close an event that will not be applied, with the reason; False when it was closed or applied before."""
    rows = GatewayEvent.objects.filter(pk=event.pk, applied_at__isnull=True)
    return bool(rows.update(applied_at=timezone.now(), retry_at=None, problem=why[:2000]))


def _ignore_reason(event: GatewayEvent, told: Mapping[str, Any]) -> GatewayEvent.IgnoreReason | None:
    """Why this event is none of our business, if it is none."""
    if event.account_id and event.account_id != is_own_account(event.account_id):
        return GatewayEvent.IgnoreReason.OTHER_ACCOUNT
    names = [part.get("entity") or {} for part in (told.get("payload") or {}).values()]
    ours = Payment.objects.filter(
        Q(gateway_order_id__in={str(entity["order_id"]) for entity in names if entity.get("order_id")})
        | Q(gateway_payment_id__in={str(entity["payment_id"]) for entity in names if entity.get("payment_id")})
    )
    if any(is_different_mode(key_id, settings.RAZORPAY_KEY_ID) for key_id in ours.values_list("key_id", flat=True)):
        return GatewayEvent.IgnoreReason.OTHER_MODE
    return None


def _store(body: bytes, *, event_id: str) -> GatewayEvent:
    """The row of this event: new, or the one that is there under the same id or with the same content."""
    content_hash = hashlib.sha256(body).hexdigest()
    name, account = _envelope(body)
    row = GatewayEvent(
        event_id=event_id[:80] or f"sha256:{content_hash}"[:80],
        content_hash=content_hash,
        name=name,
        account_id=account,
        body=body,
        # Due at once: if we die between here and acting on it, the worker finds it.
        retry_at=timezone.now() + timedelta(seconds=30),
    )
    GatewayEvent.objects.bulk_create([row], ignore_conflicts=True)
    kept = GatewayEvent.objects.filter(content_hash=content_hash).first()
    # Same id, other content: a gateway's slip. The content is what was signed, so it is kept under a name of its own.
    if kept is None:
        row.event_id = f"sha256:{content_hash}"[:80]
        GatewayEvent.objects.bulk_create([row], ignore_conflicts=True)
        kept = GatewayEvent.objects.get(content_hash=content_hash)
    return kept


def _envelope(body: bytes) -> tuple[str, str]:
    try:
        told = loads(body)
        return str(told.get("event", ""))[:80], str(told.get("account_id", ""))[:40]
    except (ValueError, AttributeError):
        return "", ""


def _apply(told: dict[str, Any]) -> None:
    if told.get("event") in REFUND_EVENTS:
        refund = refund_update_from(told["payload"]["refund"]["entity"])
        # The payment as it was then comes along: news of its capture, or that it was let go and never captured.
        payment = payment_update_from(told["payload"]["payment"]["entity"]) if "payment" in told["payload"] else None
        if payment is not None:
            apply_payment_update(payment, source="webhook")
        if apply_refund_update(refund, source="webhook") is None and not (payment and payment.is_released):
            raise NoMatchingOrder(f"we know of no captured payment {refund.payment_id}")
        return
    if told.get("event") in DISPUTE_EVENTS:
        dispute = dispute_update_from(told["payload"]["dispute"]["entity"], at=int(told.get("created_at") or 0))
        if apply_dispute_update(dispute, source="webhook") is None:
            raise NoMatchingOrder(f"we know of no payment {dispute.payment_id}")
        return
    if told.get("event") not in PAYMENT_EVENTS:
        return
    fact = payment_update_from(told["payload"]["payment"]["entity"])
    if apply_payment_update(fact, source="webhook") is None:
        raise NoMatchingOrder(f"no attempt has the gateway order {fact.order_id}")


def _schedule_retry(event: GatewayEvent, problem: str) -> None:
    tries = event.tries + 1
    pause = timedelta(seconds=min(10 * 2**tries, 6 * 3600))
    GatewayEvent.objects.filter(pk=event.pk, applied_at__isnull=True).update(
        tries=tries, problem=problem.replace("\x00", "")[:2000], retry_at=timezone.now() + pause if tries < MAX_TRIES else None
    )
