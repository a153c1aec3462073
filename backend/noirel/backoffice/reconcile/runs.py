"""Asking the proof by the clock or by hand, and keeping the answer."""

import logging
import time
from dataclasses import asdict
from datetime import timedelta

from django.utils import timezone

from noirel.backoffice.models import AuditRun
from noirel.backoffice.proof import Finding, compare_with_gateway, prove
from noirel.payments.errors import GatewayRefused, GatewayUnavailable
from noirel.payments.models import GatewayEvent, Payment

log = logging.getLogger(__name__)

LOOKS_BACK = timedelta(days=7)
SILENCE = timedelta(minutes=15)


def run_audit(*, actor: str = "") -> AuditRun:
    """Prove everything, ask the gateway about its last days, and keep what was found. Outside any transaction."""
    began = time.monotonic()
    findings = prove()
    with_gateway = True
    try:
        end = timezone.now() - timedelta(minutes=1)
        findings += compare_with_gateway(end - LOOKS_BACK, end)
    except (GatewayUnavailable, GatewayRefused) as error:
        with_gateway = False
        log.warning("the gateway could not be asked: %s", error.code)
    if webhooks_are_silent():
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


def webhooks_are_silent() -> bool:
    """Whether money came a while ago and no webhook has come since: the gateway switches a failing one off after 24 hours."""
    newest = Payment.objects.filter(captured_at__lt=timezone.now() - SILENCE).order_by("-captured_at").first()
    if newest is None or newest.captured_at is None:
        return False
    return not GatewayEvent.objects.filter(received_at__gte=newest.captured_at - timedelta(minutes=5)).exists()
