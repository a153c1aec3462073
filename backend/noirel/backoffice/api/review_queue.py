"""GET admin/desk, GET admin/desk/{id}, POST admin/desk/{id}/resolve."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from noirel.backoffice import review_queue
from noirel.core.http import APIView, In, MoneyField, Out, Request, TextField, choices_param
from noirel.core.http.idempotency import idempotent

KINDS = [str(kind) for kind in review_queue.Kind.values]
ACTS = [str(act) for act in review_queue.Action.values]


class DeskEvidenceOut(Out):
    name = serializers.CharField()
    asked = serializers.CharField(help_text="What we asked for or wrote down; empty: nothing.")
    told = serializers.CharField(help_text="What the gateway, or the failure, says; empty: nothing.")
    differs = serializers.BooleanField()


class DeskActOut(Out):
    act = serializers.ChoiceField(ACTS)
    label = serializers.CharField(help_text="What its button says.")  # type: ignore[assignment]  # a name of DRF's own
    says = serializers.CharField(help_text="What happens then, with the sum.")
    needs_note = serializers.BooleanField()


class DeskItemOut(Out):
    id = serializers.CharField()
    kind = serializers.ChoiceField(KINDS)
    subject = serializers.CharField()
    happened = serializers.CharField()
    order = serializers.CharField(allow_null=True)
    amount = MoneyField(allow_null=True)
    evidence = DeskEvidenceOut(many=True)
    proposed = serializers.ChoiceField(ACTS, allow_null=True, help_text="The first of acts; null: it can only be looked into.")
    why = serializers.CharField()
    acts = DeskActOut(many=True)
    deadline = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()


class DeskCountOut(Out):
    kind = serializers.ChoiceField(KINDS)
    count = serializers.IntegerField()


class QueueCountsOut(Out):
    counts = DeskCountOut(many=True)
    total = serializers.IntegerField(help_text="Of all kinds.")


class DeskOut(QueueCountsOut):
    results = DeskItemOut(many=True)


class DeskResolvedOut(Out):
    id = serializers.CharField()
    act = serializers.ChoiceField(ACTS)
    says = serializers.CharField()
    order = serializers.CharField(allow_null=True)


class ResolveIn(In):
    act = serializers.ChoiceField(ACTS)
    note = TextField(multiline=True, max_length=500, required=False, allow_blank=True, default="")


class ReviewQueueView(APIView):
    """Money that needs a decision, and what was never told; the nearest deadline first."""

    permission = "orders.refund"

    @extend_schema(
        parameters=[
            OpenApiParameter("kind", str, many=True, enum=KINDS),
            OpenApiParameter("order", str, description="Only what concerns the order of this number."),
        ],
        responses=DeskOut,
    )
    def get(self, request: Request) -> Response:
        kinds = choices_param(request, "kind", KINDS)
        number = request.query_params.get("order", "").strip().upper()
        results = [item_json(item) for item in review_queue.open_items(kinds) if not number or item.order == number]
        return Response({"results": results} | counts_json())


class ReviewQueueItemView(APIView):
    permission = "orders.refund"

    @extend_schema(responses=DeskItemOut)
    def get(self, request: Request, item_id: str) -> Response:
        return Response(item_json(review_queue.get_item(item_id)))


class ReviewQueueResolveView(APIView):
    """Settle an item by one of its acts, once."""

    permission = "orders.refund"

    @idempotent(required=True)
    @extend_schema(request=ResolveIn, responses=DeskResolvedOut)
    def post(self, request: Request, item_id: str) -> Response:
        wanted = ResolveIn.checked(request.data)
        item = review_queue.resolve(request.viewer, item_id, **wanted)
        says = next(choice.description for choice in item.choices if choice.action == wanted["act"])
        return Response({"id": item.id, "act": wanted["act"], "says": says, "order": item.order})


def counts_json() -> dict[str, Any]:
    """What waits, by kind, for every page that says how much it is."""
    counts = review_queue.counts()
    return {
        "counts": [{"kind": kind, "count": count} for kind, count in counts.items() if count],
        "total": sum(counts.values()),
    }


def item_json(item: review_queue.Item) -> dict[str, Any]:
    return {
        "id": item.id,
        "kind": item.kind,
        "subject": item.subject,
        "happened": item.description,
        "order": item.order,
        "amount": item.amount.json() if item.amount else None,
        "evidence": [
            {"name": fact.name, "asked": fact.expected, "told": fact.actual, "differs": fact.differs}
            for fact in item.evidence
            if fact.expected or fact.actual
        ],
        "proposed": item.choices[0].action if item.choices else None,
        "why": item.reason,
        "acts": [
            {"act": choice.action, "label": choice.label, "says": choice.description, "needs_note": choice.needs_note}
            for choice in item.choices
        ],
        "deadline": item.deadline,
        "created_at": item.created_at,
    }
