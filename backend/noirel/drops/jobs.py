"""What the clock does with drops."""

import logging

from django.db import transaction
from django.utils import timezone

from noirel.core.domain.errors import ShopError
from noirel.core.viewer import SYSTEM
from noirel.drops.models import Drop, Entry
from noirel.drops.services.launch import close, draw_lots, lock_drop
from noirel.drops.services.rights import pass_on

log = logging.getLogger(__name__)


def close_lotteries() -> None:
    """Write the entries down when their time is over, and draw where chance needs nobody to look a beacon up."""
    due = Drop.objects.filter(mode=Drop.Mode.LOTTERY, status=Drop.Status.ANNOUNCED, closes_at__lte=timezone.now())
    for drop in due:
        try:
            close(drop.slug, actor=SYSTEM)
        except ShopError as error:
            log.warning("lottery %s was not closed: %s", drop.slug, error.detail)
    for drop in Drop.objects.filter(mode=Drop.Mode.LOTTERY, status=Drop.Status.CLOSED, beacon_source=""):
        draw_lots(drop.slug, actor=SYSTEM)


def pass_rights_on() -> None:
    """Rights nobody used in time go to the next in order."""
    lapsing = Entry.objects.filter(state=Entry.State.OFFERED, claim_by__lte=timezone.now())
    short = Drop.objects.filter(mode=Drop.Mode.LOTTERY, status=Drop.Status.DRAWN)
    for slug in {*lapsing.values_list("drop__slug", flat=True), *short.values_list("slug", flat=True)}:
        with transaction.atomic():
            drop = lock_drop(slug)
            if drop.status == Drop.Status.DRAWN:
                pass_on(drop, at=timezone.now())
