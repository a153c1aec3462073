"""Links to an order: mailing a new one, and revoking all of them."""

from django.db import transaction

from noirel.core import audit_log
from noirel.core.domain.ids import uuid7
from noirel.core.events import publish
from noirel.core.http.throttling import hit
from noirel.core.viewer import Viewer
from noirel.drops.person import plain_email
from noirel.orders.models import Order
from noirel.orders.services.transition import add_timeline_entry, lock_order


@transaction.atomic
def send_link(*, number: str, email: str) -> None:
    """Have the order's link mailed to the address it was bought with; silent when the two don't belong together.

    Also silent past the limit for the order and for the mailbox: the links that were mailed still work. Only the right pair of
    number and address counts against the two, any other pair against itself, so a stranger who guesses takes nothing from the
    buyer. The work is the same for all: the time of the answer doesn't tell, and an event without an order mails nothing.
    """
    number, email = number.strip().upper(), email.strip()
    order = Order.objects.filter(number=number, email__iexact=email).first()
    is_counted_out = [
        hit("lookup_order", number if order else f"{number} {email}"),
        hit("lookup_email", plain_email(email) if order else f"{number} {plain_email(email)}"),
    ]
    if not any(is_counted_out):
        publish(
            "order.link_asked", key=order.number if order else uuid7().hex, payload={"number": order.number if order else ""}
        )


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
