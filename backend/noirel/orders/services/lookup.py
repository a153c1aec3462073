"""A fresh link to an order, for who lost it."""

from django.db import transaction

from noirel.core.events import publish
from noirel.orders.models import Order


@transaction.atomic
def send_link(*, number: str, email: str) -> None:
    """Have the order's link mailed to the address it was bought with; silent when the two don't belong together."""
    order = Order.objects.filter(number=number.strip().upper(), email__iexact=email.strip()).first()
    if order is not None:
        publish("order.link_asked", key=order.number, payload={"number": order.number})
