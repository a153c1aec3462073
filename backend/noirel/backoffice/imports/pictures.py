"""Fetching pictures that files and stories name by address: after the import, by the worker, a while at a time."""

from datetime import timedelta
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from noirel.backoffice.models import PendingPicture
from noirel.content.errors import PictureRefused
from noirel.content.models import MediaAsset
from noirel.content.remote import HostUnreachable, fetch_picture
from noirel.content.services import render_picture
from noirel.core import events, jobs

MAX_SECONDS = 5.0  # of one turn: imports wait in the same lane
MAX_TRIES = 6
RETRY_DELAY = timedelta(minutes=5)  # doubled with each try that found nobody there


def request_story_pictures(payload: dict[str, Any]) -> None:
    """`product.story_pictures`: queue the pictures that staff named in a story, like those that an import names.

    payload maps each address to its alternative text. A known address is not fetched again.
    """
    pictures: dict[str, str] = payload["pictures"]
    known = set(MediaAsset.objects.filter(source__in=pictures).values_list("source", flat=True))
    # In one order, so that two who name the same pictures don't wait for each other.
    new = [MediaAsset(source=source, alt=alt) for source, alt in sorted(pictures.items()) if source not in known]
    MediaAsset.objects.bulk_create(new, ignore_conflicts=True)
    made = MediaAsset.objects.filter(pk__in=[asset.pk for asset in new])
    PendingPicture.objects.bulk_create([PendingPicture(asset=asset) for asset in made])


def fetch_pending() -> int:
    """Fetch pictures that are due until the turn is over; returns how many came. A missing one stops nobody from buying."""
    until = monotonic() + MAX_SECONDS
    dead: set[str] = set()
    fetched = 0
    while monotonic() < until and not jobs.stopping.is_set():
        due = PendingPicture.objects.filter(due_at__lte=Now()).select_related("asset").order_by("due_at", "pk")
        wanted = next((item for item in due[:200] if _host(item) not in dead), None)
        if wanted is None:
            break
        try:
            shown = render_picture(fetch_picture(wanted.asset.source))
        except HostUnreachable as error:
            dead.add(_host(wanted))
            _reschedule(wanted, str(error), is_over=wanted.attempts + 1 >= MAX_TRIES)
        except PictureRefused as error:
            _reschedule(wanted, str(error), is_over=True)
        else:
            with transaction.atomic():
                MediaAsset.objects.filter(pk=wanted.pk).update(**shown, problem="")
                told = {"asset": str(wanted.pk), "changed": ["renditions"]}
                events.publish("media.changed", key=f"media:{wanted.pk}", payload=told)
                wanted.delete()
            fetched += 1
    return fetched


def _host(wanted: PendingPicture) -> str:
    try:
        return urlsplit(wanted.asset.source).netloc
    except ValueError:
        return ""


def _reschedule(wanted: PendingPicture, problem: str, *, is_over: bool) -> None:
    wait = RETRY_DELAY * 2**wanted.attempts
    with transaction.atomic():
        PendingPicture.objects.filter(pk=wanted.pk).update(
            attempts=F("attempts") + 1, problem=problem[:500], due_at=None if is_over else timezone.now() + wait
        )
        if is_over:
            MediaAsset.objects.filter(pk=wanted.pk).update(problem=problem[:300])
