"""GET admin/analytics/summary."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from noirel.backoffice import analytics
from noirel.backoffice.todo import todo_for
from noirel.content.shapes import PictureOut
from noirel.core.http import APIView, MoneyField, Out, Request, day_param


class MoneyComparedOut(Out):
    value = MoneyField()
    previous = MoneyField()


class CountComparedOut(Out):
    value = serializers.IntegerField()
    previous = serializers.IntegerField()


class AnalyticsDayOut(Out):
    date = serializers.DateField()
    net_revenue = MoneyField()
    orders = serializers.IntegerField()
    previous_net_revenue = MoneyField()


class BestSellerOut(Out):
    slug = serializers.CharField()
    name = serializers.CharField()
    image = PictureOut(allow_null=True)
    units = serializers.IntegerField()
    revenue = MoneyField()
    available = serializers.IntegerField(allow_null=True)


class NeedsYouOut(Out):
    kind = serializers.CharField()
    title = serializers.CharField()
    detail = serializers.CharField()
    link = serializers.CharField()
    count = serializers.IntegerField(allow_null=True, help_text="How many the list at `link` holds; null for one thing.")


class AnalyticsSummaryOut(Out):
    to = serializers.DateField()
    net_revenue = MoneyComparedOut()
    orders = CountComparedOut()
    average_order = MoneyComparedOut()
    refunded = MoneyComparedOut()
    units = CountComparedOut()
    series = AnalyticsDayOut(many=True)
    best_sellers = BestSellerOut(many=True)
    needs_you = NeedsYouOut(many=True)

    def get_fields(self) -> dict[str, Any]:
        # `from` is a word of Python's, so it can't be written as an attribute.
        return {"from": serializers.DateField(), **super().get_fields()}


class AnalyticsSummaryView(APIView):
    permission = "analytics.view"

    @extend_schema(
        parameters=[
            OpenApiParameter("from", OpenApiTypes.DATE, description="The shop's own day; the last 30 days if left out."),
            OpenApiParameter("to", OpenApiTypes.DATE),
        ],
        responses=AnalyticsSummaryOut,
    )
    def get(self, request: Request) -> Response:
        span = analytics.range_between(day_param(request, "from"), day_param(request, "to"))
        return Response({**analytics.summary(span), "needs_you": todo_for(request.viewer)})
