"""What staff read and run, under /api/v1/admin/."""

from django.urls import path

from noirel.backoffice.api.analytics import AnalyticsSummaryView
from noirel.backoffice.api.audit import AuditView

urlpatterns = [
    path("admin/analytics/summary", AnalyticsSummaryView.as_view()),
    path("admin/audit", AuditView.as_view()),
]
