"""Rows that name a job or an event handler follow the functions' new names, so that no handler runs twice for one event."""

from typing import Any

from django.db import migrations

JOBS = {
    "noirel.payments.jobs.look_at_unverified_webhooks": "noirel.payments.jobs.recheck_unverified_webhooks",
    "noirel.payments.jobs.return_stray_money": "noirel.payments.jobs.refund_unmatched_payments",
    "noirel.payments.jobs.ask_about_uncaptured_strays": "noirel.payments.jobs.poll_uncaptured_unmatched",
    "noirel.payments.jobs.follow_refunds": "noirel.payments.jobs.process_refunds",
    "noirel.catalog.jobs.follow_time": "noirel.catalog.jobs.update_dated_rules",
    "noirel.catalog.jobs.choose_best_sellers": "noirel.catalog.jobs.update_best_sellers",
    "noirel.catalog.jobs.forget_changes": "noirel.catalog.jobs.delete_old_changes",
    "noirel.backoffice.jobs.forget_files": "noirel.backoffice.jobs.delete_old_files",
    "noirel.core.events.forget_told_events": "noirel.core.events.delete_delivered_events",
    "noirel.core.idempotency.forget_old_keys": "noirel.core.http.idempotency.delete_expired_records",
    "noirel.core.throttling.forget_ended_windows": "noirel.core.http.throttling.delete_expired_windows",
    "noirel.catalog.jobs.find_words": "noirel.catalog.jobs.update_search_words",
    "noirel.core.edge.purge_changed": "noirel.core.cache.cdn.purge_changed",
}
MAILS = "noirel.notifications.services.orders"
HANDLERS = {f"{MAILS}.send_set_aside": f"{MAILS}.send_authorized", f"{MAILS}.send_let_go": f"{MAILS}.send_released"}


def rename(apps: Any, schema_editor: Any) -> None:
    jobs = apps.get_model("core", "TimedJob").objects
    for old, new in JOBS.items():
        if not jobs.filter(name=new).exists():
            jobs.filter(name=old).update(name=new)
    for event in apps.get_model("core", "OutboxEvent").objects.filter(done_at=None).exclude(told=[]):
        event.told = [HANDLERS.get(name, name) for name in event.told]
        event.save(update_fields=["told"])


class Migration(migrations.Migration):
    dependencies = [("core", "0008_purge")]

    operations = [migrations.RunPython(rename, migrations.RunPython.noop)]
