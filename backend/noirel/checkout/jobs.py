"""Scheduled jobs: guest carts end when nobody has used them for a long time."""

from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from noirel.drops.models import Entry
from noirel.orders.lifecycle import Status
from noirel.payments.lifecycle import OPEN

GUEST_CART_LIFETIME = timedelta(days=90)  # the privacy page says so
BATCH = 500

# A cart that money or a right still hangs on stays: its order, unpaid, puts its lines back when it ends, a payment may still
# succeed, and a drawn right is used from it. SKIP LOCKED: who shops at this moment keeps the cart, since that changes it.
_UNUSED = """
SELECT c.id FROM cart_cart c
WHERE c.user_id IS NULL AND c.updated_at < %s
  AND NOT EXISTS (SELECT 1 FROM orders_order o WHERE o.cart_id = c.id AND (
    o.status = %s OR EXISTS (SELECT 1 FROM payments_payment p WHERE p.order_id = o.id AND p.status = ANY (%s))
  ))
  AND NOT EXISTS (SELECT 1 FROM drops_entry e WHERE e.cart_id = c.id AND e.state = %s AND e.claim_by > %s)
ORDER BY c.updated_at LIMIT %s FOR UPDATE OF c SKIP LOCKED
"""


def forget_guest_carts() -> int:
    """Delete guests' carts that nobody has changed for GUEST_CART_LIFETIME, in transactions of BATCH; returns how many.

    Never one with an unpaid order, an open payment attempt or a right of a drop that can still be used. Safe to repeat.
    """
    ended = 0
    while count := _forget_batch():
        ended += count
        if count < BATCH:
            break
    return ended


@transaction.atomic
def _forget_batch() -> int:
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(
            _UNUSED, [now - GUEST_CART_LIFETIME, Status.PENDING_PAYMENT, sorted(OPEN), Entry.State.OFFERED, now, BATCH]
        )
        ids = [row[0] for row in cursor.fetchall()]
        if ids:
            cursor.execute("DELETE FROM cart_cartline WHERE cart_id = ANY (%s)", [ids])
            cursor.execute("DELETE FROM cart_cart WHERE id = ANY (%s)", [ids])
    return len(ids)
