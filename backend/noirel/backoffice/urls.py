"""What staff read and run, under /api/v1/admin/."""

from django.urls import path

from noirel.backoffice.api.analytics import AnalyticsSummaryView
from noirel.backoffice.api.audit_log import AuditView
from noirel.backoffice.api.bulk import BulkCancelView, BulkChangesView, BulkChangeView, BulkFindingsView, BulkPreviewView
from noirel.backoffice.api.events import (
    OutboxEventsView,
    OutboxEventView,
    ReplayWebhookView,
    RetryOutboxEventView,
    WebhookEventsView,
    WebhookEventView,
)
from noirel.backoffice.api.exports import ExportCancelView, ExportFileView, ExportsView, ExportView
from noirel.backoffice.api.imports import (
    ImportCancelView,
    ImportFindingsFileView,
    ImportFindingsView,
    ImportRunView,
    ImportsView,
    ImportView,
    PendingPicturesView,
)  # fmt: skip
from noirel.backoffice.api.ledger import LedgerEntriesView, LedgerFileView
from noirel.backoffice.api.reconciliation import AuditRunView, ReconciliationView, SettlementsView
from noirel.backoffice.api.review_queue import ReviewQueueItemView, ReviewQueueResolveView, ReviewQueueView

urlpatterns = [
    path("admin/imports", ImportsView.as_view()),
    path("admin/imports/pictures", PendingPicturesView.as_view()),
    path("admin/imports/<uuid:import_id>", ImportView.as_view()),
    path("admin/imports/<uuid:import_id>/run", ImportRunView.as_view()),
    path("admin/imports/<uuid:import_id>/cancel", ImportCancelView.as_view()),
    path("admin/imports/<uuid:import_id>/findings", ImportFindingsView.as_view()),
    path("admin/imports/<uuid:import_id>/findings.csv", ImportFindingsFileView.as_view()),
    path("admin/exports", ExportsView.as_view()),
    path("admin/exports/<uuid:export_id>", ExportView.as_view()),
    path("admin/exports/<uuid:export_id>/cancel", ExportCancelView.as_view()),
    path("admin/exports/<uuid:export_id>/file", ExportFileView.as_view()),
    path("admin/bulk-changes", BulkChangesView.as_view()),
    path("admin/bulk-changes/preview", BulkPreviewView.as_view()),
    path("admin/bulk-changes/<uuid:change_id>", BulkChangeView.as_view()),
    path("admin/bulk-changes/<uuid:change_id>/cancel", BulkCancelView.as_view()),
    path("admin/bulk-changes/<uuid:change_id>/findings", BulkFindingsView.as_view()),
    path("admin/analytics/summary", AnalyticsSummaryView.as_view()),
    path("admin/audit", AuditView.as_view()),
    path("admin/reconciliation", ReconciliationView.as_view()),
    path("admin/reconciliation/run", AuditRunView.as_view()),
    path("admin/reconciliation/settlements", SettlementsView.as_view()),
    path("admin/ledger/entries", LedgerEntriesView.as_view()),
    path("admin/ledger/entries.csv", LedgerFileView.as_view()),
    path("admin/webhook-events", WebhookEventsView.as_view()),
    path("admin/webhook-events/<natural:event_id>", WebhookEventView.as_view()),
    path("admin/webhook-events/<natural:event_id>/replay", ReplayWebhookView.as_view()),
    path("admin/outbox-events", OutboxEventsView.as_view()),
    path("admin/outbox-events/<natural:event_id>", OutboxEventView.as_view()),
    path("admin/outbox-events/<natural:event_id>/retry", RetryOutboxEventView.as_view()),
    path("admin/desk", ReviewQueueView.as_view()),
    path("admin/desk/<str:item_id>", ReviewQueueItemView.as_view()),
    path("admin/desk/<str:item_id>/resolve", ReviewQueueResolveView.as_view()),
]
