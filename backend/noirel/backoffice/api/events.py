"""What the gateway told us, as it came, and what we had to tell ourselves."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from noirel.backoffice import event_log
from noirel.core.domain.errors import NotFound
from noirel.core.events import redeliver
from noirel.core.http import APIView, Out, Request, choice_param, page_of, paginate, without_body
from noirel.core.http.idempotency import idempotent
from noirel.core.models import OutboxEvent
from noirel.orders.shapes import format_instant
from noirel.payments.models import GatewayEvent
from noirel.payments.services.webhook import replay_event


class WebhookEventOut(Out):
    id = serializers.IntegerField()
    event_id = serializers.CharField()
    name = serializers.CharField()
    state = serializers.ChoiceField(list(event_log.WEBHOOK_STATES))
    order = serializers.CharField(allow_null=True)
    about = serializers.CharField(help_text="The payment, refund, dispute or gateway order it tells of.")
    received_at = serializers.DateTimeField()
    applied_at = serializers.DateTimeField(allow_null=True)
    retry_at = serializers.DateTimeField(allow_null=True)
    tries = serializers.IntegerField()
    problem = serializers.CharField()


class WebhookEventWholeOut(WebhookEventOut):
    account_id = serializers.CharField()
    content_hash = serializers.CharField(help_text="SHA-256 of the raw body.")
    body = serializers.CharField(help_text="The raw body: its signature was right.")


class OutboxEventOut(Out):
    id = serializers.IntegerField()
    name = serializers.CharField()
    state = serializers.ChoiceField(list(event_log.OUTBOX_STATES))
    key = serializers.CharField(help_text="What it is about: events of one key are told in order.")
    order = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()
    done_at = serializers.DateTimeField(allow_null=True)
    not_before = serializers.DateTimeField()
    attempts = serializers.IntegerField()
    told = serializers.ListField(child=serializers.CharField(), help_text="Who has heard it.")
    last_error = serializers.CharField()


class OutboxEventWholeOut(OutboxEventOut):
    payload = serializers.DictField()


def _webhook_json(event: GatewayEvent, order: str | None) -> dict[str, Any]:
    return {
        "id": event.pk,
        "event_id": event.event_id,
        "name": event.name,
        "state": event_log.webhook_state(event),
        "order": order,
        "about": event_log.subject_of(event).subject,
        "received_at": format_instant(event.received_at),
        "applied_at": format_instant(event.applied_at),
        "retry_at": format_instant(event.retry_at),
        "tries": event.tries,
        "problem": event.problem,
    }


def _webhook_detail_json(event: GatewayEvent) -> dict[str, Any]:
    return _webhook_json(event, event_log.order_numbers([event]).get(event.pk)) | {
        "account_id": event.account_id,
        "content_hash": event.content_hash,
        "body": bytes(event.body).decode("utf-8", "replace"),
    }


def _outbox_json(event: OutboxEvent) -> dict[str, Any]:
    return {
        "id": event.pk,
        "name": event.name,
        "state": event_log.outbox_state(event),
        "key": event.key,
        "order": event.payload.get("number") if isinstance(event.payload, dict) else None,
        "created_at": format_instant(event.created_at),
        "done_at": format_instant(event.done_at),
        "not_before": format_instant(event.not_before),
        "attempts": event.attempts,
        "told": event.told,
        "last_error": event.last_error,
    }


def _get_or_404(rows: Any, pk: int) -> Any:
    row = rows.filter(pk=pk).first()
    if row is None:
        raise NotFound("There is no such event.")
    return row


_LIST = [OpenApiParameter("q", str), OpenApiParameter("limit", int), OpenApiParameter("cursor", str)]


class WebhookEventsView(APIView):
    """Newest first. `q` is a name, an event's id, or the id of what it tells of."""

    permission = "orders.refund"

    @extend_schema(
        parameters=[OpenApiParameter("state", str, enum=list(event_log.WEBHOOK_STATES)), *_LIST],
        responses=page_of(WebhookEventOut),
    )
    def get(self, request: Request) -> Response:
        state = choice_param(request, "state", event_log.WEBHOOK_STATES) or ""
        rows = event_log.webhooks(state=state, q=request.query_params.get("q", "").replace("\x00", "").strip())
        page = paginate(rows, request, order=("-id",), out=lambda event: event)
        orders = event_log.order_numbers(page["results"])
        page["results"] = [_webhook_json(event, orders.get(event.pk)) for event in page["results"]]
        return Response(page)


class WebhookEventView(APIView):
    permission = "orders.refund"

    @extend_schema(responses=WebhookEventWholeOut)
    def get(self, request: Request, event_id: int) -> Response:
        return Response(_webhook_detail_json(_get_or_404(GatewayEvent.objects, event_id)))


class ReplayWebhookView(APIView):
    """Apply a stored event once more: what it tells is taken in once, however often it is told."""

    permission = "orders.refund"

    @idempotent
    @without_body(responses=WebhookEventWholeOut)
    def post(self, request: Request, event_id: int) -> Response:
        event = _get_or_404(GatewayEvent.objects, event_id)
        return Response(_webhook_detail_json(replay_event(event, actor=request.viewer)))


class OutboxEventsView(APIView):
    """Newest first. `q` is a name or a key, an order's number for one."""

    permission = "orders.refund"

    @extend_schema(
        parameters=[OpenApiParameter("state", str, enum=list(event_log.OUTBOX_STATES)), *_LIST],
        responses=page_of(OutboxEventOut),
    )
    def get(self, request: Request) -> Response:
        state = choice_param(request, "state", event_log.OUTBOX_STATES) or ""
        rows = event_log.outbox(state=state, q=request.query_params.get("q", "").replace("\x00", "").strip())
        return Response(paginate(rows, request, order=("-id",), out=_outbox_json))


class OutboxEventView(APIView):
    permission = "orders.refund"

    @extend_schema(responses=OutboxEventWholeOut)
    def get(self, request: Request, event_id: int) -> Response:
        event: OutboxEvent = _get_or_404(OutboxEvent.objects, event_id)
        return Response(_outbox_json(event) | {"payload": event.payload})


class RetryOutboxEventView(APIView):
    """Tell an event that is not told yet again, now, to those who have not heard it. 409 once all have."""

    permission = "orders.refund"

    @idempotent
    @without_body(responses=OutboxEventWholeOut)
    def post(self, request: Request, event_id: int) -> Response:
        event = redeliver(_get_or_404(OutboxEvent.objects, event_id), actor=request.viewer)
        return Response(_outbox_json(event) | {"payload": event.payload})
