"""Links to an order: mailing a new one, and revoking all of them."""

from django.db import transaction

from noirel.core import audit_log
from noirel.core.events import publish
from noirel.core.viewer import Viewer
from noirel.orders.models import Order
from noirel.orders.services.transition import add_timeline_entry, lock_order


@transaction.atomic
def send_link(*, number: str, email: str) -> None:
    """Mail a link to the order's address. Does nothing if the number and address don't belong together."""
    order = Order.objects.filter(number=number.strip().upper(), email__iexact=email.strip()).first()
    if order is not None:
        publish("order.link_asked", key=order.number, payload={"number": order.number})


@transaction.atomic
def revoke_links(viewer: Viewer, order: Order) -> Order:
    """Revoke every link to the order. The buyer can have a new one mailed by looking the order up. Locks the order."""
    locked = lock_order(order.pk)
    locked.link_version += 1
    locked.save(update_fields=["link_version", "updated_at"])
    add_timeline_entry(locked, "order.links_revoked", "Links to this order were revoked.", actor=viewer.name, is_public=False)
    audit_log.record(
        actor=viewer, action="orders.revoke_links", target=f"order:{locked.number}", after={"link_version": locked.link_version}
    )
    return locked
