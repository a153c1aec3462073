"""Who reacts to which event, and what the clock does: all of it, on one page.

BEFORE handlers run before the change, outside any transaction: they may ask the outside, and refuse it.
IN_TRANSACTION handlers run inside the change and may refuse it. AFTER_COMMIT handlers get the payload from the worker,
at least once and in order for each key: they get ids, not objects, and running one twice does what running it once does.
JOBS are (every so many seconds, what); LONG_JOBS are those that may take minutes, one after the other beside them, OUTSIDE_JOBS
those that wait for somebody who may be away.
"""

from collections.abc import Callable, Mapping, Sequence

from noirel.accounts.services import tokens
from noirel.backoffice import jobs as backoffice
from noirel.backoffice.imports import pictures as named_pictures
from noirel.cart import services as cart
from noirel.catalog import jobs as catalogue_jobs
from noirel.catalog.services import availability as catalogue
from noirel.catalog.services import pictures
from noirel.checkout import jobs as checkout_jobs
from noirel.content import jobs as content
from noirel.core import events
from noirel.core.cache import cdn
from noirel.core.http import idempotency, throttling
from noirel.drops import jobs as drop_jobs
from noirel.drops.services import claim as drops
from noirel.drops.services import entries
from noirel.inventory import services as inventory
from noirel.ledger import jobs as ledger
from noirel.notifications.services import accounts as account_mails
from noirel.notifications.services import drops as drop_mails
from noirel.notifications.services import orders as order_mails
from noirel.notifications.services import staff as staff_mails
from noirel.orders import jobs as orders
from noirel.payments import jobs as payments
from noirel.payments.services import capture_authorized, refund

Handler = events.Handler

BEFORE: Mapping[str, Sequence[Handler]] = {
    "order.dispatch": [capture_authorized.capture_before_dispatch],
}
IN_TRANSACTION: Mapping[str, Sequence[Handler]] = {
    "accounts.signed_in": [cart.adopt_guest_cart],
    "accounts.erased": [entries.forget, idempotency.forget_user, cart.delete_member_cart],
    "media.changed": [pictures.refresh_picture],
    "order.cancelled": [cart.restore_lines, drops.give_back, refund.refund_cancelled],
    "order.rest_cancelled": [refund.refund_cancelled_remainder],
    "order.expired": [cart.restore_lines, drops.give_back],
    "product.story_pictures": [named_pictures.request_story_pictures],
}
AFTER_COMMIT: Mapping[str, Sequence[Handler]] = {
    "accounts.registered": [account_mails.send_welcome],
    "accounts.reset_asked": [account_mails.send_reset_link],
    "accounts.password_changed": [account_mails.send_password_changed],
    "accounts.email_change_asked": [account_mails.send_email_change_link],
    "order.paid": [order_mails.send_receipt, catalogue.count_sales, inventory.commit_samples],
    "order.cancelled": [order_mails.send_cancelled, inventory.release_samples],
    "order.emptied": [inventory.release_samples],
    "order.shipped": [order_mails.send_shipped, inventory.dispatch_samples],
    "order.tracking_changed": [order_mails.send_new_tracking],
    "order.link_asked": [order_mails.send_order_link],
    "drop.entry_asked": [drop_mails.send_entry_link],
    "drop.postponed": [drop_mails.send_postponed],
    "drop.won": [drop_mails.send_right],
    "payment.authorized": [order_mails.send_authorized],
    "payment.let_go": [order_mails.send_released, staff_mails.send_released],
    "payment.capture_due": [staff_mails.send_capture_due],
    "refund.requested": [order_mails.send_refund],
    "refund.processed": [order_mails.send_refund],
}
JOBS: Sequence[tuple[int, Callable[[], object]]] = [
    (15, payments.expire_unpaid_orders),
    (10, payments.reconcile_payments),
    (10, payments.retry_webhooks),
    (60, payments.recheck_unverified_webhooks),
    (30, payments.refund_unmatched_payments),
    (300, payments.poll_uncaptured_unmatched),
    (300, payments.warn_of_captures),
    (10, payments.process_refunds),
    (10, drop_jobs.close_lotteries),
    (30, drop_jobs.pass_rights_on),
    (60, ledger.seal_entries),
    (60, orders.seal_timelines),
    (300, backoffice.sweep_gateway),
    (6 * 3600, backoffice.import_settlements),
    (60, catalogue_jobs.update_dated_rules),
    (600, catalogue_jobs.update_best_sellers),
    (600, catalogue_jobs.delete_old_changes),
    (24 * 3600, backoffice.audit),
    (24 * 3600, backoffice.delete_old_files),
    (3600, events.delete_delivered_events),
    (3600, idempotency.delete_expired_records),
    (3600, tokens.forget_ended_sessions),
    (60, throttling.delete_expired_windows),
    (3600, content.forget_old_uploads),
    (3600, checkout_jobs.forget_guest_carts),
]
LONG_JOBS: Sequence[tuple[int, Callable[[], object]]] = [
    (1, content.render_due),  # somebody looks at the page and waits
    (1, backoffice.run_bulk_changes),
    (1, backoffice.run_imports),
    (1, backoffice.run_exports),
    (10, backoffice.fetch_pictures),
    (30, catalogue_jobs.update_search_words),
]
OUTSIDE_JOBS: Sequence[tuple[int, Callable[[], object]]] = [
    (1, cdn.purge_changed),
]
