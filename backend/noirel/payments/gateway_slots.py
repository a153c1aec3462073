"""How many threads of this process may wait for the payment service at once.

A service that does not answer holds a thread until its calls time out. The threads that are left serve everybody else.
"""

import functools
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from noirel.core.slots import Slots
from noirel.payments.errors import GatewayBusy

PATIENCE_SECONDS = 1.0


@functools.cache
def _slots() -> Slots:
    return Slots(settings.GATEWAY_CONCURRENCY, patience=PATIENCE_SECONDS)


@contextmanager
def gateway_slot() -> Iterator[None]:
    """For the time of a call to the payment service, or of a use case that will make one: then it is refused before it begins.

    May be nested. Raises GatewayBusy.
    """
    with _slots().take() as got:
        if not got:
            raise GatewayBusy
        yield
