"""Asking the proof by the clock or by hand, and keeping the answer."""

import logging
import time
from dataclasses import asdict
from datetime import timedelta

from django.utils import timezone

from noirel.backoffice.audit import Finding, compare_with_gateway, run_checks
from noirel.backoffice.models import AuditRun
from noirel.payments.errors import GatewayRefused, GatewayUnavailable
from noirel.payments.models import GatewayEvent, Payment

log = logging.getLogger(__name__)

LOOKBACK = timedelta(days=7)
WEBHOOK_SILENCE = timedelta(minutes=15)


def run_audit(*, actor: str = "") -> AuditRun:
    """Prove everything, ask the gateway about its last days, and keep what was found. Outside any transaction."""
    began = time.monotonic()
    findings = run_checks()
    with_gateway = True
    try:
        end = timezone.now() - timedelta(minutes=1)
        findings += compare_with_gateway(end - LOOKBACK, end)
    except (GatewayUnavailable, GatewayRefused) as error:
        with_gateway = False
        log.warning("the gateway could not be asked: %s", error.code)
    if are_webhooks_silent():
        findings.append(Finding("webhooks.silent", "razorpay", "payments are captured, and no webhook tells of them"))
    run = AuditRun.objects.create(
        milliseconds=int((time.monotonic() - began) * 1000),
        with_gateway=with_gateway,
        findings=[asdict(finding) for finding in findings],
        actor=actor,
    )
    if findings:
        log.error("the proof found %s things that are not as they must be", len(findings))
    return run


def are_webhooks_silent() -> bool:
    """Whether money came a while ago and no webhook has come since: the gateway switches a failing one off after 24 hours."""
    newest = Payment.objects.filter(captured_at__lt=timezone.now() - WEBHOOK_SILENCE).order_by("-captured_at").first()
    if newest is None or newest.captured_at is None:
        return False
    return not GatewayEvent.objects.filter(received_at__gte=newest.captured_at - timedelta(minutes=5)).exists()
